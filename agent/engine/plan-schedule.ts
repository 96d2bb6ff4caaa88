// Plans one schedule up to an instant: every occurrence gets one row, some of them start (E3 to E21). Pure.
import type { CompiledTrigger } from '#shared/time/occurrences.ts';
import type { HashText } from '#shared/time/splay.ts';
import { type Candidate, decideLate, type LateDecision } from './catch-up.ts';
import {
  type BulkKind,
  bulkRow,
  joinLike,
  pendingRow,
  skippedRow,
  startingRow,
} from './make-rows.ts';
import { occurrenceRunId } from './run-id.ts';
import { type Timing, timingOf } from './timing.ts';
import type { InstalledSchedule, NewRun, OccurrenceRow } from './types.ts';

/** One schedule as it stands. What is a function is only asked when the decision needs it. */
export interface ScheduleView {
  readonly schedule: InstalledSchedule;
  readonly trigger: CompiledTrigger;
  /** Nonce of the command or `document`; undefined = not paused. */
  readonly pausedBy: string | undefined;
  /** Pending rows that are due, oldest first; bounded. */
  readonly pending: readonly OccurrenceRow[];
  /** How many rows are pending in all. */
  readonly pendingCount: () => number;
  /** A run that is starting, running or between attempts; undefined = none. */
  readonly activeRun: () => string | undefined;
  readonly rowBefore: (nominalAt: number) => OccurrenceRow | undefined;
  /** Nominal instant of the first row at or after this one: only above the cursor, after a clock was corrected. */
  readonly keptFrom: (nominalAt: number) => number | undefined;
  /** How the ledger should tell of a run that was begun before; undefined = never begun. */
  readonly begunAs: (run: string) => 'starting' | 'ran' | undefined;
  /** Code of the local policy's veto; undefined = may start. */
  readonly veto: () => string | undefined;
}

export interface PlanContext {
  readonly nowAt: number;
  readonly agent: string;
  readonly sha256: HashText;
}

export interface Start {
  readonly run: NewRun;
  readonly schedule: InstalledSchedule;
}

export interface SchedulePlan {
  readonly rows: readonly OccurrenceRow[];
  readonly starts: readonly Start[];
  readonly nextAt: number | null;
  readonly ahead: boolean;
}

/** Nominal instants still to be planned, both ends included; null = none. */
interface Fresh {
  readonly firstAt: number;
  readonly lastAt: number;
}

export function planSchedule(view: ScheduleView, context: PlanContext): SchedulePlan {
  const { schedule, trigger } = view;
  const span = freshSpan(view, context.nowAt);
  const rows =
    view.pausedBy === undefined
      ? planOpen(view, context, span.fresh)
      : { rows: planPaused(view, context, span.fresh, view.pausedBy), starts: [] };
  const firstAt = span.fresh?.firstAt ?? Number.POSITIVE_INFINITY;
  // A row from before this revision or this installation is not a neighbour.
  const neighbour = () => {
    const row = view.rowBefore(firstAt);
    return row && row.fromAt > schedule.sinceAt ? row : undefined;
  };
  const joined = joinLike(rows.rows, firstAt, neighbour);
  const next =
    span.plannedTo === null ? schedule.nextAt : (trigger.next(span.plannedTo)?.at ?? null);
  return { rows: joined, starts: rows.starts, nextAt: next, ahead: span.ahead };
}

/** What is to be planned now. A row kept above the cursor (E32) parts it: what lies beyond is the next tick's. */
function freshSpan({ schedule, trigger, keptFrom }: ScheduleView, nowAt: number) {
  const { nextAt } = schedule;
  if (nextAt === null || nextAt > nowAt) {
    return { fresh: null, plannedTo: null, ahead: schedule.ahead };
  }
  const keptAt = schedule.ahead ? keptFrom(nextAt) : undefined;
  const kept = keptAt !== undefined && keptAt <= nowAt;
  const upToAt = kept ? keptAt - 1 : nowAt;
  const lastAt = trigger.previous(upToAt + 1)?.at;
  const fresh: Fresh | null =
    lastAt === undefined || lastAt < nextAt ? null : { firstAt: nextAt, lastAt };
  const plannedTo = kept ? keptAt : (lastAt ?? nextAt);
  return { fresh, plannedTo, ahead: keptAt !== undefined };
}

function planPaused(view: ScheduleView, context: PlanContext, fresh: Fresh | null, by: string) {
  const timing = timingFor(view, context);
  const rows = view.pending.map((row) => skippedRow(row, 'paused', by));
  if (fresh) {
    rows.push(bulk(view, timing, fresh, { disposition: 'skipped', reason: 'paused', detail: by }));
  }
  return rows;
}

const timingFor = ({ schedule, trigger }: ScheduleView, { agent, sha256 }: PlanContext): Timing =>
  timingOf(trigger, { agent, key: schedule.key, splayMs: schedule.spec.splayMs }, sha256);

const bulk = (
  { schedule, trigger }: ScheduleView,
  timing: Timing,
  { firstAt, lastAt }: Fresh,
  kind: BulkKind,
): OccurrenceRow =>
  bulkRow(schedule.id, kind, {
    fromAt: firstAt,
    toAt: lastAt,
    count: trigger.count(firstAt - 1, lastAt),
    dueAt: timing.dueAt(lastAt),
  });

function planOpen(view: ScheduleView, context: PlanContext, fresh: Fresh | null) {
  const timing = timingFor(view, context);
  const { nowAt } = context;
  const rows: OccurrenceRow[] = [];
  const { onTime, lateTo } = splitFresh(view.trigger, timing, fresh, nowAt);
  const prompt: Candidate[] = [];
  const latePending: Candidate[] = [];
  for (const row of view.pending) {
    const candidate = { nominalAt: row.fromAt, dueAt: row.dueAt, isNew: false };
    (timing.isLate(row.fromAt, row.dueAt, nowAt) ? latePending : prompt).push(candidate);
  }
  for (const nominalAt of onTime) {
    const dueAt = timing.dueAt(nominalAt);
    if (dueAt > nowAt) rows.push(pendingRow(view.schedule.id, nominalAt, dueAt, dueAt));
    else prompt.push({ nominalAt, dueAt, isNew: true });
  }
  const late = decideLate({
    policy: view.schedule.spec.catchUp,
    trigger: view.trigger,
    dueAt: timing.dueAt,
    pending: latePending,
    fresh: fresh && lateTo !== null ? { firstAt: fresh.firstAt, lastAt: lateTo } : null,
    survivorAt: prompt[0]?.nominalAt,
    pendingCount: view.pendingCount,
    nowAt,
  });
  rows.push(...rowsOfDecision(view, timing, late));
  const gate = openGate(view, context, late.mayWait);
  for (const candidate of prompt) gate.pass(candidate, true);
  for (const candidate of late.candidates) gate.pass(candidate, false);
  return { rows: [...rows, ...gate.rows], starts: gate.starts };
}

/** The newest occurrences that are not late, and the newest late one. With splay below the gap these are at most a few. */
function splitFresh(trigger: CompiledTrigger, timing: Timing, fresh: Fresh | null, nowAt: number) {
  const onTime: number[] = [];
  let at: number | undefined = fresh?.lastAt;
  while (fresh && at !== undefined && at >= fresh.firstAt) {
    if (timing.isLate(at, timing.dueAt(at), nowAt)) return { onTime, lateTo: at };
    onTime.unshift(at);
    at = trigger.previous(at)?.at;
  }
  return { onTime, lateTo: null };
}

function rowsOfDecision(view: ScheduleView, timing: Timing, late: LateDecision): OccurrenceRow[] {
  const rows = late.bulks.map(({ kind, ...span }) => bulk(view, timing, span, kind));
  for (const { candidate, kind } of late.settled) {
    const { nominalAt, dueAt } = candidate;
    rows.push(
      bulkRow(view.schedule.id, kind, { fromAt: nominalAt, toAt: nominalAt, count: 1, dueAt }),
    );
  }
  return rows;
}

/** The gates after catch-up, in their order: deadline, overlap, local policy. */
function openGate(view: ScheduleView, { nowAt, agent, sha256 }: PlanContext, mayWait: boolean) {
  const { schedule } = view;
  const { startDeadlineMs } = schedule.spec.catchUp;
  const rows: OccurrenceRow[] = [];
  const starts: Start[] = [];
  let begun: string | undefined;
  const blocking = (): string | undefined =>
    schedule.spec.overlap === 'allow' ? undefined : (begun ?? view.activeRun());

  const pass = ({ nominalAt, dueAt, isNew }: Candidate, prompt: boolean): void => {
    const row = pendingRow(schedule.id, nominalAt, dueAt, null);
    if (startDeadlineMs !== undefined && nowAt - dueAt > startDeadlineMs) {
      rows.push({ ...row, disposition: 'expired', reason: 'deadline' });
      return;
    }
    const blockedBy = blocking();
    if (blockedBy !== undefined) {
      if (prompt || !mayWait) rows.push(skippedRow(row, 'overlap', blockedBy));
      // Already waiting rows are written again without an instant: the end of a run wakes them, not the clock.
      else if (isNew || view.pending.some((p) => p.fromAt === nominalAt && p.readyAt !== null)) {
        rows.push(row);
      }
      return;
    }
    const veto = view.veto();
    if (veto !== undefined) {
      rows.push(skippedRow(row, 'vetoed', veto));
      return;
    }
    const run = occurrenceRunId(agent, schedule.key, nominalAt, sha256);
    const before = view.begunAs(run);
    if (before !== undefined) {
      // Its row went with old history under a clock from the future; it was had all the same (E32).
      rows.push({ ...row, disposition: before, run });
      return;
    }
    begun = run;
    rows.push(startingRow(row, begun));
    const cause = prompt ? 'schedule' : 'catch-up';
    starts.push({
      schedule,
      run: { run, schedule: schedule.id, specId: schedule.specId, nominalAt, dueAt, cause },
    });
  };
  return { pass, rows, starts };
}
