// Opens console.db and puts its tables together.

import type { AlarmTable, ConsoleStore, MetaTable } from '#console/core/ports.ts';
import { type Db, openDatabase } from '#shared/node/sqlite.ts';
import { accountTable } from './accounts.ts';
import { agentTable } from './agents.ts';
import { documentTable } from './documents.ts';
import { fleetTable } from './fleet.ts';
import { logTable } from './log.ts';
import { migrations } from './migrations.ts';
import { proposalTable } from './proposals.ts';
import { tokenTable } from './tokens.ts';

/** Ingest writes in large groups: a checkpoint every 10,000 pages halves its cost (measured). */
const CHECKPOINT_PAGES = 10_000;

/** Opens and migrates the file. Throws when a newer version wrote it. */
export function openConsoleStore(path: string): ConsoleStore {
  const db = openDatabase({ path, migrations, checkpointPages: CHECKPOINT_PAGES });
  const log = logTable(db);
  return {
    transaction: (work) => (db.inTransaction ? work() : db.transaction(work).immediate()),
    isSettled: () => !db.inTransaction,
    agents: agentTable(db),
    documents: documentTable(db),
    log,
    accounts: accountTable(db, log),
    tokens: tokenTable(db),
    alarms: alarmTable(db),
    meta: metaTable(db),
    fleet: fleetTable(db),
    proposals: proposalTable(db),
    close: () => db.close(),
  };
}

function alarmTable(db: Db): AlarmTable {
  const raise = db
    .prepare<
      [number, string, string, number],
      number
    >(`INSERT INTO alarms (agent, code, detail, at, count)
    VALUES (?, ?, ?, ?, 1) ON CONFLICT DO UPDATE SET detail = excluded.detail, at = excluded.at, count = count + 1
    RETURNING count`)
    .pluck();
  const list = db.prepare(
    'SELECT code, detail, at, count FROM alarms WHERE agent = ? ORDER BY at DESC LIMIT 100',
  );
  return {
    raise: (agentId, code, detail, at) =>
      raise.get(agentId, code, detail.slice(0, 500), at) as number,
    list: (agentId) => list.all(agentId) as ReturnType<AlarmTable['list']>,
  };
}

function metaTable(db: Db): MetaTable {
  const get = db.prepare<[string], string>('SELECT value FROM meta WHERE name = ?').pluck();
  const set = db.prepare(
    'INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
  );
  return { get: (name) => get.get(name), set: (name, value) => void set.run(name, value) };
}
