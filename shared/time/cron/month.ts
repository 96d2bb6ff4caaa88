// Which days of one month a cron expression means: day of month, day of week and how they combine (T9, T10).
import type { CronFields } from './fields.ts';

/** Bit n-1 for day n. `firstDay` is the first of the month in days since 1970-01-01. */
export function maskOfMonth(fields: CronFields, firstDay: number, length: number): number {
  const all = 2 ** length - 1;
  const weekdayOf = (day: number): number => (((firstDay + day - 1 + 4) % 7) + 7) % 7;
  const byWeekday = fields.starWeekday ? all : maskOfWeekdays(fields.weekday, weekdayOf, length);
  if (fields.starDay) return byWeekday;
  let byDay = fields.day & all;
  if (fields.lastDay) byDay |= 1 << (length - 1);
  if (fields.lastWeekday) byDay |= 1 << (nearestWeekday(length, length, weekdayOf) - 1);
  for (let day = 1; day <= length; day += 1)
    if ((fields.nearestWeekday >>> (day - 1)) & 1)
      byDay |= 1 << (nearestWeekday(day, length, weekdayOf) - 1);
  return fields.starWeekday || fields.bothDays ? byDay & byWeekday : byDay | byWeekday;
}

function maskOfWeekdays(
  weekday: readonly number[],
  weekdayOf: (day: number) => number,
  length: number,
): number {
  let mask = 0;
  for (let day = 1; day <= length; day += 1) {
    const rule = weekday[weekdayOf(day)] ?? 0;
    const nth = 1 << Math.floor((day - 1) / 7);
    if (rule & nth || (rule & 32 && day + 7 > length)) mask |= 1 << (day - 1);
  }
  return mask;
}

/** The Monday to Friday nearest to a day, never leaving the month. */
function nearestWeekday(day: number, length: number, weekdayOf: (day: number) => number): number {
  const weekday = weekdayOf(day);
  if (weekday === 0) return day === length ? day - 2 : day + 1;
  if (weekday === 6) return day === 1 ? day + 2 : day - 1;
  return day;
}
