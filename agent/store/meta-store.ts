// Small named values, JSON text.
import type { MetaStore } from '#agent/ports.ts';
import type { Db } from '#shared/node/sqlite.ts';

export function openMetaStore(db: Db): MetaStore {
  const get = db.prepare('SELECT value FROM meta WHERE name = ?').pluck();
  const set = db.prepare('INSERT OR REPLACE INTO meta VALUES (?, ?)');
  return {
    get: (name) => get.get(name) as string | undefined,
    set: (name, value) => {
      set.run(name, value);
    },
  };
}
