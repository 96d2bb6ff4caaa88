// Keeps the core's process alive, and ways to the core open: a lost way is asked for again for as long as somebody wants it.
import { MessageChannelMain, type MessagePortMain, type UtilityProcess } from 'electron';
import { z } from 'zod';
import type { ConnectMessage, FaultShape, Target } from '#console/electron/channels.ts';

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5_000;

const newsSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('open'), id: z.int() }),
  z.strictObject({
    kind: z.literal('lost'),
    id: z.int(),
    fault: z.object({ code: z.string(), message: z.string(), hint: z.string().optional() }),
  }),
]);

type Lost = Extract<z.infer<typeof newsSchema>, { readonly kind: 'lost' }>;

/** Who wants a way to the core; told anew each time one opens or is lost. */
export interface Wanter {
  readonly onPort: (port: MessagePortMain) => void;
  readonly onGone: (fault: FaultShape) => void;
}

export interface CoreHost {
  /** The returned function ends it. */
  readonly want: (wanter: Wanter) => () => void;
  /** Closes every way and opens it anew, to the target of now. */
  readonly reconnect: () => void;
  readonly close: () => void;
}

interface Want extends Wanter {
  id: number;
  waitMs: number;
  port: MessagePortMain | undefined;
  timer: NodeJS.Timeout | undefined;
}

const ENDED: FaultShape = {
  code: 'CORE_GONE',
  message: 'the process of the core ended',
  hint: 'it is started again by itself',
};

/** `start` forks the core's process; `target` is asked at every attempt. */
export function coreHost(
  start: () => UtilityProcess,
  target: () => Promise<Target>,
  log: (line: string) => void,
): CoreHost {
  const wants = new Set<Want>();
  let child: UtilityProcess | undefined;
  let lastId = 0;
  let closed = false;

  const connect = async (want: Want): Promise<void> => {
    want.timer = undefined;
    const id = ++lastId;
    want.id = id;
    const where = await target();
    if (closed || want.id !== id || !wants.has(want)) return;
    const { port1, port2 } = new MessageChannelMain();
    want.port = port2;
    const message: ConnectMessage = { kind: 'connect', id, target: where };
    process().postMessage(message, [port1]);
  };
  const lose = (want: Want, fault: FaultShape): void => {
    want.id = 0;
    want.port = undefined;
    want.onGone(fault);
    clearTimeout(want.timer);
    want.timer = setTimeout(() => void connect(want), want.waitMs);
    want.waitMs = Math.min(want.waitMs * 2, LONGEST_WAIT_MS);
  };
  const hear = (data: unknown): void => {
    const news = newsSchema.safeParse(data).data;
    const want = news && [...wants].find(({ id }) => id === news.id);
    if (news?.kind === 'lost' && want) lose(want, plain(news.fault));
    if (news?.kind !== 'open' || !want) return;
    want.waitMs = FIRST_WAIT_MS;
    if (want.port) want.onPort(want.port);
    want.port = undefined;
  };
  const process = (): UtilityProcess => {
    if (child) return child;
    const started = start();
    child = started;
    started.on('message', hear);
    started.on('exit', (code) => {
      if (child === started) child = undefined;
      if (closed) return;
      log(`the core's process ended with ${code}`);
      for (const want of wants) lose(want, ENDED);
    });
    return started;
  };
  return {
    want: (wanter) => {
      const want: Want = {
        ...wanter,
        id: 0,
        waitMs: FIRST_WAIT_MS,
        port: undefined,
        timer: undefined,
      };
      wants.add(want);
      void connect(want);
      return () => {
        clearTimeout(want.timer);
        wants.delete(want);
      };
    },
    reconnect: () => {
      for (const want of wants) {
        clearTimeout(want.timer);
        want.onGone({ code: 'CORE_GONE', message: 'another core was chosen' });
        void connect(want);
      }
    },
    close: () => {
      closed = true;
      for (const want of wants) clearTimeout(want.timer);
      child?.kill();
    },
  };
}

const plain = ({ code, message, hint }: Lost['fault']): FaultShape => ({
  code,
  message,
  ...(hint === undefined ? {} : { hint }),
});
