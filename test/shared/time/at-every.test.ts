// Triggers `at` and `every`, and local time in words: T1 to T6 and T19 of shared/time/SPEC.md.
import { describe, expect, it } from 'vitest';
import { describeTrigger, localTime } from '#shared/time/occurrences.ts';
import { clockNote } from '#shared/time/preview.ts';
import { codeOf, compiled, listUtc } from './support.ts';

const at = (time: string, zone?: string) =>
  compiled({ kind: 'at', time, ...(zone === undefined ? {} : { zone }) });
const every = (period: string, anchor = '2026-01-01T00:00:00Z') =>
  compiled({ kind: 'every', period, anchor });
const LONG_AGO = '1990-01-01T00:00:00Z';

describe('at', () => {
  it.each([
    ['2026-07-01T08:00:00', 'Europe/Berlin', '2026-07-01T06:00:00Z'],
    ['2026-07-01T08:00', 'Asia/Kathmandu', '2026-07-01T02:15:00Z'],
    ['2026-07-01T08:00:00Z', undefined, '2026-07-01T08:00:00Z'],
    ['2026-07-01T08:00:00Z', 'Europe/Berlin', '2026-07-01T08:00:00Z'],
    ['2026-07-01T08:00:00+05:30', undefined, '2026-07-01T02:30:00Z'],
  ])('%s in %s is %s (T1)', (time, zone, expected) => {
    expect(listUtc(at(time, zone), LONG_AGO, 3)).toEqual([expected]);
  });

  it('is exclusive on both sides and counts once (T18)', () => {
    const trigger = at('2026-07-01T08:00:00Z');
    const instant = Date.parse('2026-07-01T08:00:00Z');
    expect(trigger.next(instant)).toBeUndefined();
    expect(trigger.previous(instant)).toBeUndefined();
    expect(trigger.next(instant - 1)).toEqual({ at: instant });
    expect(trigger.previous(instant + 1)).toEqual({ at: instant });
    expect(trigger.count(instant - 1, instant)).toBe(1);
    expect(trigger.count(instant, instant + 1)).toBe(0);
  });

  it.each([
    '2026-02-30T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T12:60:00Z',
    '2026-01-01T12:00:60Z',
    '2026-13-01T12:00:00Z',
    '2026-01-01',
    'tomorrow',
    '2026-01-01T12:00:00',
    '',
  ])("'%s' without a zone is refused (T2)", (time) => {
    expect(codeOf({ kind: 'at', time })).toBe('TIME_INVALID');
  });

  it('a skipped time is the first instant after the gap (T3)', () => {
    expect(listUtc(at('2026-03-29T02:30:00', 'Europe/Berlin'), LONG_AGO, 2)).toEqual([
      '2026-03-29T01:00:00Z gap',
    ]);
    expect(listUtc(at('2026-03-28T23:30:00', 'America/Nuuk'), LONG_AGO, 2)).toEqual([
      '2026-03-29T01:00:00Z gap',
    ]);
  });

  it('a repeated time is its first pass (T3)', () => {
    expect(listUtc(at('2026-10-25T02:30:00', 'Europe/Berlin'), LONG_AGO, 2)).toEqual([
      '2026-10-25T00:30:00Z',
    ]);
  });

  it('a time on a date the zone left out is refused (T3)', () => {
    expect(codeOf({ kind: 'at', time: '2011-12-30T12:00:00', zone: 'Pacific/Apia' })).toBe(
      'TIME_INVALID',
    );
  });
});

describe('every', () => {
  it('is a grid from its anchor, which is the first (T4)', () => {
    expect(listUtc(every('PT15M'), LONG_AGO, 2)).toEqual([
      '2026-01-01T00:00:00Z',
      '2026-01-01T00:15:00Z',
    ]);
    expect(listUtc(every('PT15M'), '2026-01-01T00:00:00Z', 1)).toEqual(['2026-01-01T00:15:00Z']);
    expect(every('PT15M').previous(Date.parse('2026-01-01T00:00:00Z'))).toBeUndefined();
  });

  it('does not care for clock changes or drift (T4)', () => {
    expect(listUtc(every('P1D', '2026-03-28T01:30:00Z'), '2026-03-28T01:30:00Z', 2)).toEqual([
      '2026-03-29T01:30:00Z',
      '2026-03-30T01:30:00Z',
    ]);
  });

  it.each([
    ['PT1S', 1_000],
    ['PT1.5S', 1_500],
    ['PT90M', 5_400_000],
    ['P1DT2H3M4S', 93_784_000],
    ['P2W', 1_209_600_000],
  ])('%s is %d ms (T5)', (period, expectedMs) => {
    const trigger = every(period);
    const first = trigger.next(0)?.at ?? 0;
    expect((trigger.next(first)?.at ?? 0) - first).toBe(expectedMs);
  });

  it.each([
    'P1Y',
    'P1M',
    'P1Y2M',
    'PT0S',
    'PT0.5S',
    'P',
    'PT',
    'P1DT',
    '15m',
    'PT-5M',
    '',
    'P99999W',
  ])("'%s' is refused (T5)", (period) => {
    expect(codeOf({ kind: 'every', period, anchor: '2026-01-01T00:00:00Z' })).toBe(
      'PERIOD_INVALID',
    );
  });

  it('counts and finds eight thousand years of seconds by arithmetic (T6)', () => {
    const trigger = every('PT1S');
    const start = Date.parse('2026-01-01T00:00:00Z');
    expect(trigger.count(start, Date.parse('9999-12-31T23:59:59Z'))).toBe(
      (Date.parse('9999-12-31T23:59:59Z') - start) / 1_000,
    );
    expect(trigger.next(Date.parse('9999-12-31T23:59:59Z'))).toBeUndefined();
    expect(trigger.previous(Number.MAX_SAFE_INTEGER)?.at).toBe(Date.parse('9999-12-31T23:59:59Z'));
  });
});

describe('previews (T19)', () => {
  it('local time carries its offset, and fractions only when there are any', () => {
    expect(localTime(Date.parse('2026-03-29T01:00:00Z'), 'Europe/Berlin')).toBe(
      '2026-03-29T03:00:00+02:00',
    );
    expect(localTime(Date.parse('2026-01-01T00:00:00.250Z'), 'America/St_Johns')).toBe(
      '2025-12-31T20:30:00.250-03:30',
    );
    expect(() => localTime(0, 'Mars/Olympus')).toThrow(RangeError);
  });

  it('marks moved and repeated times, and the rest of such a day', () => {
    const note = (instant: string, shift?: 'gap') =>
      clockNote({ at: Date.parse(instant), ...(shift && { shift }) }, 'Europe/Berlin');
    expect(note('2026-03-29T01:00:00Z', 'gap')).toBe('moved: its time is skipped today');
    expect(note('2026-10-25T00:30:00Z')).toBe('repeated time, first pass');
    expect(note('2026-10-25T01:30:00Z')).toBe('repeated time, second pass');
    expect(note('2026-03-28T23:30:00Z')).toBe('clocks change by +60 min today');
    expect(note('2026-10-25T22:30:00Z')).toBe('clocks change by -60 min today');
    expect(note('2026-03-28T12:00:00Z')).toBe('');
    expect(note('2026-10-25T23:30:00Z')).toBe('');
  });

  it('a trigger in a few words', () => {
    expect(describeTrigger({ kind: 'cron', expression: '0 9 * * 1', zone: 'UTC' })).toBe(
      'cron 0 9 * * 1 in UTC',
    );
    expect(describeTrigger({ kind: 'at', time: '2026-01-01T00:00', zone: 'UTC' })).toBe(
      'at 2026-01-01T00:00 in UTC',
    );
    expect(describeTrigger({ kind: 'every', period: 'PT1H', anchor: '2026-01-01T00:00:00Z' })).toBe(
      'every PT1H from 2026-01-01T00:00:00Z',
    );
  });
});
