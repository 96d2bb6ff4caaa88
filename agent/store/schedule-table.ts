// Installed schedules. Nothing is held in memory per schedule but a bounded cache of parsed specs.
import type { ScheduleTable } from '#agent/engine/plan-tables.ts';
import type { InstalledSchedule } from '#agent/engine/types.ts';
import type { Db } from '#shared/node/sqlite.ts';
import { type Schedule, scheduleSchema } from '#shared/schedule/schedule.ts';

const CACHED_SPECS = 512;

type Row = {
  id: number;
  key: string;
  spec: number;
  since_at: number;
  next_at: number | null;
  ahead: number;
};

/** Reads specs by id; the newest few stay parsed. */
export function openSpecs(db: Db): {
  readonly get: (id: number) => Schedule;
  readonly reset: () => void;
} {
  const read = db.prepare('SELECT json FROM spec WHERE id = ?').pluck();
  const cache = new Map<number, Schedule>();
  return {
    get: (id) => {
      const cached = cache.get(id);
      if (cached) return cached;
      const spec = scheduleSchema.parse(JSON.parse(read.get(id) as string));
      if (cache.size >= CACHED_SPECS) cache.delete(cache.keys().next().value as number);
      cache.set(id, spec);
      return spec;
    },
    reset: () => cache.clear(),
  };
}

export function openScheduleTable(db: Db, spec: (id: number) => Schedule): ScheduleTable {
  const due = db.prepare('SELECT * FROM schedule WHERE next_at <= ? ORDER BY next_at LIMIT ?');
  const byKey = db.prepare('SELECT * FROM schedule WHERE key = ? AND removed = 0');
  const byId = db.prepare('SELECT * FROM schedule WHERE id = ?');
  const keyOf = db.prepare('SELECT key FROM schedule WHERE id = ?').pluck();
  const setNext = db.prepare('UPDATE schedule SET next_at = ?, ahead = ? WHERE id = ?');
  const past = db
    .prepare(
      `SELECT spec FROM past_spec WHERE schedule = ? AND since_at < ? AND until_at >= ?
       ORDER BY since_at DESC LIMIT 1`,
    )
    .pluck();
  const dropPast = db.prepare('DELETE FROM past_spec WHERE since_at >= ?');
  const pullBack = db.prepare('UPDATE schedule SET since_at = ? WHERE since_at > ?');
  const after = db.prepare(
    'SELECT * FROM schedule WHERE removed = 0 AND id > ? ORDER BY id LIMIT 1',
  );
  const soonest = db.prepare(
    'SELECT key AS schedule, next_at AS at FROM schedule WHERE next_at IS NOT NULL ORDER BY next_at LIMIT 1',
  );
  const installed = (raw: unknown): InstalledSchedule => {
    const row = raw as Row;
    return {
      id: row.id,
      key: row.key,
      specId: row.spec,
      spec: spec(row.spec),
      sinceAt: row.since_at,
      nextAt: row.next_at,
      ahead: row.ahead === 1,
    };
  };
  return {
    due: (nowAt, limit) => due.all(nowAt, limit).map(installed),
    byKey: (key) => {
      const row = byKey.get(key);
      return row === undefined ? undefined : installed(row);
    },
    byId: (id) => installed(byId.get(id)),
    specAt: (id, nominalAt) => {
      const row = byId.get(id) as Row & { removed: number };
      if (row.removed === 0 && nominalAt > row.since_at) return spec(row.spec);
      const found = past.get(id, nominalAt, nominalAt) as number | undefined;
      return found === undefined ? undefined : spec(found);
    },
    keyOf: (id) => keyOf.get(id) as string,
    setNext: (id, nextAt, ahead) => {
      setNext.run(nextAt, ahead ? 1 : 0, id);
    },
    pullBack: (cursorAt) => {
      pullBack.run(cursorAt, cursorAt);
      dropPast.run(cursorAt);
    },
    // One row at a time, so that the caller may write in between.
    all: function* () {
      for (
        let row = after.get(0) as Row | undefined;
        row;
        row = after.get(row.id) as Row | undefined
      ) {
        yield installed(row);
      }
    },
    soonest: () => (soonest.get() as { schedule: string; at: number } | undefined) ?? null,
  };
}
