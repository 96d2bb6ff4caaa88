// The other end of the socket: calls by id, pushes, and one clear fault for every way a core can be gone.
import { createConnection, type Socket } from 'node:net';
import type { MethodName, Params, Push, Returns } from '#console/api.ts';
import { err, ok, type Result } from '#shared/result.ts';
import { lineReader } from './lines.ts';
import { replySchema } from './wire.ts';

/** A core, wherever it runs. */
export interface CoreLink {
  readonly call: <M extends MethodName>(
    method: M,
    params: Params<M>,
  ) => Promise<Result<Returns<M>>>;
  /** Names of what changed; the returned function ends it. */
  readonly onPush: (listener: (push: Push) => void) => () => void;
  readonly close: () => Promise<void>;
  /** True: a core that runs and has a broker; false: the home opened for this one command. */
  readonly live: boolean;
}

const MAX_REPLY_BYTES = 512 * 1024 * 1024;
type Waiting = (result: Result<unknown>) => void;

/** Faults: CORE_UNREACHABLE when nobody listens; later calls end as CORE_GONE when the core goes away. */
export async function connectCore(path: string): Promise<Result<CoreLink>> {
  const socket = createConnection(path);
  const failed = await new Promise<Error | undefined>((resolve) => {
    socket.once('connect', () => resolve(undefined)).once('error', resolve);
  });
  if (failed) {
    return err('CORE_UNREACHABLE', `no core listens at ${path}`, {
      hint: 'start it: `muster serve`',
    });
  }
  return ok(linkOver(socket));
}

function linkOver(socket: Socket): CoreLink {
  const waiting = new Map<number, Waiting>();
  const listeners = new Set<(push: Push) => void>();
  const gone = err('CORE_GONE', 'the core ended the connection before it answered', {
    hint: 'look at the log of `muster serve`; then check with `muster status` before trying again',
  });
  let lastId = 0;
  const reader = lineReader(MAX_REPLY_BYTES, (line) => {
    const reply = parseReply(line);
    if (!reply) return socket.destroy();
    if ('push' in reply) for (const listener of listeners) listener(reply.push as Push);
    // An answer without an id is about the connection as a whole.
    else if (reply.id === null) for (const done of waiting.values()) done(reply as Result<unknown>);
    else waiting.get(Number(reply.id))?.(reply as Result<unknown>);
  });
  socket.on('data', (chunk: Buffer) => {
    if (!reader.take(chunk)) socket.destroy();
  });
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    for (const done of waiting.values()) done(gone);
  });
  const call = (method: MethodName, params: unknown): Promise<Result<unknown>> => {
    if (!socket.writable) return Promise.resolve(gone);
    const id = ++lastId;
    return new Promise((resolve) => {
      waiting.set(id, (result) => {
        waiting.delete(id);
        resolve(result);
      });
      socket.write(`${JSON.stringify({ id, method, params })}\n`);
    });
  };
  return {
    // What a method resolves to is promised by the same list on the other end of a 0600 socket.
    call: call as CoreLink['call'],
    onPush: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () =>
      new Promise((resolve) => {
        if (socket.destroyed) return resolve();
        socket.once('close', () => resolve()).end();
      }),
    live: true,
  };
}

function parseReply(line: string) {
  try {
    return replySchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
