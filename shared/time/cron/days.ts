// The matching days of a cron expression as numbers since 1970-01-01, found month by month through one word of bits each.
import { highestBit, lowestBit, popcount } from './bits.ts';
import type { CronFields } from './fields.ts';
import { maskOfMonth } from './month.ts';

export interface MatchingDays {
  readonly has: (day: number) => boolean;
  /** First matching day ≥ from. */
  readonly next: (from: number) => number | undefined;
  /** Last matching day ≤ from. */
  readonly previous: (from: number) => number | undefined;
  /** How many matching days lie in [from, to). */
  readonly count: (from: number, to: number) => number;
}

interface Month {
  /** Months since year 0. */
  readonly index: number;
  readonly firstDay: number;
  readonly length: number;
  /** Bit n-1 for matching day n. */
  readonly mask: number;
}

const DAY_MS = 86_400_000;
/** Gregorian dates repeat after 400 years of 146,097 days; adding them keeps Date.UTC off its two-digit years. */
const CYCLE_YEARS = 400;
const CYCLE_DAYS = 146_097;
const FIRST_MONTH = 1 * 12;
const LAST_MONTH = 9_999 * 12 + 11;

const firstDayOfMonth = (month: number): number =>
  Date.UTC(Math.floor(month / 12) + CYCLE_YEARS, month % 12, 1) / DAY_MS - CYCLE_DAYS;
export const FIRST_DAY = firstDayOfMonth(FIRST_MONTH);
export const LAST_DAY = firstDayOfMonth(LAST_MONTH + 1) - 1;

/** Days outside FIRST_DAY to LAST_DAY must not be asked for, but next and previous may start there. */
export function makeMatchingDays(fields: CronFields): MatchingDays {
  const { years } = fields;
  let month = monthAt(fields, FIRST_MONTH);
  const monthOf = (day: number): Month => {
    if (day >= month.firstDay && day < month.firstDay + month.length) return month;
    const date = new Date(day * DAY_MS);
    month = monthAt(fields, date.getUTCFullYear() * 12 + date.getUTCMonth());
    return month;
  };
  return {
    has: (day) => {
      const { firstDay, mask } = monthOf(day);
      return ((mask >>> (day - firstDay)) & 1) === 1;
    },
    next: (from) => {
      if (from > LAST_DAY) return undefined;
      let bits = monthOf(from).mask & (-1 << (from - month.firstDay));
      while (!bits) {
        const index = monthFrom(years, month.index + 1);
        if (index > LAST_MONTH) return undefined;
        month = monthAt(fields, index);
        bits = month.mask;
      }
      return month.firstDay + lowestBit(bits);
    },
    previous: (from) => {
      if (from < FIRST_DAY) return undefined;
      let bits = monthOf(from).mask & (2 ** (from - month.firstDay + 1) - 1);
      while (!bits) {
        const index = monthUpTo(years, month.index - 1);
        if (index < FIRST_MONTH) return undefined;
        month = monthAt(fields, index);
        bits = month.mask;
      }
      return month.firstDay + highestBit(bits);
    },
    count: (from, to) => {
      let total = 0;
      for (let day = from; day < to; day = month.firstDay + month.length) {
        const { firstDay, length, mask } = monthOf(day);
        const upTo = Math.min(to - firstDay, length);
        total += popcount(mask & (-1 << (day - firstDay)) & (2 ** upTo - 1));
      }
      return total;
    },
  };
}

function monthAt(fields: CronFields, index: number): Month {
  const firstDay = firstDayOfMonth(index);
  const length = firstDayOfMonth(index + 1) - firstDay;
  const year = Math.floor(index / 12);
  const { years } = fields;
  const inYear = !years || years[yearIndex(years, year)] === year;
  const matches = inYear && ((fields.month >>> (index % 12)) & 1) === 1;
  return { index, firstDay, length, mask: matches ? maskOfMonth(fields, firstDay, length) : 0 };
}

/** The first month ≥ index in a listed year; whole years are skipped. */
function monthFrom(years: Uint16Array | undefined, index: number): number {
  if (!years) return index;
  const year = Math.floor(index / 12);
  const found = years[yearIndex(years, year)];
  if (found === undefined) return LAST_MONTH + 1;
  return found === year ? index : found * 12;
}

/** The last month ≤ index in a listed year. */
function monthUpTo(years: Uint16Array | undefined, index: number): number {
  if (!years) return index;
  const year = Math.floor(index / 12);
  const found = years[yearIndex(years, year + 1) - 1];
  if (found === undefined) return FIRST_MONTH - 1;
  return found === year ? index : found * 12 + 11;
}

/** Index of the first listed year ≥ year. */
function yearIndex(years: Uint16Array, year: number): number {
  let low = 0;
  let high = years.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((years[middle] ?? 0) < year) low = middle + 1;
    else high = middle;
  }
  return low;
}
