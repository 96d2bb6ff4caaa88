// Opens the agent's one SQLite file and puts its tables together behind the ports.
import type { PlanTables } from '#agent/engine/plan-tables.ts';
import type { AgentStore } from '#agent/ports.ts';
import { type Db, openDatabase } from '#shared/node/sqlite.ts';
import { openDocumentStore } from './document-store.ts';
import { openEventLog, type StoredLog } from './event-log.ts';
import { makeReplaceSchedules } from './install-schedules.ts';
import { openLedgerTable } from './ledger-table.ts';
import { openMetaStore } from './meta-store.ts';
import { migrations } from './migrations.ts';
import { openPauseTable } from './pause-table.ts';
import { openPlanner } from './planner-table.ts';
import { openRunTable } from './run-table.ts';
import { openScheduleTable, openSpecs } from './schedule-table.ts';

const DEFAULT_MAX_LOG_BYTES = 256 * 1024 * 1024;

export interface StoreIdentity {
  readonly fleet: string;
  readonly agent: string;
}
export interface StoreLimits {
  /** Bytes of log entries kept before the oldest give way to a loss record. */
  readonly maxLogBytes?: number;
}

/** The agent's store: AgentStore and what the scheduler needs besides. */
export interface OpenedStore extends AgentStore, PlanTables {
  readonly log: StoredLog;
}

/** `path`: the SQLite file, made when missing. Throws when a newer program wrote it. */
export function openAgentStore(
  path: string,
  identity: StoreIdentity,
  { maxLogBytes = DEFAULT_MAX_LOG_BYTES }: StoreLimits = {},
): OpenedStore {
  const db = openDatabase({ path, migrations });
  const specs = openSpecs(db);
  const transaction = makeTransaction(db, () => {
    log.reset();
    specs.reset();
  });
  const log = openEventLog(db, { ...identity, maxBytes: maxLogBytes }, transaction);
  return {
    transaction,
    log,
    documents: openDocumentStore(db, makeReplaceSchedules(db, log, transaction)),
    meta: openMetaStore(db),
    schedules: openScheduleTable(db, specs.get),
    ledger: openLedgerTable(db),
    runs: openRunTable(db, specs.get, () => log.head().seq),
    pauses: openPauseTable(db),
    ...openPlanner(db),
    close: () => db.close(),
  };
}

/** One IMMEDIATE transaction; nested calls join it. After a rollback nothing cached may outlive it. */
function makeTransaction(db: Db, rolledBack: () => void): <T>(work: () => T) => T {
  const run = db.transaction((work: () => unknown) => work());
  return <T>(work: () => T): T => {
    if (db.inTransaction) return work();
    try {
      return run.immediate(work) as T;
    } catch (error) {
      rolledBack();
      throw error;
    }
  };
}
