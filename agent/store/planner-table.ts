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
  const pruneRuns = db.prepare(
    `DELETE FROM run WHERE run IN (SELECT r.run FROM run r WHERE r.ended_at < ? AND NOT EXISTS
       (SELECT 1 FROM attempt a WHERE a.run = r.run AND a.kept = 1) LIMIT ?)`,
  );
  const pruneAttempts = db.prepare(
    'DELETE FROM attempt WHERE kept = 0 AND finished_at < ? AND run NOT IN (SELECT run FROM run)',
  );
  const pruneRows = db.prepare(
    `DELETE FROM occurrence WHERE (schedule, from_at) IN (SELECT schedule, from_at FROM occurrence
       WHERE to_at < ? AND disposition NOT IN ('pending', 'starting') LIMIT ?)`,
  );
  return {
    cursorAt: () => (cursor.get() as number | undefined) ?? 0,
    setCursor: (at) => {
      setCursor.run(at);
    },
    nextWakeAt: () => wake.get() as number | null,
    pruneHistory: (beforeAt, limit) => {
      const runs = pruneRuns.run(beforeAt, limit).changes;
      pruneAttempts.run(beforeAt);
      return runs + pruneRows.run(beforeAt, limit).changes;
    },
  };
}
