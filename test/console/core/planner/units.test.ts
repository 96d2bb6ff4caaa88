// Durations and sizes as people write them.
import { describe, expect, it } from 'vitest';
import { parseDuration, parseSize, toIsoPeriod } from '#console/core/planner/units.ts';

describe('durations', () => {
  it.each([
    ['0', 0],
    ['500ms', 500],
    ['30s', 30_000],
    ['1h30m', 5_400_000],
    ['1d', 86_400_000],
    ['PT5M', 300_000],
    ['P1DT12H', 129_600_000],
  ])('%s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['5', '5 m', 'm', '-5m', '5M', 'P1M', 'P1Y', '1.5h', ''])('refuses %j', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  it('become ISO periods of the same length', () => {
    expect(['5m', '90s', '1d', '36h', 'PT5M', 'nonsense'].map(toIsoPeriod)).toEqual([
      'PT5M',
      'PT1M30S',
      'P1D',
      'P1DT12H',
      'PT5M',
      'nonsense',
    ]);
  });
});

describe('sizes', () => {
  it('are powers of 1,024', () => {
    expect(['64KB', '1MB', '1MiB', '4096B', '12'].map(parseSize)).toEqual([
      65_536, 1_048_576, 1_048_576, 4_096, 12,
    ]);
    expect(['1GB', '1.5MB', '-1', 'MB'].map(parseSize)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});
