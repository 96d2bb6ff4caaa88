// The language of cron expressions: T7 to T11 of shared/time/SPEC.md.
import { describe, expect, it } from 'vitest';
import { compileTrigger } from '#shared/time/occurrences.ts';
import { codeOf, cron, listUtc } from './support.ts';

const dates = (expression: string, after: string, limit: number): string[] =>
  listUtc(cron(expression), after, limit).map((text) => text.slice(0, 10));
const refuse = (expression: string, zone = 'UTC') => {
  const result = compileTrigger({ kind: 'cron', expression, zone });
  if (result.ok) throw new Error(`'${expression}' was accepted`);
  return result.fault;
};

describe('fields', () => {
  it('five, six with seconds first, seven with the year last (T7)', () => {
    expect(listUtc(cron('5 4 * * *'), '2026-01-01T00:00:00Z', 1)).toEqual(['2026-01-01T04:05:00Z']);
    expect(listUtc(cron('6 5 4 * * *'), '2026-01-01T00:00:00Z', 1)).toEqual([
      '2026-01-01T04:05:06Z',
    ]);
    expect(listUtc(cron('0 0 0 1 1 * 2028,2030'), '2026-01-01T00:00:00Z', 9)).toEqual([
      '2028-01-01T00:00:00Z',
      '2030-01-01T00:00:00Z',
    ]);
  });

  it.each([
    ['@yearly', '2027-01-01T00:00:00Z'],
    ['@annually', '2027-01-01T00:00:00Z'],
    ['@monthly', '2026-02-01T00:00:00Z'],
    ['@weekly', '2026-01-04T00:00:00Z'],
    ['@daily', '2026-01-02T00:00:00Z'],
    ['@midnight', '2026-01-02T00:00:00Z'],
    ['@Hourly', '2026-01-01T01:00:00Z'],
  ])('%s is known (T7)', (expression, expected) => {
    expect(listUtc(cron(expression), '2026-01-01T00:00:00Z', 1)).toEqual([expected]);
  });

  it.each([
    ['7/2', '7'],
    ['0', 'SUN'],
    ['5-7', 'fri-sun'],
    ['1-5', 'Mon-Fri'],
    ['1/2', '1,3,5'],
    ['*/3', '0,3,6'],
  ])('day of week %s is %s (T8)', (left, right) => {
    const after = '2026-01-01T00:00:00Z';
    expect(dates(`0 0 * * ${left}`, after, 10)).toEqual(dates(`0 0 * * ${right}`, after, 10));
  });

  it('a step from a number runs to the end of the field (T8)', () => {
    expect(listUtc(cron('50/4 3 * * *'), '2026-01-01T00:00:00Z', 4)).toEqual([
      '2026-01-01T03:50:00Z',
      '2026-01-01T03:54:00Z',
      '2026-01-01T03:58:00Z',
      '2026-01-02T03:50:00Z',
    ]);
  });
});

describe('days (T9, T10)', () => {
  it.each([
    ['0 0 L * *', ['2026-01-31', '2026-02-28', '2026-03-31']],
    ['0 0 LW * *', ['2026-01-30', '2026-02-27', '2026-03-31']],
    ['0 0 1W * *', ['2026-02-02', '2026-03-02', '2026-04-01']],
    ['0 0 31W * *', ['2026-01-30', '2026-03-31', '2026-05-29']],
    ['0 0 * * MON#1', ['2026-01-05', '2026-02-02', '2026-03-02']],
    ['0 0 * * 5#5', ['2026-01-30', '2026-05-29', '2026-07-31']],
    ['0 0 * * FRIL', ['2026-01-30', '2026-02-27', '2026-03-27']],
    ['0 0 13 * FRI', ['2026-01-02', '2026-01-09', '2026-01-13']],
    ['0 0 13 * +FRI', ['2026-02-13', '2026-03-13', '2026-11-13']],
    ['0 0 ? * 1', ['2026-01-05', '2026-01-12', '2026-01-19']],
    ['0 0 */31 * 1', ['2026-01-05', '2026-01-12', '2026-01-19']],
    ['0 0 29 2 *', ['2028-02-29', '2032-02-29', '2036-02-29']],
    ['0 0 29 2 +MON', ['2044-02-29', '2072-02-29', '2112-02-29']],
  ])('%s', (expression, expected) => {
    expect(dates(expression, '2026-01-01T00:00:00Z', 3)).toEqual(expected);
  });

  it('a century that is no leap year is passed over', () => {
    expect(dates('0 0 29 2 *', '2096-12-01T00:00:00Z', 1)).toEqual(['2104-02-29']);
  });
});

describe('refusals (T11)', () => {
  it('name the field, and say what to write instead', () => {
    expect(refuse('0 +12 * * *').message).toContain('hour (+12) contains illegal characters');
    expect(refuse('0 22-2 * * *').hint).toContain('22-23,0-2');
    expect(refuse('@every 5m').hint).toContain('PT15M');
    expect(refuse('0 0 30 2 +MON').hint).toContain('+');
  });

  it.each([
    ['', 'empty'],
    ['* * * *', 'four fields'],
    ['* * * * * * * *', 'eight fields'],
    ['60 * * * *', 'minute 60'],
    ['* 24 * * *', 'hour 24'],
    ['* * 0 * *', 'day 0'],
    ['* * 32 * *', 'day 32'],
    ['* * * 13 *', 'month 13'],
    ['* * * * 8', 'weekday 8'],
    ['* * * * MON#6', 'a sixth Monday'],
    ['*/0 * * * *', 'a step of nothing'],
    ['/5 * * * *', 'a step from nothing'],
    ['60/5 * * * *', 'a step from beyond the end'],
    ['5-1 * * * *', 'a range backwards'],
    ['1,,2 * * * *', 'an empty item'],
    ['a * * * *', 'a word'],
    ['* * * JANFEB *', 'two names in one'],
    ['0 0 W * *', 'W alone'],
    ['0 0 1-5W * *', 'W on a range'],
    ['-1 * * * *', 'a negative number'],
    ['1.5 * * * *', 'a fraction'],
    ['@every 5m', 'an unknown nickname'],
    ['@reboot', 'a nickname that is no time'],
    ['0 0 * * +', 'a plus alone'],
    ['0 0 1 1 * 99999', 'a seventh field of five digits'],
  ])("'%s' is refused: %s", (expression) => {
    const fault = refuse(expression);
    expect(fault.code).toBe('CRON_SYNTAX');
    expect(fault.message).toContain(expression.split(' ')[0] ?? '');
    expect(fault.hint).toBeTruthy();
  });

  it.each([
    '0 0 30 2 *',
    '0 0 31 4,6,9,11 *',
    '0 0 31 2 +MON',
    '0 0 0 29 2 * 2027',
    '0 0 0 30 2 * 2/2',
  ])("'%s' never matches and is refused in under half a second", (expression) => {
    const startedMs = performance.now();
    expect(refuse(expression).code).toBe('CRON_NEVER');
    expect(performance.now() - startedMs).toBeLessThan(500);
  });

  it('a date that exists only as a weekday is accepted', () => {
    expect(dates('0 0 30 2 MON', '2026-01-01T00:00:00Z', 2)).toEqual(['2026-02-02', '2026-02-09']);
  });

  it('an unknown zone is refused, with a name that may be meant', () => {
    expect(refuse('* * * * *', 'Mars/Olympus').code).toBe('ZONE_UNKNOWN');
    expect(refuse('* * * * *', 'berlin').hint).toContain('Europe/Berlin');
    expect(codeOf({ kind: 'at', time: '2026-01-01T00:00', zone: 'Nowhere' })).toBe('ZONE_UNKNOWN');
  });

  it('years that are over are no mistake: nothing comes next, but something came before', () => {
    const trigger = cron('0 0 12 1 1 * 2020');
    expect(trigger.next(Date.parse('2026-01-01T00:00Z'))).toBeUndefined();
    expect(trigger.previous(Date.parse('2026-01-01T00:00Z'))?.at).toBe(
      Date.parse('2020-01-01T12:00Z'),
    );
  });
});
