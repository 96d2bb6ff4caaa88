// Keeps the agent's disk bounded: old output first, then history that is long over. What is lost is recorded.
import type { PlanTables } from '#agent/engine/plan-tables.ts';
import type { AgentStore, Launcher } from '#agent/ports.ts';
import type { Now } from '#shared/clock.ts';
import { formatInstant } from '#shared/ids.ts';
import { openHistoryClock } from './history-clock.ts';

const KEEP_ATTEMPTS = 1_000;
const KEEP_OUTPUT_BYTES = 256 * 1024 * 1024;
const EVERY_MS = 60_000;
const BATCH = 500;

interface House {
  readonly store: AgentStore & PlanTables;
  readonly launcher: Pick<Launcher, 'forget'>;
}

/** To be called after every pass: works at most once a minute and in small steps. `startMs`: monotonic, now. */
export function createHousekeeper(house: House, startMs: number): (now: Now) => void {
  let lastMs = Number.NEGATIVE_INFINITY;
  const mayGoBefore = openHistoryClock(house.store.meta, startMs);
  return (now) => {
    if (now.monoMs - lastMs < EVERY_MS) return;
    lastMs = now.monoMs;
    forgetOutputs(house, now.wallAt);
    house.store.transaction(() => house.store.pruneHistory(mayGoBefore(now), BATCH));
  };
}

/** The newest outputs stay within number and size; how much went is an entry of the log. */
function forgetOutputs({ store, launcher }: House, nowAt: number): void {
  const gone = store.runs.outputsBeyond(KEEP_ATTEMPTS, KEEP_OUTPUT_BYTES, BATCH);
  if (gone.length === 0) return;
  const numbers = gone.map(({ seq }) => seq);
  const bytes = gone.reduce((sum, one) => sum + one.bytes, 0);
  const [from, to] = [Math.min(...numbers), Math.max(...numbers)];
  store.transaction(() => {
    store.runs.forgetOutput(gone);
    if (bytes === 0) return;
    const at = formatInstant(nowAt);
    store.log.append([{ kind: 'loss', at, what: 'output', from, to, bytes, occurrences: [] }]);
  });
  for (const key of gone) launcher.forget(key);
}
