// Instants, durations and reasons in words.
import { describe, expect, it } from 'vitest';
import { reasonWords } from '#console/renderer/screens/machine/reasons.ts';
import { matches } from '#console/renderer/ui/match.ts';
import { ageText, clockText, durationText, fullText } from '#console/renderer/ui/time-text.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');

describe('words of time', () => {
  it.each([
    [840, '840 ms'],
    [4_210, '4.2 s'],
    [200_000, '3 min 20 s'],
    [3_600_000, '1 h'],
    [-90_000, '−1 min 30 s'],
    [788_400_000, '9 d 3 h'],
  ])('%i ms is %s', (ms, words) => expect(durationText(ms)).toBe(words));

  it.each([
    [-2_000, 'just now'],
    [-240_000, '4 min ago'],
    [7_200_000, 'in 2 h'],
    [-4 * 86_400_000, '4 d ago'],
  ])('%i ms from now is %s', (ms, words) => expect(ageText(NOW + ms, NOW)).toBe(words));

  it('leaves today out of a clock time, and shows the whole instant in any zone', () => {
    expect(clockText(NOW, NOW, 'UTC')).toBe('12:00:00');
    expect(clockText(NOW - 86_400_000, NOW, 'UTC')).toBe('2026-11-20 12:00:00');
    expect(fullText(NOW, 'Europe/Berlin')).toMatch(/^Sat 2026-11-21 13:00:00/);
  });
});

describe('words of the ledger', () => {
  it('says reasons in words, and leaves those of a newer agent as they are', () => {
    expect(reasonWords('skipped', 'overlap', null)).toBe('the run before it was still going');
    expect(reasonWords('skipped', 'moonphase', 'new')).toBe('moonphase (new)');
  });
});

describe('palette', () => {
  it('finds words in any order', () => {
    expect(matches('Go to Fleet', 'fl go')).toBe(true);
    expect(matches('Go to Fleet', 'runs')).toBe(false);
  });
});
