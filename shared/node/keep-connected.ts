// Keeps one connection to a broker alive: connect, hand it over, wait for its end, back off, again.
import type { Clock } from '#shared/clock.ts';
import { FAST_CLOSE_MS, reconnectDelayMs } from '#shared/protocol/backoff.ts';
import type {
  Broker,
  BrokerConnection,
  BrokerMessage,
  ConnectOptions,
} from '#shared/protocol/broker.ts';
import { describeFault } from '#shared/result.ts';

export interface KeepConnectedOptions {
  readonly broker: Broker;
  /** Asked before every attempt, since the will's epoch changes with it. */
  readonly options: () => ConnectOptions | Promise<ConnectOptions>;
  /** Synchronous and quick: one insert. */
  readonly onMessage: (message: BrokerMessage) => void;
  readonly onConnected: (connection: BrokerConnection) => void;
  /** After every failed attempt and every lost connection; `retryMs` is the pause that follows. */
  readonly onDown: (reason: string, retryMs: number) => void;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
}

export interface KeptConnection {
  /** Ends the connection or the attempt and stops for good. */
  readonly close: () => Promise<void>;
  /** The world changed (woke from sleep, network came back): drops what there is and connects at once. */
  readonly kick: () => void;
}

/** Starts at once and runs until close(). */
export function keepConnected(options: KeepConnectedOptions): KeptConnection {
  const stop = new AbortController();
  let interrupt = (): void => {};
  const state = { failures: 0, fastCloses: 0 };

  const run = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      const round = new AbortController();
      let kicked = false;
      interrupt = () => {
        kicked = true;
        round.abort();
      };
      const reason = await connectOnce(options, state, round.signal);
      if (stop.signal.aborted) return;
      const retryMs = kicked ? 0 : reconnectDelayMs(state, options.random());
      options.onDown(reason, retryMs);
      await pause(options.clock, retryMs, (wake) => {
        interrupt = wake;
      });
    }
  };

  const running = run();
  return {
    close: async () => {
      stop.abort();
      interrupt();
      await running;
    },
    kick: () => {
      state.failures = 0;
      state.fastCloses = 0;
      interrupt();
    },
  };
}

/** One attempt and the life of its connection; answers why it ended and counts failures in `state`. */
async function connectOnce(
  { broker, options, onMessage, onConnected, clock }: KeepConnectedOptions,
  state: { failures: number; fastCloses: number },
  signal: AbortSignal,
): Promise<string> {
  const asked = await options();
  const result = await broker.connect({ ...asked, signal }, onMessage);
  if (!result.ok) {
    state.failures += 1;
    return describeFault(result.fault);
  }
  const connection = result.value;
  const sinceMs = clock.now().monoMs;
  const cut = (): void => void connection.close();
  signal.addEventListener('abort', cut);
  if (signal.aborted) cut();
  else onConnected(connection);
  const { reason } = await connection.closed;
  signal.removeEventListener('abort', cut);
  // A connection that dies young counts as a failure: else a broker that kicks everybody is hammered every second.
  const fast = !signal.aborted && clock.now().monoMs - sinceMs < FAST_CLOSE_MS;
  state.failures = fast ? state.failures + 1 : 0;
  state.fastCloses = fast ? state.fastCloses + 1 : 0;
  return reason;
}

/** Waits on the monotonic clock in slices, as a Clock caps every delay; `onStart` receives the way to cut it short. */
function pause(clock: Clock, ms: number, onStart: (wake: () => void) => void): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const untilMs = clock.now().monoMs + ms;
  let timer: { readonly cancel: () => void } | undefined;
  const step = (): void => {
    const leftMs = untilMs - clock.now().monoMs;
    if (leftMs <= 0) resolve();
    else timer = clock.after(Math.min(leftMs, 30_000), step);
  };
  onStart(() => {
    timer?.cancel();
    resolve();
  });
  step();
  return promise;
}
