// The ledger and the runs, as projected from signed events.

import type { AccountTable, LogTable } from '#console/core/ports.ts';
import type { Db } from '#shared/node/sqlite.ts';
import { ledgerTable } from './ledger.ts';
import { runTable } from './runs.ts';

/** Prepared statements over `schedules`, `ledger`, `runs` and `attempts`; `log` gives the output of attempts. */
export function accountTable(db: Db, log: LogTable): AccountTable {
  const ids = new Map<string, number>();
  const find = db.prepare<[string], number>('SELECT id FROM schedules WHERE key = ?').pluck();
  const add = db.prepare('INSERT INTO schedules (key) VALUES (?)');
  const findSchedule = (key: string): number | undefined => ids.get(key) ?? find.get(key);
  const scheduleId = (key: string): number => {
    const id = findSchedule(key) ?? Number(add.run(key).lastInsertRowid);
    // Only ids read back from a committed state may stay: a rolled-back insert would leave a wrong one.
    if (!db.inTransaction) ids.set(key, id);
    return id;
  };
  const keys = db.prepare<[], string>('SELECT key FROM schedules ORDER BY key').pluck();
  return {
    scheduleKeys: () => keys.all(),
    scheduleId,
    findSchedule,
    ...ledgerTable(db, scheduleId, findSchedule),
    ...runTable(db, scheduleId, log),
  };
}
