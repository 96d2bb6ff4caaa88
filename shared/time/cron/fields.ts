// Reads a cron expression into compact sets. croner's parser decides the grammar; nothing of croner is kept.
import { CronPattern } from 'croner';
import { err, ok, type Result } from '#shared/result.ts';
import { type Bits60, bitsOf } from './bits.ts';

export interface CronFields {
  readonly second: Bits60;
  readonly minute: Bits60;
  readonly hour: Bits60;
  /** Bit n-1 for day n of the month. */
  readonly day: number;
  /** Bit n-1 for `nW`, the weekday nearest to day n. */
  readonly nearestWeekday: number;
  /** `L` in the day of month: its last day. */
  readonly lastDay: boolean;
  /** `LW`: the last Monday to Friday of the month. */
  readonly lastWeekday: boolean;
  /** Bit n-1 for month n. */
  readonly month: number;
  /** For Sunday (0) to Saturday: bits 0 to 4 for the first to the fifth of the month, bit 5 for the last. */
  readonly weekday: readonly number[];
  /** A bare star or question mark: the field does not restrict. */
  readonly starDay: boolean;
  readonly starWeekday: boolean;
  /** `+` before the day of week: both day fields must match. */
  readonly bothDays: boolean;
  /** Ascending; undefined means every year. */
  readonly years: Uint16Array | undefined;
  /** Minute or hour field starts with a star: follows the wall clock (T14). */
  readonly wild: boolean;
}

const SHAPE_HINT =
  'use 5 fields (minute hour day month weekday), 6 (seconds first) or 7 (year last), or a nickname such as @daily';
const NAMES = ['second', 'minute', 'hour', 'day of month', 'month', 'day of week', 'year'] as const;
const LIMITS: readonly (readonly [number, number])[] = [
  [0, 59],
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 7],
  [1, 9_999],
];

/** Parses one expression; `CRON_SYNTAX` says what is wrong with which field. */
export function parseCronFields(expression: string): Result<CronFields> {
  const prepared = checkSteps(expression.trim());
  if (!prepared.ok) return prepared;
  try {
    return ok(compact(new CronPattern(prepared.value, undefined, { sloppyRanges: true })));
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const reason = text
      .replace(/^CronPattern: /, '')
      .replace(/configuration entry (\d)/, (_, index) => NAMES[Number(index)] ?? 'field');
    return syntax(expression, reason);
  }
}

function syntax(expression: string, reason: string): Result<never> {
  const name = expression.trim().toLowerCase();
  const hint = name.startsWith('@reboot')
    ? 'a cron expression cannot mean "at boot"; give clock times'
    : name.startsWith('@every')
      ? 'use a trigger of kind every with an ISO 8601 period such as PT15M'
      : reason.startsWith('From value is larger')
        ? 'a range cannot run past the end of its field; write two, as in 22-23,0-2'
        : SHAPE_HINT;
  return err('CRON_SYNTAX', `cron expression '${expression}': ${reason}`, { hint });
}

/**
 * Looks at steps that start at a number, which croner's lenient mode accepts without looking:
 * `60/5` would be silently empty, `/5` a silent star. `7/n` on the weekday is Sunday.
 */
function checkSteps(expression: string): Result<string> {
  if (expression.startsWith('@')) return ok(expression);
  const parts = expression.split(/\s+/);
  const offset = parts.length === 5 ? 1 : 0;
  const rewritten: string[] = [];
  for (const [index, part] of parts.entries()) {
    const name = NAMES[index + offset] ?? 'field';
    const [low, high] = LIMITS[index + offset] ?? [0, 9_999];
    const items: string[] = [];
    for (const item of part.split(',')) {
      const step = /^(\+?)(\d*)\/(\d+)$/.exec(item);
      const start = step?.[2] ?? '';
      if (step && start === '')
        return syntax(expression, `${name} '${part}': a step needs a start, as in */${step[3]}`);
      if (step && (Number(start) < low || Number(start) > high))
        return syntax(expression, `${name} '${part}': ${start} is not between ${low} and ${high}`);
      const sunday = step && name === 'day of week' && Number(start) === 7 && Number(step[3]) > 0;
      items.push(sunday ? `${step[1]}7` : item);
    }
    rewritten.push(items.join(','));
  }
  return ok(rewritten.join(' '));
}

function compact(pattern: CronPattern): CronFields {
  // croner has expanded a nickname by now, so `@hourly` is as wild as `0 * * * *`.
  const parts = pattern.pattern.trim().split(/\s+/);
  const [minute = '', hour = ''] = parts.length === 5 ? parts : parts.slice(1);
  const years: number[] = [];
  if (!pattern.starYear)
    pattern.year.forEach((flag, year) => {
      if (flag) years.push(year);
    });
  return {
    second: bitsOf(pattern.second),
    minute: bitsOf(pattern.minute),
    hour: bitsOf(pattern.hour),
    day: word(pattern.day),
    nearestWeekday: word(pattern.nearestWeekdays),
    lastDay: pattern.lastDayOfMonth,
    lastWeekday: pattern.lastWeekday,
    month: word(pattern.month),
    weekday: pattern.dayOfWeek.slice(0, 7),
    starDay: pattern.starDOM,
    starWeekday: pattern.starDOW,
    bothDays: pattern.useAndLogic,
    years: pattern.starYear ? undefined : Uint16Array.from(years),
    wild: /^[*?]/.test(minute) || /^[*?]/.test(hour),
  };
}

const word = (flags: readonly number[]): number =>
  flags.reduce((bits, flag, index) => (flag ? bits | (1 << index) : bits), 0);
