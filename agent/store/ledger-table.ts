// The occurrence table: one row per disposition or run-length range of like ones.
import type { LedgerTable } from '#agent/engine/plan-tables.ts';
import type { OccurrenceRow } from '#agent/engine/types.ts';
import type { Db } from '#shared/node/sqlite.ts';
import type { Disposition } from '#shared/run/ledger.ts';

type SqlRow = {
  schedule: number;
  from_at: number;
  to_at: number;
  count: number;
  due_at: number;
  disposition: Disposition;
  reason: string | null;
  detail: string | null;
  run: string | null;
  ready_at: number | null;
};

/** For statements of this room that return whole rows. */
export const occurrenceOf = (raw: unknown): OccurrenceRow => {
  const row = raw as SqlRow;
  return {
    schedule: row.schedule,
    fromAt: row.from_at,
    toAt: row.to_at,
    count: row.count,
    dueAt: row.due_at,
    disposition: row.disposition,
    reason: row.reason,
    detail: row.detail,
    run: row.run,
    readyAt: row.ready_at,
  };
};

export function openLedgerTable(db: Db): LedgerTable {
  const sql = prepare(db);
  const one = (raw: unknown): OccurrenceRow | undefined =>
    raw === undefined ? undefined : occurrenceOf(raw);
  return {
    put: (rows) => {
      for (const r of rows) {
        sql.put.run(
          ...[r.schedule, r.fromAt, r.toAt, r.count, r.dueAt],
          ...[r.disposition, r.reason, r.detail, r.run, r.readyAt],
        );
      }
    },
    readySchedules: (nowAt, limit) => sql.ready.all(nowAt, limit) as number[],
    pendingOf: (schedule, nowAt, limit) =>
      sql.pending.all(schedule, nowAt, limit).map(occurrenceOf),
    pendingCount: (schedule) => sql.pendingCount.get(schedule) as number,
    lastBefore: (schedule, beforeAt) => one(sql.lastBefore.get(schedule, beforeAt)),
    firstFrom: (schedule, fromAt) => one(sql.firstFrom.get(schedule, fromAt)),
    at: (schedule, fromAt) => one(sql.at.get(schedule, fromAt)),
    wakeWaiting: (schedule) => {
      sql.wakeWaiting.run(schedule, schedule);
    },
    withdrawAfter: (cursorAt) => {
      sql.withdraw.run(cursorAt);
      return sql.across.all(cursorAt, cursorAt).map(occurrenceOf);
    },
    hasRowsAfter: (schedule, at) => sql.firstFrom.get(schedule, at + 1) !== undefined,
    list: (schedule, afterAt, upToAt, limit) =>
      sql.list.all(schedule, afterAt, upToAt, limit).map(occurrenceOf),
  };
}

// INDEXED BY: left alone, SQLite reads all history of a schedule, or of all; with it, preparing fails where it would.
const prepare = (db: Db) => ({
  put: db.prepare('INSERT OR REPLACE INTO occurrence VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)'),
  ready: db
    .prepare(
      'SELECT DISTINCT schedule FROM occurrence INDEXED BY occurrence_ready WHERE ready_at <= ? LIMIT ?',
    )
    .pluck(),
  pending: db.prepare(
    `SELECT * FROM occurrence INDEXED BY occurrence_pending
     WHERE schedule = ? AND disposition = 'pending' AND due_at <= ?
     ORDER BY from_at LIMIT ?`,
  ),
  pendingCount: db
    .prepare(`SELECT count(*) FROM occurrence INDEXED BY occurrence_pending
       WHERE schedule = ? AND disposition = 'pending'`)
    .pluck(),
  lastBefore: db.prepare(
    'SELECT * FROM occurrence WHERE schedule = ? AND from_at < ? ORDER BY from_at DESC LIMIT 1',
  ),
  firstFrom: db.prepare(
    'SELECT * FROM occurrence WHERE schedule = ? AND from_at >= ? ORDER BY from_at LIMIT 1',
  ),
  at: db.prepare('SELECT * FROM occurrence WHERE schedule = ? AND from_at = ?'),
  wakeWaiting: db.prepare(
    `UPDATE occurrence SET ready_at = due_at WHERE schedule = ? AND from_at =
       (SELECT min(from_at) FROM occurrence INDEXED BY occurrence_pending
        WHERE schedule = ? AND disposition = 'pending' AND ready_at IS NULL)`,
  ),
  withdraw: db.prepare('DELETE FROM occurrence WHERE from_at > ? AND run IS NULL'),
  across: db.prepare('SELECT * FROM occurrence WHERE from_at <= ? AND to_at > ?'),
  list: db.prepare(
    `SELECT * FROM occurrence WHERE schedule = ? AND to_at > ? AND from_at <= ? ORDER BY from_at LIMIT ?`,
  ),
});
