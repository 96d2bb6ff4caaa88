// Walks the wall-clock times of one cron expression, with no zone: times are milliseconds as if local were UTC.
import { FIRST_DAY, LAST_DAY, makeMatchingDays } from './days.ts';
import type { CronFields } from './fields.ts';
import { makeTimesOfDay } from './times-of-day.ts';

export interface Walls {
  /** First matching time ≥ wall (whole seconds), up to the end of year 9999. */
  readonly next: (wall: number) => number | undefined;
  /** Last matching time ≤ wall, back to year 1. */
  readonly previous: (wall: number) => number | undefined;
  /** How many matching times lie in [from, to). */
  readonly count: (from: number, to: number) => number;
}

const DAY_MS = 86_400_000;

/** Makes the walker of one expression; it remembers only the month it looked at last. */
export function makeWalls(fields: CronFields): Walls {
  const time = makeTimesOfDay(fields);
  const days = makeMatchingDays(fields);
  return {
    next: (wall) => {
      const from = Math.max(wall, FIRST_DAY * DAY_MS);
      const day = Math.floor(from / DAY_MS);
      if (day > LAST_DAY) return undefined;
      if (days.has(day)) {
        const second = time.next((from - day * DAY_MS) / 1_000);
        if (second >= 0) return day * DAY_MS + second * 1_000;
      }
      const found = days.next(day + 1);
      return found === undefined ? undefined : found * DAY_MS + time.first * 1_000;
    },
    previous: (wall) => {
      const from = Math.min(wall, (LAST_DAY + 1) * DAY_MS - 1_000);
      const day = Math.floor(from / DAY_MS);
      if (day < FIRST_DAY) return undefined;
      if (days.has(day)) {
        const second = time.previous((from - day * DAY_MS) / 1_000);
        if (second >= 0) return day * DAY_MS + second * 1_000;
      }
      const found = days.previous(day - 1);
      return found === undefined ? undefined : found * DAY_MS + time.last * 1_000;
    },
    count: (from, to) => {
      const low = Math.max(from, FIRST_DAY * DAY_MS);
      const high = Math.min(to, (LAST_DAY + 1) * DAY_MS);
      if (high <= low) return 0;
      const firstDay = Math.floor(low / DAY_MS);
      const lastDay = Math.floor(high / DAY_MS);
      const before = days.has(firstDay) ? time.below((low - firstDay * DAY_MS) / 1_000) : 0;
      const partial = (high - lastDay * DAY_MS) / 1_000;
      const after = partial > 0 && days.has(lastDay) ? time.below(partial) : 0;
      return days.count(firstDay, lastDay) * time.perDay + after - before;
    },
  };
}
