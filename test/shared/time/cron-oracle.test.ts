// The engine against a brute-force oracle over random expressions, around real changes of real zones.
import { Cron } from 'croner';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bruteForce } from './oracle.ts';
import { cron } from './support.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Zones and the (approximate) moments their clocks did something worth testing. */
const CHANGES: readonly (readonly [string, string])[] = [
  ['Europe/Berlin', '2026-03-29T01:00Z'],
  ['Europe/Berlin', '2026-10-25T01:00Z'],
  ['Europe/Berlin', '2026-06-15T12:00Z'],
  ['America/New_York', '2026-03-08T07:00Z'],
  ['America/New_York', '2026-11-01T06:00Z'],
  ['America/New_York', '2027-01-01T05:00Z'],
  ['America/Nuuk', '2026-03-29T01:00Z'],
  ['America/Nuuk', '2026-10-25T01:00Z'],
  ['America/Nuuk', '2023-03-26T01:00Z'],
  ['Australia/Lord_Howe', '2026-04-04T15:00Z'],
  ['Australia/Lord_Howe', '2026-10-03T15:30Z'],
  ['Asia/Kathmandu', '1985-12-31T18:30Z'],
  ['Pacific/Apia', '2011-12-30T10:00Z'],
  ['Pacific/Kwajalein', '1993-08-21T12:00Z'],
  ['Africa/Casablanca', '2026-02-15T02:00Z'],
  ['Africa/Casablanca', '2026-03-22T02:00Z'],
  ['America/Sao_Paulo', '2018-11-04T03:00Z'],
  ['America/Sao_Paulo', '2018-02-18T02:00Z'],
  ['Africa/Cairo', '2026-04-23T22:00Z'],
  ['America/Santiago', '2026-09-06T04:00Z'],
  ['America/Santiago', '2026-04-05T03:00Z'],
  ['Asia/Beirut', '2026-03-28T22:00Z'],
  ['America/Havana', '2026-11-01T05:00Z'],
  ['Atlantic/Azores', '2026-03-29T01:00Z'],
  ['Antarctica/Troll', '2026-03-29T01:00Z'],
  ['Antarctica/Troll', '2026-10-25T01:00Z'],
  ['America/Caracas', '2007-12-09T07:00Z'],
  ['Asia/Pyongyang', '2018-05-04T15:00Z'],
  ['Pacific/Chatham', '2026-09-26T14:00Z'],
  ['America/St_Johns', '2006-10-29T02:31Z'],
  ['Antarctica/Casey', '2020-10-03T16:01Z'],
  ['UTC', '2028-02-29T00:00Z'],
];

const number = (low: number, high: number) => fc.integer({ min: low, max: high }).map(String);
const range = (low: number, high: number) =>
  fc
    .tuple(fc.integer({ min: low, max: high }), fc.integer({ min: low, max: high }))
    .map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`);
const step = fc.integer({ min: 1, max: 7 });
const item = (low: number, high: number) =>
  fc.oneof(
    { weight: 4, arbitrary: number(low, high) },
    range(low, high),
    fc.tuple(range(low, high), step).map(([r, n]) => `${r}/${n}`),
    fc.tuple(number(low, high), step).map(([from, n]) => `${from}/${n}`),
  );
const field = (low: number, high: number) =>
  fc.oneof(
    { weight: 2, arbitrary: fc.constantFrom('*', '*', '*/2', '*/5', '*/7') },
    { weight: 3, arbitrary: item(low, high) },
    fc.array(item(low, high), { minLength: 2, maxLength: 3 }).map((items) => items.join(',')),
  );
const dayOfMonth = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('*', '?') },
  { weight: 2, arbitrary: field(1, 31) },
  fc.constantFrom('L', 'LW', '1W', '15W', '31W', '29,L', '10W,20W'),
);
const dayOfWeek = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('*', '?') },
  { weight: 2, arbitrary: field(0, 6) },
  fc.constantFrom('7', '5-7', '0,6', '1#1', '5#3', '0#5', '5L', '1L,3#2', '+1', '+1-5', '+5#2'),
);
const month = fc.oneof({ weight: 3, arbitrary: fc.constant('*') }, field(1, 12));

describe('against a clock on the wall, minute by minute (T13 to T18)', () => {
  const expression = fc
    .tuple(field(0, 59), fc.oneof(field(0, 23), field(0, 4)), dayOfMonth, month, dayOfWeek)
    .map((fields) => `0 ${fields.join(' ')}`);
  const shift = fc.integer({ min: -20 * 60, max: 4 * 60 });

  it('next, previous, between and count agree with it around clock changes', () => {
    fc.assert(
      fc.property(expression, fc.constantFrom(...CHANGES), shift, (text, [zone, near], minutes) => {
        const trigger = cronOrNever(text, zone);
        if (!trigger) return;
        const afterAt = Date.parse(near) + minutes * MINUTE_MS;
        const upToAt = afterAt + 30 * HOUR_MS;
        const expected = bruteForce(text, zone, afterAt, upToAt, MINUTE_MS);
        expect(trigger.between(afterAt, upToAt, 10_000)).toEqual(expected);
        expect(trigger.count(afterAt, upToAt)).toBe(expected.length);
        const backwards = [];
        for (let one = trigger.previous(upToAt + 1); one && one.at > afterAt; ) {
          backwards.unshift(one);
          one = trigger.previous(one.at);
        }
        expect(backwards).toEqual(expected);
      }),
      { numRuns: 300, seed: 20_260_329 },
    );
  });

  it('agrees second by second within two hours of a change', () => {
    const seconds = fc
      .tuple(
        field(0, 59),
        field(0, 59),
        fc.constantFrom('*', '1', '2', '0-3', '0,1,2', '*/2', '23'),
      )
      .map(([s, m, h]) => `${s} ${m} ${h} * * *`);
    fc.assert(
      fc.property(seconds, fc.constantFrom(...CHANGES), (text, [zone, near]) => {
        const trigger = cron(text, zone);
        const afterAt = Date.parse(near) - HOUR_MS;
        const upToAt = afterAt + 2 * HOUR_MS;
        const expected = bruteForce(text, zone, afterAt, upToAt, 1_000);
        expect(trigger.between(afterAt, upToAt, 10_000)).toEqual(expected);
        expect(trigger.count(afterAt, upToAt)).toBe(expected.length);
      }),
      { numRuns: 12, seed: 7 },
    );
  });

  it('agrees day by day over three years of rare dates', () => {
    const dates = fc
      .tuple(dayOfMonth, month, dayOfWeek, fc.constantFrom('*', '*', '2024-2026', '2025', '2024/2'))
      .map(([dom, mon, dow, year]) => `0 0 0 ${dom} ${mon} ${dow} ${year}`);
    const from = fc.integer({
      min: Date.UTC(1995, 0, 1) / 864e5,
      max: Date.UTC(2035, 0, 1) / 864e5,
    });
    fc.assert(
      fc.property(dates, from, (text, day) => {
        const trigger = cronOrNever(text, 'UTC');
        if (!trigger) return;
        const afterAt = day * 864e5;
        const upToAt = afterAt + 1_100 * 864e5;
        const expected = bruteForce(text, 'UTC', afterAt, upToAt, 864e5);
        expect(trigger.between(afterAt, upToAt, 10_000)).toEqual(expected);
        expect(trigger.count(afterAt, upToAt)).toBe(expected.length);
        expect(trigger.previous(upToAt + 1)?.at ?? 0).toBe(
          expected.at(-1)?.at ?? trigger.previous(afterAt + 1)?.at ?? 0,
        );
      }),
      { numRuns: 150, seed: 11 },
    );
  });
});

describe('against croner in UTC (T7 to T10)', () => {
  it('the next five occurrences are the same', () => {
    const any = fc
      .tuple(field(0, 59), field(0, 59), field(0, 23), dayOfMonth, month, dayOfWeek)
      .map((fields) => fields.join(' '));
    fc.assert(
      fc.property(any, fc.integer({ min: 0, max: 4e9 }), (text, second) => {
        const trigger = cronOrNever(text, 'UTC');
        const reference = new Cron(text, { timezone: 'UTC', paused: true, sloppyRanges: true });
        let at = second * 1_000;
        for (let round = 0; round < 5; round += 1) {
          const expected = reference.nextRun(new Date(at))?.getTime();
          expect(trigger?.next(at)?.at).toBe(expected);
          if (expected === undefined) return;
          at = expected;
        }
      }),
      { numRuns: 300, seed: 3 },
    );
  });
});

/** Random dates such as 31 February are refused; everything else must compile. */
function cronOrNever(text: string, zone: string) {
  try {
    return cron(text, zone);
  } catch (error) {
    if (String(error).includes('CRON_NEVER')) return undefined;
    throw error;
  }
}
