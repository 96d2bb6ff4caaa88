// A way to a core as texts: the socket of this machine, or the WebSocket of a server. One request or answer is one text.
import { createConnection } from 'node:net';
import { WebSocket } from 'ws';
import { SUBPROTOCOL } from '#console/server/doorman.ts';
import { lineReader } from '#console/server/lines.ts';
import { err, type Fault, ok, type Result } from '#shared/result.ts';

export interface TextLink {
  readonly send: (text: string) => void;
  readonly close: () => void;
}
export interface LinkEnds {
  readonly onText: (text: string) => void;
  /** Called once, when a link that was open ends. */
  readonly onEnd: (fault: Fault) => void;
}

const MAX_REPLY_BYTES = 512 * 1024 * 1024;
const OPEN_MS = 10_000;
const ENDED: Fault = { code: 'CORE_GONE', message: 'the core ended the connection' };

/** Fault: CORE_UNREACHABLE. */
export async function socketLink(path: string, ends: LinkEnds): Promise<Result<TextLink>> {
  const socket = createConnection(path);
  const failed = await new Promise<Error | undefined>((resolve) => {
    socket.once('connect', () => resolve(undefined)).once('error', resolve);
  });
  if (failed) return err('CORE_UNREACHABLE', `no core listens at ${path}`);
  const reader = lineReader(MAX_REPLY_BYTES, ends.onText);
  socket.on('data', (chunk: Buffer) => {
    if (!reader.take(chunk)) socket.destroy();
  });
  socket.on('error', () => socket.destroy());
  socket.once('close', () => ends.onEnd(ENDED));
  return ok({
    // JSON needs no line end outside of strings, and inside it is escaped: what holds one would be two requests.
    send: (text) => void socket.write(`${text.replaceAll('\n', ' ')}\n`),
    close: () => socket.destroy(),
  });
}

/** `base` is the server's origin. Faults: CORE_UNREACHABLE, UNAUTHORIZED, SERVER. */
export async function serverLink(
  base: string,
  token: string,
  ends: LinkEnds,
): Promise<Result<TextLink>> {
  const address = new URL('/ws', base);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  const socket = new WebSocket(address, [SUBPROTOCOL], {
    headers: { authorization: `Bearer ${token}` },
    maxPayload: MAX_REPLY_BYTES,
    handshakeTimeout: OPEN_MS,
  });
  const failed = await new Promise<Fault | undefined>((resolve) => {
    socket.once('open', () => resolve(undefined));
    socket.on('error', ({ message }) => resolve(unreachable(base, message)));
    socket.once('unexpected-response', (request, { statusCode }) => {
      request.destroy();
      resolve(refused(base, statusCode ?? 0));
    });
  });
  if (failed) {
    socket.terminate();
    return { ok: false, fault: failed };
  }
  socket.on('message', (data) => ends.onText(data.toString()));
  socket.once('close', () => ends.onEnd(ENDED));
  return ok({ send: (text) => socket.send(text), close: () => socket.close() });
}

const unreachable = (base: string, why: string): Fault => ({
  code: 'CORE_UNREACHABLE',
  message: `${base} is not reached: ${why}`,
});

const refused = (base: string, status: number): Fault =>
  status === 401
    ? {
        code: 'UNAUTHORIZED',
        message: `${base} does not know this console's token`,
        hint: 'choose the server again with the content of its http-token',
      }
    : { code: 'SERVER', message: `${base} answered ${status}: is a console served there?` };
