// The planning cursor, the next instant anything is to be done, and the end of old history.
import type { PlanTables } from '#agent/engine/plan-tables.ts';
import type { Db } from '#shared/node/sqlite.ts';

type Planner = Pick<PlanTables, 'cursorAt' | 'setCursor' | 'nextWakeAt' | 'pruneHistory'>;

export function openPlanner(db: Db): Planner {
  const cursor = db.prepare('SELECT cursor_at FROM planner').pluck();
  const setCursor = db.prepare('INSERT OR REPLACE INTO planner VALUES (1, ?)');
  // min() over three indexed single-row reads.
  const wake = db
    .prepare(
      `SELECT min(at) FROM (
         SELECT min(next_at) AS at FROM schedule WHERE next_at IS NOT NULL
         UNION ALL SELECT min(ready_at) FROM occurrence WHERE ready_at IS NOT NULL
         UNION ALL SELECT min(retry_at) FROM run WHERE retry_at IS NOT NULL)`,
    )
    .pluck();
  // The oldest attempts have the lowest numbers: no scan, and no index for it.
  const oldest = db.prepare(
    `SELECT id, run, attempt FROM (SELECT * FROM attempt ORDER BY id LIMIT ?)
     WHERE kept = 0 AND finished_at < ?`,
  );
  const dropAttempt = db.prepare('DELETE FROM attempt WHERE id = ?');
  const dropRun = db.prepare(
    `DELETE FROM run WHERE run = ? AND ended_at < ? AND NOT EXISTS
       (SELECT 1 FROM attempt a WHERE a.run = run.run)`,
  );
  const schedulesAfter = db
    .prepare('SELECT id FROM schedule WHERE id > ? ORDER BY id LIMIT ?')
    .pluck();
  const dropRows = db.prepare(
    `DELETE FROM occurrence WHERE schedule = ? AND from_at < ? AND to_at < ?
       AND disposition NOT IN ('pending', 'starting')`,
  );
  const dropPast = db.prepare('DELETE FROM past_spec WHERE until_at < ?');
  // Rows are kept by schedule, so their end comes schedule by schedule, a few at each call.
  let lastPruned = 0;

  const pruneRows = (beforeAt: number, limit: number): number => {
    const ids = schedulesAfter.all(lastPruned, limit) as number[];
    lastPruned = ids.length < limit ? 0 : (ids.at(-1) as number);
    return ids.reduce((sum, id) => sum + dropRows.run(id, beforeAt, beforeAt).changes, 0);
  };
  return {
    cursorAt: () => (cursor.get() as number | undefined) ?? 0,
    setCursor: (at) => {
      setCursor.run(at);
    },
    nextWakeAt: () => wake.get() as number | null,
    pruneHistory: (beforeAt, limit) => {
      const ended = oldest.all(limit, beforeAt) as { id: number; run: string }[];
      for (const { id, run } of ended) {
        dropAttempt.run(id);
        dropRun.run(run, beforeAt);
      }
      dropPast.run(beforeAt);
      return ended.length + pruneRows(beforeAt, limit);
    },
  };
}
