// Keeps the agent's disk bounded: old output first, then history that is long over. What is lost is recorded.
import type { PlanTables } from '#agent/engine/plan-tables.ts';
import type { AgentStore, Launcher } from '#agent/ports.ts';
import { formatInstant } from '#shared/ids.ts';

const KEEP_ATTEMPTS = 1_000;
const KEEP_OUTPUT_BYTES = 256 * 1024 * 1024;
const KEEP_HISTORY_MS = 7 * 86_400_000;
const EVERY_MS = 60_000;
const BATCH = 500;

interface House {
  readonly store: AgentStore & PlanTables;
  readonly launcher: Pick<Launcher, 'forget'>;
}

/** To be called after every pass: works at most once a minute and in small steps. */
export function createHousekeeper(house: House): (nowAt: number) => void {
  let lastAt = Number.NEGATIVE_INFINITY;
  return (nowAt) => {
    if (Math.abs(nowAt - lastAt) < EVERY_MS) return;
    lastAt = nowAt;
    forgetOutputs(house, nowAt);
    const beforeAt = nowAt - KEEP_HISTORY_MS;
    house.store.transaction(() => house.store.pruneHistory(beforeAt, BATCH));
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
