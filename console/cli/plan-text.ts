// A plan in words: faults with their places, what changes, on how many machines.
import type { Plan, ScheduleChange } from '#console/views.ts';
import type { Fault } from '#shared/result.ts';
import { inert } from './inert.ts';
import { machines } from './machines.ts';
import { faultText, paint, type Style } from './output.ts';

const MARKS: Readonly<Record<ScheduleChange['change'], readonly [string, Style]>> = {
  added: ['+', 'green'],
  changed: ['~', 'yellow'],
  removed: ['-', 'red'],
  unchanged: ['=', 'dim'],
};

/** All faults at once, and that nothing was changed. */
export const planFaultLines = (faults: readonly Fault[]): readonly string[] => [
  ...faults.map(faultText),
  `${faults.length} ${faults.length === 1 ? 'fault' : 'faults'}; nothing was changed.`,
];

export function planLines(plan: Plan): readonly string[] {
  const changed = plan.changes.filter(({ change }) => change !== 'unchanged');
  const unchanged = plan.changes.length - changed.length;
  return [
    ...changed.flatMap(changeLines),
    ...(unchanged > 0 ? [paint('dim', `= ${unchanged} unchanged`)] : []),
    ...plan.streams.flatMap((stream) => [
      `stream ${stream.stream}: revision ${stream.revision} for ${machines(stream.audience)}` +
        `${stream.joining.length > 0 ? `, joining ${machines(stream.joining)}` : ''}` +
        `${stream.leaving.length > 0 ? `, leaving ${machines(stream.leaving)}` : ''}`,
    ]),
    ...plan.warnings.map((warning) => paint('yellow', `warning: ${inert(warning)}`)),
  ];
}

function changeLines(change: ScheduleChange): readonly string[] {
  const [mark, style] = MARKS[change.change];
  const value = (text: string | null): string => (text === null ? 'nothing' : inert(text));
  const next = change.next.slice(0, 3).join(', ');
  return [
    paint(style, `${mark} ${change.stream}/${change.schedule} ${change.change}`),
    ...(change.change === 'changed'
      ? change.fields.map(({ path, from, to }) => `    ${path}: ${value(from)} → ${value(to)}`)
      : []),
    ...(change.change === 'removed' || next === '' ? [] : [`    next ${next}`]),
  ];
}
