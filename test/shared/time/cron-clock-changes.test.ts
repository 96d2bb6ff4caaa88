// Known cases of clocks that change: T12 to T17 of shared/time/SPEC.md.
import { describe, expect, it } from 'vitest';
import { cron, listLocal, listUtc } from './support.ts';

describe('a fixed time that is skipped (T15)', () => {
  it('runs once at the first instant after the gap and says so', () => {
    expect(listUtc(cron('30 2 * * *', 'Europe/Berlin'), '2026-03-28T12:00:00Z', 3)).toEqual([
      '2026-03-29T01:00:00Z gap',
      '2026-03-30T00:30:00Z',
      '2026-03-31T00:30:00Z',
    ]);
  });

  it('runs even when the first instant after the gap is the next local date (America/Nuuk)', () => {
    expect(listLocal('30 23 * * *', 'America/Nuuk', '2026-03-27T12:00:00Z', 3)).toEqual([
      '2026-03-27T23:30:00-02:00',
      '2026-03-29T00:00:00-01:00 gap',
      '2026-03-29T23:30:00-01:00',
    ]);
  });

  it('several times in one gap are one run', () => {
    expect(listUtc(cron('0,15,30,45 2 * * *', 'Europe/Berlin'), '2026-03-29T00:00:00Z', 2)).toEqual(
      ['2026-03-29T01:00:00Z gap', '2026-03-30T00:00:00Z'],
    );
  });

  it('is not marked as moved when the first instant after the gap matches anyway', () => {
    expect(listUtc(cron('0,30 2,3 * * *', 'Europe/Berlin'), '2026-03-29T00:00:00Z', 3)).toEqual([
      '2026-03-29T01:00:00Z',
      '2026-03-29T01:30:00Z',
      '2026-03-30T00:00:00Z',
    ]);
  });

  it('midnight that does not exist moves to 01:00 the same date (America/Sao_Paulo, Africa/Cairo)', () => {
    expect(listLocal('0 0 * * *', 'America/Sao_Paulo', '2018-11-03T12:00:00Z', 2)).toEqual([
      '2018-11-04T01:00:00-02:00 gap',
      '2018-11-05T00:00:00-02:00',
    ]);
    expect(listLocal('30 0 * * *', 'Africa/Cairo', '2026-04-23T12:00:00Z', 2)).toEqual([
      '2026-04-24T01:00:00+03:00 gap',
      '2026-04-25T00:30:00+03:00',
    ]);
  });

  it('a gap of half an hour moves only what it swallows (Australia/Lord_Howe)', () => {
    expect(listLocal('15 2 * * *', 'Australia/Lord_Howe', '2026-10-03T00:00:00Z', 2)).toEqual([
      '2026-10-04T02:30:00+11:00 gap',
      '2026-10-05T02:15:00+11:00',
    ]);
    expect(listLocal('45 2 * * *', 'Australia/Lord_Howe', '2026-10-03T00:00:00Z', 1)).toEqual([
      '2026-10-04T02:45:00+11:00',
    ]);
  });

  it('a gap of two hours moves too (Antarctica/Troll)', () => {
    expect(listUtc(cron('15 2 * * *', 'Antarctica/Troll'), '2026-03-28T12:00:00Z', 1)).toEqual([
      '2026-03-29T01:00:00Z gap',
    ]);
  });

  it('a skipped day is skipped (Pacific/Apia had no 30 December 2011)', () => {
    expect(listLocal('0 12 * * *', 'Pacific/Apia', '2011-12-29T00:00:00Z', 3)).toEqual([
      '2011-12-29T12:00:00-10:00',
      '2011-12-31T12:00:00+14:00',
      '2012-01-01T12:00:00+14:00',
    ]);
    expect(listLocal('0 12 30 12 *', 'Pacific/Apia', '2011-06-01T00:00:00Z', 1)).toEqual([
      '2012-12-30T12:00:00+14:00',
    ]);
  });
});

describe('a fixed time that is repeated (T16)', () => {
  it('fires once when the hour repeats', () => {
    expect(listUtc(cron('30 2 * * *', 'Europe/Berlin'), '2026-10-24T12:00:00Z', 2)).toEqual([
      '2026-10-25T00:30:00Z',
      '2026-10-26T01:30:00Z',
    ]);
  });

  it('a list is not doubled', () => {
    expect(listUtc(cron('30 1,2 * * *', 'Europe/Berlin'), '2026-10-24T22:00:00Z', 4)).toEqual([
      '2026-10-24T23:30:00Z',
      '2026-10-25T00:30:00Z',
      '2026-10-26T00:30:00Z',
      '2026-10-26T01:30:00Z',
    ]);
  });

  it('asked inside the second pass, the first pass is over', () => {
    expect(listUtc(cron('45 1 * * *', 'America/New_York'), '2026-11-01T06:10:00Z', 1)).toEqual([
      '2026-11-02T06:45:00Z',
    ]);
    expect(
      cron('45 1 * * *', 'America/New_York').previous(Date.parse('2026-11-01T06:10Z'))?.at,
    ).toBe(Date.parse('2026-11-01T05:45Z'));
  });

  it('a repeated midnight belongs to the first pass (America/Havana)', () => {
    expect(listUtc(cron('30 0 * * *', 'America/Havana'), '2026-10-31T12:00:00Z', 2)).toEqual([
      '2026-11-01T04:30:00Z',
      '2026-11-02T05:30:00Z',
    ]);
  });
});

describe('a wild pattern follows the clock (T14)', () => {
  it('every quarter of an hour goes on through both changes', () => {
    const trigger = cron('*/15 * * * *', 'Europe/Berlin');
    for (const day of ['2026-03-29', '2026-10-25']) {
      const start = Date.parse(`${day}T00:00:00Z`);
      const found = trigger.between(start, start + 3 * 3_600_000, 100).map(({ at }) => at - start);
      expect(found).toEqual(Array.from({ length: 12 }, (_, index) => (index + 1) * 900_000));
    }
  });

  it('a star hour with a minute runs in both passes, a star minute in a skipped hour not at all', () => {
    expect(listUtc(cron('30 * * * *', 'Europe/Berlin'), '2026-10-25T00:00:00Z', 3)).toEqual([
      '2026-10-25T00:30:00Z',
      '2026-10-25T01:30:00Z',
      '2026-10-25T02:30:00Z',
    ]);
    expect(listUtc(cron('*/20 2 * * *', 'Europe/Berlin'), '2026-03-28T12:00:00Z', 1)).toEqual([
      '2026-03-30T00:00:00Z',
    ]);
    expect(listUtc(cron('*/30 2 * * *', 'Europe/Berlin'), '2026-10-24T12:00:00Z', 4)).toEqual([
      '2026-10-25T00:00:00Z',
      '2026-10-25T00:30:00Z',
      '2026-10-25T01:00:00Z',
      '2026-10-25T01:30:00Z',
    ]);
  });

  it('a repeated half hour is passed twice (Australia/Lord_Howe)', () => {
    expect(listLocal('*/15 * * * *', 'Australia/Lord_Howe', '2026-04-04T14:30:00Z', 4)).toEqual([
      '2026-04-05T01:45:00+11:00',
      '2026-04-05T01:30:00+10:30',
      '2026-04-05T01:45:00+10:30',
      '2026-04-05T02:00:00+10:30',
    ]);
  });

  it('a nickname is as wild as what it stands for', () => {
    expect(listUtc(cron('@hourly', 'Europe/Berlin'), '2026-10-24T23:30:00Z', 3)).toEqual([
      '2026-10-25T00:00:00Z',
      '2026-10-25T01:00:00Z',
      '2026-10-25T02:00:00Z',
    ]);
  });
});

describe('offsets are what the zone data says (T17)', () => {
  it('three quarters of an hour, and the change to them (Asia/Kathmandu)', () => {
    expect(listUtc(cron('0 6 * * *', 'Asia/Kathmandu'), '2026-01-01T00:30:00Z', 1)).toEqual([
      '2026-01-02T00:15:00Z',
    ]);
    expect(listLocal('5 0 * * *', 'Asia/Kathmandu', '1985-12-31T00:00:00Z', 1)).toEqual([
      '1986-01-01T00:15:00+05:45 gap',
    ]);
  });

  it('local mean time with seconds (Europe/Paris in 1900)', () => {
    expect(listLocal('0 12 * * *', 'Europe/Paris', '1900-01-01T00:00:00Z', 1)).toEqual([
      '1900-01-01T12:00:00+00:09:21',
    ]);
  });
});
