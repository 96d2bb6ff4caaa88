// One decision of the scheduler: from what is due to rows, starts and log entries. Pure: `now` is an argument.
import { formatInstant } from '#shared/ids.ts';
import type { NewEvent } from '#shared/run/event.ts';
import { ledgerEvents } from '#shared/run/ledger-events.ts';
import { type PlanContext, planSchedule, type ScheduleView, type Start } from './plan-schedule.ts';
import { toLedgerRow } from './rows.ts';
import type { ActiveRun, OccurrenceRow } from './types.ts';

export interface TickSnapshot {
  /** Schedules with something due, each once. */
  readonly views: readonly ScheduleView[];
  /** Runs whose next attempt is due. */
  readonly retries: readonly ActiveRun[];
  /** Code of the local policy's veto for the spec the run began with. */
  readonly vetoOf: (run: ActiveRun) => string | undefined;
}

export interface TickPlan {
  readonly rows: readonly OccurrenceRow[];
  /** On time first, then what was caught up; each by the instant it was due (E20). */
  readonly starts: readonly Start[];
  readonly attempts: readonly { readonly run: ActiveRun; readonly attempt: number }[];
  /** Retries the local policy no longer allows: their runs end as they last failed. */
  readonly vetoed: readonly { readonly run: ActiveRun; readonly code: string }[];
  readonly next: readonly {
    readonly id: number;
    readonly nextAt: number | null;
    readonly ahead: boolean;
  }[];
  readonly events: readonly NewEvent[];
}

export function planTick(snapshot: TickSnapshot, context: PlanContext): TickPlan {
  const at = formatInstant(context.nowAt);
  const rows: OccurrenceRow[] = [];
  const starts: Start[] = [];
  const next: { id: number; nextAt: number | null; ahead: boolean }[] = [];
  const keysById = new Map<number, string>();
  for (const view of snapshot.views) {
    const plan = planSchedule(view, context);
    const { id, key, nextAt, ahead } = view.schedule;
    keysById.set(id, key);
    rows.push(...plan.rows);
    starts.push(...plan.starts);
    if (plan.nextAt !== nextAt || plan.ahead !== ahead) {
      next.push({ id, nextAt: plan.nextAt, ahead: plan.ahead });
    }
  }
  starts.sort(byPrecedence);
  const attempts: { run: ActiveRun; attempt: number }[] = [];
  const vetoed: { run: ActiveRun; code: string }[] = [];
  for (const run of snapshot.retries) {
    const code = snapshot.vetoOf(run);
    if (code === undefined) attempts.push({ run, attempt: run.attempt + 1 });
    else vetoed.push({ run, code });
  }
  const told = rows.map((row) => toLedgerRow(row, keysById.get(row.schedule) as string));
  const events: NewEvent[] = [
    ...ledgerEvents(told, at),
    ...starts.map(({ run, schedule }) => attemptStarted(at, { ...run, key: schedule.key }, 1)),
    ...attempts.map(({ run, attempt }) =>
      attemptStarted(at, { ...run, cause: 'retry' as const }, attempt),
    ),
    ...vetoed.map(({ run, code }) => ({
      kind: 'state' as const,
      at,
      code,
      detail: `run ${run.run} of ${run.key} is not tried again: the local policy forbids it`,
    })),
  ];
  return { rows, starts, attempts, vetoed, next, events };
}

const byPrecedence = (a: Start, b: Start): number =>
  Number(a.run.cause === 'catch-up') - Number(b.run.cause === 'catch-up') ||
  (a.run.dueAt ?? 0) - (b.run.dueAt ?? 0) ||
  (a.schedule.key < b.schedule.key ? -1 : 1);

interface Started {
  readonly run: string;
  readonly key: string;
  readonly nominalAt: number | null;
  readonly dueAt: number | null;
  readonly cause: 'schedule' | 'catch-up' | 'retry' | 'manual';
}

/** The entry that tells of an attempt before its process exists. */
export const attemptStarted = (at: string, started: Started, attempt: number): NewEvent => ({
  kind: 'attempt-started',
  at,
  run: started.run,
  schedule: started.key,
  nominal: started.nominalAt === null ? null : formatInstant(started.nominalAt),
  due: started.dueAt === null ? null : formatInstant(started.dueAt),
  attempt,
  cause: started.cause,
});
