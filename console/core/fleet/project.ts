// What one signed event changes in the console's picture of ledger and runs. Pure; the store applies it.
import { parseInstant } from '#shared/ids.ts';
import type { Event } from '#shared/run/event.ts';
import type { LedgerRow, Outcome } from '#shared/run/ledger.ts';

/** Instants are epoch milliseconds. */
export interface RunKnown {
  readonly kind: 'known';
  readonly run: string;
  readonly schedule: string;
  readonly orderAt: number;
  readonly nominalAt: number | null;
  readonly dueAt: number | null;
  readonly cause: string;
}

export interface AttemptStarted extends Omit<RunKnown, 'kind'> {
  readonly kind: 'attempt-started';
  readonly attempt: number;
  readonly startedAt: number;
}

export interface AttemptFinished {
  readonly kind: 'attempt-finished';
  readonly run: string;
  readonly attempt: number;
  readonly outcome: Outcome;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly outputBytes: number;
  readonly truncated: boolean;
  readonly isolation: string;
  /** Where the event with the output stands. */
  readonly incarnation: number;
  readonly seq: number;
}

export interface RunFinished {
  readonly kind: 'finished';
  readonly run: string;
  readonly schedule: string;
  readonly outcome: Outcome;
  readonly attempts: number;
  readonly at: number;
}

export type RunChange = RunKnown | AttemptStarted | AttemptFinished | RunFinished;

export interface Projection {
  readonly rows: readonly LedgerRow[];
  readonly runs: readonly RunChange[];
  /** Rows of no run after this instant (epoch milliseconds) are withdrawn: a clock from the future had made them. */
  readonly withdrawnAfterAt?: number;
}

const NOTHING: Projection = { rows: [], runs: [] };

/** Ledger rows and run changes of one event of the given incarnation. */
export function projectEvent(event: Event, incarnation: number): Projection {
  switch (event.kind) {
    case 'ledger':
      return { rows: event.rows, runs: event.rows.flatMap(runOfRow) };
    case 'attempt-started': {
      const nominalAt = event.nominal === null ? null : parseInstant(event.nominal);
      return only({
        kind: 'attempt-started',
        run: event.run,
        schedule: event.schedule,
        orderAt: nominalAt ?? parseInstant(event.at),
        nominalAt,
        dueAt: event.due === null ? null : parseInstant(event.due),
        cause: event.cause,
        attempt: event.attempt,
        startedAt: parseInstant(event.at),
      });
    }
    case 'attempt-finished': {
      const { run, attempt, outcome, exitCode, signal, outputBytes, truncated, isolation } = event;
      return only({
        kind: 'attempt-finished',
        ...{ run, attempt, outcome, exitCode, signal, outputBytes, truncated, isolation },
        startedAt: parseInstant(event.startedAt),
        finishedAt: parseInstant(event.finishedAt),
        incarnation,
        seq: event.seq,
      });
    }
    case 'run-finished': {
      const { run, schedule, outcome, attempts } = event;
      return only({
        kind: 'finished',
        ...{ run, schedule, outcome, attempts },
        at: parseInstant(event.at),
      });
    }
    case 'clock':
      return event.change === 'cursor-pulled-back'
        ? { ...NOTHING, withdrawnAfterAt: parseInstant(event.cursor) }
        : NOTHING;
    default:
      return NOTHING;
  }
}

const only = (change: RunChange): Projection => ({ rows: [], runs: [change] });

/** A row that names a run past `pending` says the run exists, even before its first attempt is reported. */
function runOfRow(row: LedgerRow): RunChange[] {
  if (row.run === null || (row.disposition !== 'starting' && row.disposition !== 'ran')) return [];
  const nominalAt = parseInstant(row.from);
  return [
    {
      kind: 'known',
      run: row.run,
      schedule: row.schedule,
      orderAt: nominalAt,
      nominalAt,
      dueAt: parseInstant(row.due),
      cause: 'schedule',
    },
  ];
}
