// Pauses by command: of single schedules, or of the whole machine.
import type { PauseTable } from '#agent/engine/plan-tables.ts';
import type { Db } from '#shared/node/sqlite.ts';

const MACHINE = '';

export function openPauseTable(db: Db): PauseTable {
  const of = db
    .prepare(`SELECT nonce FROM pause WHERE scope = ? OR scope = '' ORDER BY scope LIMIT 1`)
    .pluck();
  const set = db.prepare('INSERT OR REPLACE INTO pause VALUES (?, ?)');
  const clear = db.prepare('DELETE FROM pause WHERE scope = ?');
  const list = db.prepare('SELECT scope FROM pause ORDER BY scope').pluck();
  return {
    of: (key) => of.get(key) as string | undefined,
    set: (key, nonce) => {
      set.run(key ?? MACHINE, nonce);
    },
    clear: (key) => clear.run(key ?? MACHINE).changes === 1,
    list: () => list.all() as string[],
  };
}
