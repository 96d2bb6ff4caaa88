// The times of day of a cron expression as seconds 0 to 86,399; every matching day has the same.
import {
  type Bits60,
  hasMember,
  memberCount,
  membersBelow,
  nextMember,
  previousMember,
} from './bits.ts';
import type { CronFields } from './fields.ts';

export interface TimesOfDay {
  readonly first: number;
  readonly last: number;
  readonly perDay: number;
  /** Smallest matching second of the day ≥ from, or -1. */
  readonly next: (from: number) => number;
  /** Greatest matching second of the day ≤ from, or -1. */
  readonly previous: (from: number) => number;
  /** How many matching seconds of the day are < limit. */
  readonly below: (limit: number) => number;
}

export function makeTimesOfDay({ second, minute, hour }: CronFields): TimesOfDay {
  const perMinute = memberCount(second);
  const perHour = memberCount(minute) * perMinute;
  const edge = (pick: (bits: Bits60) => number): number =>
    pick(hour) * 3_600 + pick(minute) * 60 + pick(second);
  const first = edge((bits) => nextMember(bits, 0));
  const last = edge((bits) => previousMember(bits, 59));
  const firstOfHour = first % 3_600;
  const lastOfHour = last % 3_600;
  const firstSecond = first % 60;
  const lastSecond = last % 60;

  const next = (from: number): number => {
    const h = Math.floor(from / 3_600);
    if (hasMember(hour, h)) {
      const m = Math.floor(from / 60) % 60;
      if (hasMember(minute, m)) {
        const s = nextMember(second, from % 60);
        if (s >= 0) return h * 3_600 + m * 60 + s;
      }
      const later = nextMember(minute, m + 1);
      if (later >= 0) return h * 3_600 + later * 60 + firstSecond;
    }
    const laterHour = nextMember(hour, h + 1);
    return laterHour < 0 ? -1 : laterHour * 3_600 + firstOfHour;
  };
  const previous = (from: number): number => {
    const h = Math.floor(from / 3_600);
    if (hasMember(hour, h)) {
      const m = Math.floor(from / 60) % 60;
      if (hasMember(minute, m)) {
        const s = previousMember(second, from % 60);
        if (s >= 0) return h * 3_600 + m * 60 + s;
      }
      const earlier = previousMember(minute, m - 1);
      if (earlier >= 0) return h * 3_600 + earlier * 60 + lastSecond;
    }
    const earlierHour = previousMember(hour, h - 1);
    return earlierHour < 0 ? -1 : earlierHour * 3_600 + lastOfHour;
  };
  const below = (limit: number): number => {
    const h = Math.floor(limit / 3_600);
    const full = membersBelow(hour, h) * perHour;
    if (!hasMember(hour, h)) return full;
    const m = Math.floor(limit / 60) % 60;
    const inMinute = hasMember(minute, m) ? membersBelow(second, limit % 60) : 0;
    return full + membersBelow(minute, m) * perMinute + inMinute;
  };
  return { first, last, perDay: memberCount(hour) * perHour, next, previous, below };
}
