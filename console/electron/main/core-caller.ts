// The main process as a client of the core: calls by id over a port, answers parsed, a gone core is a fault at once.
import type { MessagePortMain } from 'electron';
import type { MethodName } from '#console/api.ts';
import { replySchema } from '#console/server/wire.ts';
import { err, type Fault, type Result } from '#shared/result.ts';

/** What the answer holds is for the caller to parse. Fault: CORE_GONE, and those of the method. */
export type CoreCaller = (method: MethodName, params: unknown) => Promise<Result<unknown>>;

export interface CallerPort {
  readonly call: CoreCaller;
  readonly usePort: (port: MessagePortMain) => void;
  readonly lose: () => void;
}

const GONE = err('CORE_GONE', 'the console core does not answer', {
  hint: 'wait until the console shows it again, then try once more',
});

export function corePort(): CallerPort {
  const waiting = new Map<number, (result: Result<unknown>) => void>();
  let port: MessagePortMain | undefined;
  let lastId = 0;
  const lose = (): void => {
    port?.close();
    port = undefined;
    for (const done of waiting.values()) done(GONE);
    waiting.clear();
  };
  const take = (data: unknown): void => {
    const reply = replySchema.safeParse(parseJson(data)).data;
    if (!reply || 'push' in reply) return;
    const done = waiting.get(Number(reply.id));
    waiting.delete(Number(reply.id));
    done?.(reply.ok ? reply : { ok: false, fault: reply.fault as Fault });
  };
  return {
    call: (method, params) => {
      const to = port;
      if (!to) return Promise.resolve(GONE);
      const id = ++lastId;
      return new Promise((resolve) => {
        waiting.set(id, resolve);
        to.postMessage(JSON.stringify({ id, method, params }));
      });
    },
    usePort: (next) => {
      lose();
      port = next;
      next.on('message', ({ data }) => take(data));
      next.start();
    },
    lose,
  };
}

function parseJson(data: unknown): unknown {
  try {
    return JSON.parse(String(data));
  } catch {
    return undefined;
  }
}
