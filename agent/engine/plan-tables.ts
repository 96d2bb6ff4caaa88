// What the scheduler remembers by: the tables a store offers beyond AgentStore. Synchronous; all join the caller's transaction.
import type { Outcome } from '#shared/run/ledger.ts';
import type { Schedule } from '#shared/schedule/schedule.ts';
import type {
  ActiveRun,
  AttemptRecord,
  InstalledSchedule,
  NewRun,
  OccurrenceRow,
} from './types.ts';

export interface AttemptId {
  readonly run: string;
  readonly attempt: number;
}

export interface ScheduleTable {
  /** Installed schedules whose next nominal instant is not after `nowAt`, soonest first. */
  readonly due: (nowAt: number, limit: number) => readonly InstalledSchedule[];
  readonly byKey: (key: string) => InstalledSchedule | undefined;
  readonly byId: (id: number) => InstalledSchedule;
  /** The spec that answered for a nominal instant of the last days. */
  readonly specAt: (id: number, nominalAt: number) => Schedule | undefined;
  readonly keyOf: (id: number) => string;
  readonly setNext: (id: number, nextAt: number | null, ahead: boolean) => void;
  /** A clock from the future was corrected: no schedule began after `cursorAt`. */
  readonly pullBack: (cursorAt: number) => void;
  /** Every installed schedule, one at a time: only for rare repairs and for people. */
  readonly all: () => IterableIterator<InstalledSchedule>;
  readonly soonest: () => { readonly schedule: string; readonly at: number } | null;
}

export interface LedgerTable {
  readonly put: (rows: readonly OccurrenceRow[]) => void;
  /** Schedules with a pending row that wants to be looked at by `nowAt`. */
  readonly readySchedules: (nowAt: number, limit: number) => readonly number[];
  /** Pending rows with dueAt ≤ nowAt, oldest first. */
  readonly pendingOf: (schedule: number, nowAt: number, limit: number) => readonly OccurrenceRow[];
  readonly pendingCount: (schedule: number) => number;
  /** The newest row with fromAt < beforeAt. */
  readonly lastBefore: (schedule: number, beforeAt: number) => OccurrenceRow | undefined;
  /** The oldest row with fromAt ≥ fromAt. */
  readonly firstFrom: (schedule: number, fromAt: number) => OccurrenceRow | undefined;
  readonly at: (schedule: number, fromAt: number) => OccurrenceRow | undefined;
  /** A run ended: its schedule's oldest pending row that waits for that is looked at again. */
  readonly wakeWaiting: (schedule: number) => void;
  /** Takes back what never ran above `cursorAt`; rows reaching across it are returned for the caller to shorten. */
  readonly withdrawAfter: (cursorAt: number) => readonly OccurrenceRow[];
  readonly hasRowsAfter: (schedule: number, at: number) => boolean;
  readonly list: (
    schedule: number,
    afterAt: number,
    upToAt: number,
    limit: number,
  ) => readonly OccurrenceRow[];
}

export interface RunTable {
  readonly begin: (runs: readonly NewRun[], bootId: string, at: number) => void;
  readonly get: (run: string) => ActiveRun | undefined;
  readonly known: (run: string) => boolean;
  readonly activeOf: (schedule: number) => { readonly count: number; readonly run: string | null };
  readonly dueRetries: (nowAt: number, limit: number) => readonly ActiveRun[];
  readonly nextAttempt: (run: string, attempt: number, bootId: string, at: number) => void;
  /** False when the attempt had ended already: an exit told twice changes nothing. */
  readonly endAttempt: (record: AttemptRecord) => boolean;
  readonly retryAt: (run: string, at: number) => void;
  readonly finish: (run: string, outcome: Outcome, at: number) => void;
  readonly markCancelled: (run: string, nonce: string) => void;
  /** Attempts without an end: what a restarted agent asks its launcher about. */
  readonly openAttempts: () => readonly (AttemptId & {
    readonly bootId: string;
    readonly cancelled: boolean;
  })[];
  readonly activeCount: () => number;
  /** Moves every waiting retry by a step of the wall clock, so that the interval stays what it was. */
  readonly shiftRetries: (deltaMs: number) => void;
  /** Ended attempts whose files are still kept, beyond the newest `keep`, oldest first. */
  readonly outputsBeyond: (
    keep: number,
    keepBytes: number,
    limit: number,
  ) => readonly (AttemptId & { readonly bytes: number; readonly seq: number })[];
  readonly forgetOutput: (keys: readonly AttemptId[]) => void;
}

export interface PauseTable {
  /** Nonce of the pause in force for this schedule or the whole machine; undefined = not paused. */
  readonly of: (key: string) => string | undefined;
  readonly set: (key: string | null, nonce: string) => void;
  readonly clear: (key: string | null) => boolean;
  readonly list: () => readonly string[];
}

export interface PlanTables {
  readonly schedules: ScheduleTable;
  readonly ledger: LedgerTable;
  readonly runs: RunTable;
  readonly pauses: PauseTable;
  readonly cursorAt: () => number;
  readonly setCursor: (at: number) => void;
  /** The earliest instant at which anything is to be done: three indexed reads. */
  readonly nextWakeAt: () => number | null;
  /** Deletes some runs and ledger rows that ended before `beforeAt`; returns how many went. The log is bounded by itself. */
  readonly pruneHistory: (beforeAt: number, limit: number) => number;
}
