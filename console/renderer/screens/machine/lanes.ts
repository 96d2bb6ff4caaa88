// The timeline's lanes: one per schedule, with runs, gaps and coming occurrences as marks. Pure.
import type { Timeline } from '#console/views.ts';

export interface LaneMark {
  readonly kind: 'run' | 'gap' | 'coming';
  readonly schedule: string;
  /** Name of the status list: a run's state, a disposition, or `planned`. */
  readonly status: string;
  /** Where it is drawn, milliseconds: started to finished; the planned instant for the rest. */
  readonly beginAt: number;
  readonly endAt: number;
  readonly planned: string | null;
  readonly due: string | null;
  readonly started: string | null;
  readonly finished: string | null;
  readonly run: string | null;
  readonly exitCode: number | null;
  readonly attempts: number;
  readonly reason: string | null;
  readonly detail: string | null;
  readonly count: number;
  /** Last planned instant of a gap of several. */
  readonly until: string | null;
}
export interface Lane {
  readonly schedule: string;
  readonly marks: readonly LaneMark[];
}

const NOTHING = {
  planned: null,
  due: null,
  started: null,
  finished: null,
  run: null,
  exitCode: null,
  attempts: 0,
  reason: null,
  detail: null,
  count: 1,
  until: null,
} as const;

export function lanesOf(
  data: Timeline,
  schedules: readonly string[],
  now: number,
): readonly Lane[] {
  const bySchedule = new Map<string, LaneMark[]>(schedules.map((name) => [name, []]));
  const put = (mark: LaneMark): void => {
    const lane = bySchedule.get(mark.schedule);
    if (lane) lane.push(mark);
    else bySchedule.set(mark.schedule, [mark]);
  };
  for (const run of data.runs) {
    const begin = run.started ?? run.due ?? run.planned;
    if (begin === null) continue;
    put({
      ...NOTHING,
      ...run,
      kind: 'run',
      status: run.state,
      beginAt: Date.parse(begin),
      endAt: run.finished ? Date.parse(run.finished) : run.started ? now : Date.parse(begin),
    });
  }
  for (const gap of data.gaps) {
    put({
      ...NOTHING,
      kind: 'gap',
      schedule: gap.schedule,
      status: gap.disposition === 'pending' ? 'planned' : gap.disposition,
      beginAt: Date.parse(gap.from),
      endAt: Date.parse(gap.to),
      planned: gap.from,
      due: gap.due,
      reason: gap.reason,
      detail: gap.detail,
      count: gap.count,
      until: gap.count > 1 ? gap.to : null,
    });
  }
  for (const coming of data.coming) {
    put({
      ...NOTHING,
      kind: 'coming',
      schedule: coming.schedule,
      status: 'planned',
      beginAt: Date.parse(coming.planned),
      endAt: Date.parse(coming.planned),
      planned: coming.planned,
      due: coming.due,
      reason: coming.shift === 'gap' ? 'moved: that local time does not exist on this day' : null,
    });
  }
  return [...bySchedule]
    .map(([schedule, marks]) => ({ schedule, marks }))
    .sort((a, b) => (a.schedule < b.schedule ? -1 : 1));
}
