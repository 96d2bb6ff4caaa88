// Chromium's own protocol over one WebSocket, with a session for each page.
import { WebSocket } from 'ws';

type Json = Record<string, unknown>;
type Listener = (params: Json) => void;

export interface CdpSession {
  readonly send: (method: string, params?: Json) => Promise<Json>;
  readonly on: (event: string, listener: Listener) => void;
}
export interface Cdp extends CdpSession {
  readonly session: (sessionId: string) => CdpSession;
}

export async function connectCdp(url: string): Promise<Cdp> {
  const socket = new WebSocket(url, { perMessageDeflate: false, maxPayload: 64 * 1024 * 1024 });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  const waiting = new Map<number, PromiseWithResolvers<Json>>();
  const listeners = new Map<string, Listener[]>();
  let lastId = 0;
  socket.on('message', (data) => {
    const message = JSON.parse(data.toString()) as Json & { readonly error?: Json };
    if (typeof message.id === 'number') {
      const call = waiting.get(message.id);
      waiting.delete(message.id);
      if (message.error) call?.reject(new Error(String(message.error.message)));
      else call?.resolve(message.result as Json);
      return;
    }
    const key = `${String(message.sessionId ?? '')} ${String(message.method)}`;
    for (const listener of listeners.get(key) ?? []) listener(message.params as Json);
  });
  socket.on('close', () => {
    for (const call of waiting.values()) call.reject(new Error('the browser is gone'));
  });
  const sessionOf = (sessionId: string): CdpSession => ({
    send: (method, params = {}) => {
      const call = Promise.withResolvers<Json>();
      const id = ++lastId;
      waiting.set(id, call);
      socket.send(
        JSON.stringify({ id, method, params, ...(sessionId === '' ? {} : { sessionId }) }),
      );
      return call.promise;
    },
    on: (event, listener) => {
      const key = `${sessionId} ${event}`;
      listeners.set(key, [...(listeners.get(key) ?? []), listener]);
    },
  });
  return { ...sessionOf(''), session: sessionOf };
}
