// One planning transaction: reads what is due, lets the engine decide, writes rows, runs and log entries.
import type { PlanContext, ScheduleView } from '#agent/engine/plan-schedule.ts';
import type { PlanTables } from '#agent/engine/plan-tables.ts';
import { planTick, type TickPlan } from '#agent/engine/plan-tick.ts';
import type { ActiveRun, InstalledSchedule } from '#agent/engine/types.ts';
import type { AgentStore, LocalPolicy } from '#agent/ports.ts';
import { formatInstant } from '#shared/ids.ts';
import { toLaunch } from '#shared/jobs.ts';
import { ledgerEvents } from '#shared/run/ledger-events.ts';
import type { Schedule } from '#shared/schedule/schedule.ts';
import { compileTrigger } from '#shared/time/occurrences.ts';
import type { AttemptToStart } from './runner.ts';
import { finishRun } from './settle-exits.ts';

/** Schedules planned in one transaction: bounds how long it blocks the loop, and the first start while others are planned. */
const SCHEDULES_PER_TICK = 125;
/** Pending rows of one schedule looked at together. */
const PENDING_PAGE = 256;

export interface PlanOptions {
  readonly store: AgentStore & PlanTables;
  readonly policy: Pick<LocalPolicy, 'vet'>;
  readonly runAs: string;
  readonly bootId: string;
}

export interface Planned {
  readonly starts: readonly AttemptToStart[];
  /** Something was written. */
  readonly changed: boolean;
  /** More was due than one transaction takes. */
  readonly more: boolean;
}

/** Inside the caller's transaction. */
export function planDue(options: PlanOptions, context: PlanContext): Planned {
  const { store } = options;
  const { nowAt } = context;
  const due = store.schedules.due(nowAt, SCHEDULES_PER_TICK);
  const ready = store.ledger.readySchedules(nowAt, SCHEDULES_PER_TICK);
  const retries = store.runs.dueRetries(nowAt, SCHEDULES_PER_TICK);
  if (due.length + ready.length + retries.length === 0) {
    return { starts: [], changed: false, more: false };
  }
  const seen = new Set(due.map(({ id }) => id));
  const readyOnly = ready.filter((id) => !seen.has(id)).map(store.schedules.byId);
  const views = [...due, ...readyOnly].flatMap((schedule) => viewOf(schedule, options, nowAt));
  const veto = vetoes(options);
  const plan = planTick({ views, retries, vetoOf: ({ spec }) => veto(spec) }, context);
  writePlan(options, plan, nowAt);
  unblock(store, views);
  const full = [due, ready, retries].some((list) => list.length === SCHEDULES_PER_TICK);
  const parted = plan.next.some(({ nextAt }) => nextAt !== null && nextAt <= nowAt);
  return { starts: startsOf(plan), changed: true, more: full || parted };
}

function viewOf(
  schedule: InstalledSchedule,
  options: PlanOptions,
  nowAt: number,
): readonly ScheduleView[] {
  const { store } = options;
  const { id, key, spec } = schedule;
  const compiled = compileTrigger(spec.trigger);
  if (!compiled.ok) {
    // A zone this Node no longer knows, say: the schedule rests and the log says why.
    store.schedules.setNext(id, null, schedule.ahead);
    const { code, message } = compiled.fault;
    const detail = `${key}: ${message}`.slice(0, 512);
    store.log.append([{ kind: 'state', at: formatInstant(nowAt), code, detail }]);
    return [];
  }
  const veto = vetoes(options);
  return [
    {
      schedule,
      trigger: compiled.value,
      pausedBy: store.pauses.of(key) ?? (spec.paused ? 'document' : undefined),
      pending: store.ledger.pendingOf(id, nowAt, PENDING_PAGE),
      pendingCount: () => store.ledger.pendingCount(id),
      activeRun: () => store.runs.activeOf(id).run ?? undefined,
      rowBefore: (nominalAt) => store.ledger.lastBefore(id, nominalAt),
      keptFrom: (nominalAt) => store.ledger.firstFrom(id, nominalAt)?.fromAt,
      begunAs: (run) => {
        if (!store.runs.known(run)) return undefined;
        return store.runs.get(run) ? 'starting' : 'ran';
      },
      veto: () => veto(spec),
    },
  ];
}

const vetoes =
  ({ policy, runAs }: PlanOptions) =>
  (schedule: Schedule): string | undefined => {
    const verdict = policy.vet({ schedule, launch: toLaunch(schedule.job), runAs });
    return verdict.ok ? undefined : verdict.fault.code;
  };

function writePlan({ store, bootId }: PlanOptions, plan: TickPlan, nowAt: number): void {
  store.ledger.put(plan.rows);
  store.runs.begin(
    plan.starts.map(({ run }) => run),
    bootId,
    nowAt,
  );
  for (const { run, attempt } of plan.attempts) {
    store.runs.nextAttempt(run.run, attempt, bootId, nowAt);
  }
  for (const { id, nextAt, ahead } of plan.next) store.schedules.setNext(id, nextAt, ahead);
  store.log.append(plan.events);
  const ended = plan.vetoed.flatMap(({ run }) => finishRun(store, run, lastOutcome(run), nowAt));
  store.log.append(ledgerEvents(ended, formatInstant(nowAt)));
}

/** A run between attempts has failed so far, or was interrupted each time. */
const lastOutcome = (run: ActiveRun) => (run.lostAttempts === run.attempt ? 'lost' : 'failed');

/** A page of pending rows that all ended without a start leaves the next page without anybody to wake it. */
function unblock(store: PlanOptions['store'], views: readonly ScheduleView[]): void {
  for (const { schedule, pending } of views) {
    if (pending.length < PENDING_PAGE) continue;
    if (store.runs.activeOf(schedule.id).count === 0) store.ledger.wakeWaiting(schedule.id);
  }
}

const startsOf = (plan: TickPlan): AttemptToStart[] => [
  ...plan.starts.map(({ run, schedule }) => ({
    run: run.run,
    attempt: 1,
    key: schedule.key,
    spec: schedule.spec,
    nominalAt: run.nominalAt,
    dueAt: run.dueAt,
  })),
  ...plan.attempts.map(({ run, attempt }) => ({
    run: run.run,
    attempt,
    key: run.key,
    spec: run.spec,
    nominalAt: run.nominalAt,
    dueAt: run.dueAt,
  })),
];
