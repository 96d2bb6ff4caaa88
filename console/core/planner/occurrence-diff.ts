// The occurrence diff: what a plan starts, stops and moves in the next days, and on how many machines.
import { type Comparison, compareOccurrences, type Window } from '#console/core/fleet/compare.ts';
import type { OccurrenceChange, OccurrenceDiff } from '#console/views/planning.ts';
import type { Plan } from '#console/views.ts';
import { formatInstant } from '#shared/ids.ts';
import type { Schedule } from '#shared/schedule/schedule.ts';
import { type CompiledTrigger, compileTrigger } from '#shared/time/occurrences.ts';
import type { PlanContext } from './context.ts';
import { currentStream, parseSchedule } from './current.ts';

const DAY_MS = 86_400_000;

/** Of what is published now against what the plan would publish; schedules that stay as they are, are left out. */
export function diffOccurrences(context: PlanContext, plan: Plan, days: number): OccurrenceDiff {
  const { nowAt } = context;
  const window = { fromAt: nowAt, toAt: nowAt + days * DAY_MS };
  const touched = new Set<string>();
  const schedules: OccurrenceChange[] = [];
  const total = { starts: 0, stops: 0, moves: 0 };
  for (const stream of plan.streams) {
    const { audience, joining, leaving } = stream;
    const changes = plan.changes.filter((change) => change.stream === stream.stream);
    const now = currentStream(context.store, stream.stream);
    const planned = plannedSchedules(plan, stream.stream) ?? now.schedules;
    const staying = audience.length - joining.length;
    // A removal has no audience: everybody who had it leaves, and that says it all.
    const isRemoval = audience.length === 0;
    for (const { schedule, change, fields } of changes) {
      if (change === 'unchanged' && joining.length + leaving.length === 0) continue;
      const old = now.schedules.find(({ id }) => id === schedule);
      const fresh = planned.find(({ id }) => id === schedule);
      const compared = compare(old, fresh, window);
      total.starts += staying * compared.starts + joining.length * compared.after;
      total.stops += staying * compared.stops + leaving.length * compared.before;
      total.moves += staying * compared.moves;
      schedules.push({
        stream: stream.stream,
        schedule,
        change,
        machines: {
          before: now.audience.length,
          after: isRemoval ? 0 : audience.length,
          joining: joining.length,
          leaving: leaving.length,
        },
        ...told(compared),
        otherwise: fields.map(({ path }) => path).filter((path) => !TIMES.test(path)),
      });
    }
    if (plan.documents.length > 0)
      for (const agent of [...audience, ...leaving]) touched.add(agent);
  }
  return {
    faults: plan.faults,
    from: formatInstant(window.fromAt),
    to: formatInstant(window.toAt),
    schedules,
    total: { ...total, machines: touched.size },
  };
}

const TIMES = /^(trigger\.|paused$)/;

/** The schedules in the bytes to be signed; undefined when the stream has nothing to sign. */
function plannedSchedules(plan: Plan, stream: string): readonly Schedule[] | undefined {
  const documents = plan.documents
    .map(({ payload }) => parseSchedule(payload))
    .filter((document) => document.stream === stream);
  if (documents.length === 0) return undefined;
  return documents.find(({ schedules }) => schedules.length > 0)?.schedules ?? [];
}

function compare(
  old: Schedule | undefined,
  fresh: Schedule | undefined,
  window: Window,
): Comparison {
  const same = JSON.stringify(old?.trigger) === JSON.stringify(fresh?.trigger);
  return compareOccurrences(compiledOf(old), compiledOf(fresh), same, window);
}

function compiledOf(schedule: Schedule | undefined): CompiledTrigger | undefined {
  const compiled = schedule && !schedule.paused ? compileTrigger(schedule.trigger) : undefined;
  return compiled?.ok ? compiled.value : undefined;
}

function told(compared: Comparison) {
  const { before, after, exact, starts, stops, moves } = compared;
  return {
    before,
    after,
    exact,
    starts: { count: starts, first: compared.firstStarts.map(formatInstant) },
    stops: { count: stops, first: compared.firstStops.map(formatInstant) },
    moves: {
      count: moves,
      first: compared.firstMoves.map(([fromAt, toAt]) => ({
        from: formatInstant(fromAt),
        to: formatInstant(toAt),
      })),
    },
  };
}
