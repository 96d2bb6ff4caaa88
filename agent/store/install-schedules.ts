// Installs the schedules of one stream: what did not change goes on untouched, the rest begins anew after the cursor.
import { toLedgerRow } from '#agent/engine/rows.ts';
import type { DocumentStore, EventLog } from '#agent/ports.ts';
import { formatInstant, scheduleKey } from '#shared/ids.ts';
import { sha256Hex } from '#shared/node/sha256.ts';
import type { Db } from '#shared/node/sqlite.ts';
import { ledgerEvents } from '#shared/run/ledger-events.ts';
import type { Schedule } from '#shared/schedule/schedule.ts';
import { compileTrigger } from '#shared/time/occurrences.ts';
import { occurrenceOf } from './ledger-table.ts';

type Installed = { id: number; key: string; spec: number; digest: string; removed: number };

/** Makes `replaceSchedules`. Throws on a trigger that does not compile: documents are checked before they get here. */
export function makeReplaceSchedules(
  db: Db,
  log: EventLog,
  transaction: <T>(work: () => T) => T,
): DocumentStore['replaceSchedules'] {
  const sql = prepare(db);

  const specId = (json: string, digest: string): number => {
    const known = sql.findSpec.get(digest) as number | undefined;
    return known ?? Number(sql.addSpec.run(digest, json).lastInsertRowid);
  };

  const install = (
    stream: string,
    schedule: Schedule,
    before: Installed | undefined,
    at: number,
  ) => {
    const json = canonicalJson(schedule);
    const digest = sha256Hex(json);
    if (before && before.removed === 0 && before.digest === digest) return undefined;
    const compiled = compileTrigger(schedule.trigger);
    if (!compiled.ok) throw new Error(`schedule ${schedule.id}: ${compiled.fault.message}`);
    const next = compiled.value.next(at)?.at ?? null;
    const spec = specId(json, digest);
    if (before?.removed === 0) sql.past.run(at, before.id, at);
    if (before) sql.change.run(spec, at, next, before.id);
    else sql.add.run(scheduleKey(stream, schedule.id), stream, spec, at, next);
    return before?.id;
  };

  return (stream, _head, schedules, cursorAt) =>
    transaction(() => {
      const installed = new Map(
        (sql.ofStream.all(stream) as Installed[]).map((row) => [row.key, row]),
      );
      const changed: number[] = [];
      for (const schedule of schedules) {
        const key = scheduleKey(stream, schedule.id);
        const id = install(stream, schedule, installed.get(key), cursorAt);
        if (id !== undefined) changed.push(id);
        installed.delete(key);
      }
      for (const gone of installed.values()) {
        if (gone.removed === 1) continue;
        sql.past.run(cursorAt, gone.id, cursorAt);
        sql.remove.run(gone.id);
        changed.push(gone.id);
      }
      const rows = changed.flatMap((id) => sql.supersede.all(id).map(occurrenceOf));
      const told = rows.map((row) => toLedgerRow(row, sql.key.get(row.schedule) as string));
      log.append(ledgerEvents(told, formatInstant(cursorAt)));
      sql.dropSpecs.run();
    });
}

const prepare = (db: Db) => ({
  key: db.prepare('SELECT key FROM schedule WHERE id = ?').pluck(),
  findSpec: db.prepare('SELECT id FROM spec WHERE digest = ?').pluck(),
  addSpec: db.prepare('INSERT INTO spec (digest, json) VALUES (?, ?)'),
  ofStream: db.prepare(
    `SELECT s.id, s.key, s.spec, s.removed, p.digest FROM schedule s JOIN spec p ON p.id = s.spec
     WHERE s.stream = ?`,
  ),
  add: db.prepare(
    'INSERT INTO schedule (key, stream, spec, since_at, next_at) VALUES (?, ?, ?, ?, ?)',
  ),
  // `ahead` stays: a row kept above the cursor is an occurrence that was had, whatever the schedule says now.
  change: db.prepare(
    'UPDATE schedule SET spec = ?, since_at = ?, next_at = ?, removed = 0 WHERE id = ?',
  ),
  // A revision that held no time at all has nothing to be remembered for.
  past: db.prepare(
    `INSERT OR REPLACE INTO past_spec SELECT id, since_at, ?, spec FROM schedule WHERE id = ? AND since_at < ?`,
  ),
  remove: db.prepare('UPDATE schedule SET next_at = NULL, removed = 1 WHERE id = ?'),
  supersede: db.prepare(
    `UPDATE occurrence INDEXED BY occurrence_pending SET disposition = 'superseded', reason = 'revision', detail = NULL, run = NULL, ready_at = NULL
     WHERE schedule = ? AND disposition = 'pending' RETURNING *`,
  ),
  dropSpecs: db.prepare(
    `DELETE FROM spec WHERE id NOT IN (SELECT spec FROM schedule)
       AND id NOT IN (SELECT spec FROM run) AND id NOT IN (SELECT spec FROM past_spec)`,
  ),
});

/** JSON with sorted keys: two specs are the same when it is. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
