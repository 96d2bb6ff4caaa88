// Calls by id over any channel of text messages: what WebSocket and MessagePort share.
import type { Push } from '#console/api.ts';
import type { Fault, Result } from '#shared/result.ts';
import type { ConsoleTransport, LinkState } from './transport.ts';

export const GONE: Fault = {
  code: 'CORE_GONE',
  message: 'the console core does not answer',
  hint: 'start it with `muster serve`; this page reconnects by itself',
};

export interface CallDesk {
  /** Sends when the way is open; keeps what is asked before it first opens; answers CORE_GONE once it is gone. */
  readonly call: ConsoleTransport['call'];
  readonly take: (text: string) => void;
  readonly setState: (state: LinkState) => void;
  readonly setSend: (send: ((text: string) => void) | undefined) => void;
  readonly state: () => LinkState;
  readonly onPush: ConsoleTransport['onPush'];
  readonly onState: ConsoleTransport['onState'];
}

type Reply = {
  readonly id?: unknown;
  readonly ok?: unknown;
  readonly value?: unknown;
  readonly fault?: Fault;
  readonly push?: Push;
};

export function callDesk(): CallDesk {
  const waiting = new Map<number, (result: Result<unknown>) => void>();
  const pushListeners = new Set<(push: Push) => void>();
  const stateListeners = new Set<(state: LinkState) => void>();
  let state: LinkState = { is: 'connecting' };
  let send: ((text: string) => void) | undefined;
  let early: string[] = [];
  let lastId = 0;

  const call = (method: string, params: unknown): Promise<Result<unknown>> => {
    if (!send && state.is !== 'connecting') return Promise.resolve({ ok: false, fault: GONE });
    const id = ++lastId;
    const text = JSON.stringify({ id, method, params });
    return new Promise((resolve) => {
      waiting.set(id, resolve);
      if (send) send(text);
      else early.push(text);
    });
  };
  return {
    // What a method resolves to is promised by the same list on the other end.
    call: call as ConsoleTransport['call'],
    take: (text) => {
      const reply = JSON.parse(text) as Reply;
      if (reply.push) {
        for (const listener of pushListeners) listener(reply.push);
        return;
      }
      const id = Number(reply.id);
      const done = waiting.get(id);
      waiting.delete(id);
      done?.(
        reply.ok === true
          ? { ok: true, value: reply.value }
          : { ok: false, fault: reply.fault ?? GONE },
      );
    },
    setSend: (next) => {
      send = next;
      if (next) for (const text of early) next(text);
      early = [];
      if (next) return;
      for (const done of waiting.values()) done({ ok: false, fault: GONE });
      waiting.clear();
    },
    setState: (next) => {
      state = next;
      for (const listener of stateListeners) listener(next);
    },
    state: () => state,
    onPush: (listener) => listen(pushListeners, listener),
    onState: (listener) => listen(stateListeners, listener),
  };
}

function listen<T>(set: Set<T>, listener: T): () => void {
  set.add(listener);
  return () => set.delete(listener);
}
