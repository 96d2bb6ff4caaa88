// The console core: one store, one collector, one planner behind ConsoleApi. Knows no Electron, no HTTP, no terminal.
import { consoleApi, type MethodName, type Params, type Push, type Returns } from '#console/api.ts';
import type { Clock } from '#shared/clock.ts';
import type { Broker } from '#shared/protocol/broker.ts';
import { err, ok, type Result } from '#shared/result.ts';

export interface CoreOptions {
  /** Directory made by `muster init`: fleet.json, keys/, console.db, broker/. */
  readonly home: string;
  readonly clock: Clock;
  /** null: store only; what is written waits until a core with a broker runs. */
  readonly broker: Broker | null;
  readonly log?: (line: string) => void;
  /** In [0, 1): jitter of reconnects. */
  readonly random?: () => number;
}

export interface Core {
  /** Parses the parameters and answers; faults are values (PARAMS for parameters that do not parse). */
  readonly call: <M extends MethodName>(
    method: M,
    params: Params<M>,
  ) => Promise<Result<Returns<M>>>;
  /** Names of what changed; the returned function ends it. */
  readonly onPush: (listener: (push: Push) => void) => () => void;
  readonly close: () => Promise<void>;
}

/** Opens the home and starts collecting. Faults: HOME_MISSING, HOME_INVALID, KEY_*. */
export async function openCore(_options: CoreOptions): Promise<Result<Core>> {
  const listeners = new Set<(push: Push) => void>();
  return ok({
    call: async (method, params) => {
      const parsed = consoleApi[method].params.safeParse(params);
      if (!parsed.success) return err('PARAMS', parsed.error.message);
      return err('UNAVAILABLE', `${method} is not there yet`);
    },
    onPush: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: async () => listeners.clear(),
  });
}
