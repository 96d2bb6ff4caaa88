// Runs and attempts. A run is durable as `starting` before its process exists.
import type { AttemptId, RunTable } from '#agent/engine/plan-tables.ts';
import type { ActiveRun } from '#agent/engine/types.ts';
import type { Db } from '#shared/node/sqlite.ts';
import type { Schedule } from '#shared/schedule/schedule.ts';

type Row = {
  run: string;
  schedule: number;
  key: string;
  spec: number;
  nominal_at: number | null;
  due_at: number | null;
  state: ActiveRun['state'];
  attempt: number;
  lost_attempts: number;
  retry_at: number | null;
  cancelled_by: string | null;
};

export function openRunTable(
  db: Db,
  specOf: (id: number) => Schedule,
  headSeq: () => number,
): RunTable {
  const sql = prepare(db);
  const active = (raw: unknown): ActiveRun => {
    const row = raw as Row;
    return {
      run: row.run,
      schedule: row.schedule,
      key: row.key,
      specId: row.spec,
      spec: specOf(row.spec),
      nominalAt: row.nominal_at,
      dueAt: row.due_at,
      state: row.state,
      attempt: row.attempt,
      lostAttempts: row.lost_attempts,
      retryAt: row.retry_at,
      cancelledBy: row.cancelled_by,
    };
  };
  return {
    begin: (runs, bootId, at) => {
      for (const r of runs) {
        sql.begin.run(r.run, r.schedule, r.specId, r.nominalAt, r.dueAt, r.cause, at);
        sql.attempt.run(r.run, 1, bootId, at);
      }
    },
    get: (run) => {
      const row = sql.get.get(run);
      return row === undefined ? undefined : active(row);
    },
    known: (run) => sql.known.get(run) !== undefined,
    activeOf: (schedule) => sql.activeOf.get(schedule) as { count: number; run: string | null },
    dueRetries: (nowAt, limit) => sql.dueRetries.all(nowAt, limit).map(active),
    nextAttempt: (run, attempt, bootId, at) => {
      sql.nextAttempt.run(attempt, run);
      sql.attempt.run(run, attempt, bootId, at);
    },
    endAttempt: (r) => {
      const { changes } = sql.endAttempt.run(
        ...[r.startedAt, r.finishedAt, r.outcome, r.exitCode, r.signal],
        ...[r.outputBytes, headSeq(), r.run, r.attempt],
      );
      if (changes === 1 && r.outcome === 'lost') sql.countLost.run(r.run);
      return changes === 1;
    },
    retryAt: (run, at) => {
      sql.retryAt.run(at, run);
    },
    finish: (run, outcome, at) => {
      sql.finish.run(outcome, at, run);
    },
    markCancelled: (run, nonce) => {
      sql.markCancelled.run(nonce, run);
    },
    openAttempts: () =>
      (
        sql.openAttempts.all() as {
          run: string;
          attempt: number;
          bootId: string;
          cancelled: number;
        }[]
      ).map((row) => ({ ...row, cancelled: row.cancelled === 1 })),
    activeCount: () => sql.activeCount.get() as number,
    shiftRetries: (deltaMs) => {
      sql.shiftRetries.run(deltaMs);
    },
    outputsBeyond: (keep, keepBytes, limit) =>
      sql.outputsBeyond.all(keep, keepBytes, limit) as (AttemptId & {
        bytes: number;
        seq: number;
      })[],
    forgetOutput: (keys) => {
      for (const { run, attempt } of keys) sql.forget.run(run, attempt);
    },
  };
}

const ACTIVE = `SELECT r.*, s.key FROM run r JOIN schedule s ON s.id = r.schedule`;

const prepare = (db: Db) => ({
  begin: db.prepare(
    `INSERT INTO run (run, schedule, spec, nominal_at, due_at, cause, state, attempt, began_at)
     VALUES (?, ?, ?, ?, ?, ?, 'starting', 1, ?)`,
  ),
  attempt: db.prepare('INSERT INTO attempt (run, attempt, boot_id, began_at) VALUES (?, ?, ?, ?)'),
  get: db.prepare(`${ACTIVE} WHERE r.run = ? AND r.ended_at IS NULL`),
  known: db.prepare('SELECT 1 FROM run WHERE run = ?'),
  activeOf: db.prepare(
    'SELECT count(*) AS count, min(run) AS run FROM run WHERE schedule = ? AND ended_at IS NULL',
  ),
  dueRetries: db.prepare(`${ACTIVE} WHERE r.retry_at <= ? ORDER BY r.retry_at LIMIT ?`),
  nextAttempt: db.prepare(
    `UPDATE run SET state = 'starting', attempt = ?, retry_at = NULL WHERE run = ?`,
  ),
  endAttempt: db.prepare(
    `UPDATE attempt SET started_at = ?, finished_at = ?, outcome = ?, exit_code = ?, signal = ?,
       output_bytes = ?, finished_seq = ? WHERE run = ? AND attempt = ? AND finished_at IS NULL`,
  ),
  countLost: db.prepare('UPDATE run SET lost_attempts = lost_attempts + 1 WHERE run = ?'),
  retryAt: db.prepare(`UPDATE run SET state = 'retrying', retry_at = ? WHERE run = ?`),
  finish: db.prepare('UPDATE run SET state = ?, ended_at = ?, retry_at = NULL WHERE run = ?'),
  markCancelled: db.prepare('UPDATE run SET cancelled_by = ? WHERE run = ?'),
  openAttempts: db.prepare(
    `SELECT a.run, a.attempt, a.boot_id AS bootId, r.cancelled_by IS NOT NULL AS cancelled
     FROM attempt a JOIN run r ON r.run = a.run WHERE a.finished_at IS NULL ORDER BY a.id`,
  ),
  activeCount: db.prepare('SELECT count(*) FROM run WHERE ended_at IS NULL').pluck(),
  shiftRetries: db.prepare('UPDATE run SET retry_at = retry_at + ? WHERE retry_at IS NOT NULL'),
  outputsBeyond: db.prepare(
    `SELECT run, attempt, bytes, seq FROM (
       SELECT a.id, a.run, a.attempt, a.output_bytes AS bytes, a.finished_seq AS seq,
         row_number() OVER newest AS place, sum(a.output_bytes) OVER newest AS total
       FROM attempt a WHERE a.kept = 1 AND a.finished_at IS NOT NULL
       WINDOW newest AS (ORDER BY a.id DESC))
     WHERE place > ? OR total > ? ORDER BY id LIMIT ?`,
  ),
  forget: db.prepare('UPDATE attempt SET kept = 0 WHERE run = ? AND attempt = ?'),
});
