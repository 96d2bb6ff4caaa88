// The words the planner and its store share: schedules, occurrences and runs as rows. Instants are epoch milliseconds.
import type { Disposition, Outcome } from '#shared/run/ledger.ts';
import type { Schedule } from '#shared/schedule/schedule.ts';

/** A schedule as it is installed on this machine. */
export interface InstalledSchedule {
  /** The store's integer key; never leaves the machine. */
  readonly id: number;
  /** `stream/id`. */
  readonly key: string;
  readonly specId: number;
  readonly spec: Schedule;
  /** Exclusive: this machine answers for the nominal instants after it. */
  readonly sinceAt: number;
  /** The next nominal instant to plan; null = exhausted or removed. */
  readonly nextAt: number | null;
  /** Some row above the cursor was kept when a clock from the future was corrected (E32). */
  readonly ahead: boolean;
}

/** One row of the ledger: `count` occurrences with nominal instants from fromAt to toAt, both inclusive. */
export interface OccurrenceRow {
  readonly schedule: number;
  readonly fromAt: number;
  readonly toAt: number;
  readonly count: number;
  readonly dueAt: number;
  readonly disposition: Disposition;
  readonly reason: string | null;
  readonly detail: string | null;
  readonly run: string | null;
  /** A pending row is looked at again then; null = when a run of its schedule ends, or never. */
  readonly readyAt: number | null;
}

export type Cause = 'schedule' | 'catch-up' | 'retry' | 'manual';
export type ActiveState = 'starting' | 'retrying';

/** A run that is not over. It keeps the spec it began with. */
export interface ActiveRun {
  readonly run: string;
  readonly schedule: number;
  readonly key: string;
  readonly specId: number;
  readonly spec: Schedule;
  readonly nominalAt: number | null;
  readonly dueAt: number | null;
  readonly state: ActiveState;
  /** Number of the attempt that runs or ran last. */
  readonly attempt: number;
  /** Attempts whose end is unknown because the machine or its launcher died. */
  readonly lostAttempts: number;
  readonly retryAt: number | null;
  /** Nonce of the command that asked for its end. */
  readonly cancelledBy: string | null;
}

/** A run that begins: durable before its process exists. */
export interface NewRun {
  readonly run: string;
  readonly schedule: number;
  readonly specId: number;
  readonly nominalAt: number | null;
  readonly dueAt: number | null;
  readonly cause: Cause;
}

export interface AttemptRecord {
  readonly run: string;
  readonly attempt: number;
  readonly outcome: Outcome;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly outputBytes: number;
}
