// Reaching the console core: the one that runs, else the home itself, opened for one command and without a broker.
import { openCore } from '#console/core/core.ts';
import { loadFleet } from '#console/core/home.ts';
import { type CoreLink, connectCore } from '#console/server/client.ts';
import { lockHome } from '#console/server/lock.ts';
import { socketPath } from '#console/server/places.ts';
import { systemClock } from '#shared/node/system-clock.ts';
import { err, ok, type Result } from '#shared/result.ts';

/** A core that starts or stops holds the lock without answering; another command holds it for a moment. */
const PATIENCE_MS = 10_000;
const RETRY_MS = 100;

/** Opens a way to the core for the time of `use`. Faults: HOME_MISSING, HOME_INVALID, CORE_BUSY, those of openCore. */
export async function withCore<T>(
  home: string,
  use: (core: CoreLink) => Promise<Result<T>>,
): Promise<Result<T>> {
  const link = await reachCore(home);
  if (!link.ok) return link;
  try {
    return await use(link.value);
  } finally {
    await link.value.close();
  }
}

/** The same for what only a running core can do. Fault: CORE_NOT_RUNNING. */
export const withLiveCore = <T>(
  home: string,
  use: (core: CoreLink) => Promise<Result<T>>,
): Promise<Result<T>> =>
  withCore(home, (core) => (core.live ? use(core) : Promise.resolve(NOT_LIVE)));

const NOT_LIVE = err('CORE_NOT_RUNNING', 'no console core runs in this home', {
  hint: 'start `muster serve` first: only it talks to machines',
});

async function reachCore(home: string): Promise<Result<CoreLink>> {
  const fleet = loadFleet(home);
  if (!fleet.ok) return fleet;
  const path = socketPath(home);
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    if (path.ok) {
      const running = await connectCore(path.value);
      if (running.ok) return running;
    }
    const own = await openOwn(home);
    if (own.ok || own.fault.code !== 'CORE_RUNNING') return own;
    if (performance.now() > until) {
      return err('CORE_BUSY', `${own.fault.message} and does not answer`, {
        hint: 'look at that process; end it if it hangs',
      });
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

async function openOwn(home: string): Promise<Result<CoreLink>> {
  const lock = lockHome(home);
  if (!lock.ok) return lock;
  const core = await openCore({ home, clock: systemClock, broker: null });
  if (!core.ok) {
    lock.value.release();
    return core;
  }
  const close = async (): Promise<void> => {
    await core.value.close();
    lock.value.release();
  };
  return ok({ call: core.value.call, onPush: core.value.onPush, close, live: false });
}
