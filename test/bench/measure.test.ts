import { describe, expect, it } from 'vitest';
import type { Figure, Goal } from './figure.ts';
import { interleave, judge, percentile, spread } from './measure.ts';

const figure = (goal: Goal): Figure => ({
  ...{ id: 'X', name: 'x', unit: 'ms', goal, reference: 'r', how: 'h', ifShort: 'because' },
  measure: async () => ({ samples: [], notes: [], broken: [] }),
});
const stateAt = (goal: Goal, ours: number, broken: readonly string[] = []) => {
  const samples = [{ ours, reference: 10 }];
  const { state, reason } = judge(figure(goal), { samples, notes: [], broken });
  return [state, reason];
};

describe('statistics of a figure', () => {
  it('gives the middle of an odd count and the mean of the two middle ones of an even', () => {
    expect(spread([9, 1, 5])).toEqual({ median: 5, min: 1, max: 9 });
    expect(spread([1, 2, 4, 9]).median).toBe(3);
    expect(() => spread([])).toThrow();
  });

  it('takes percentiles by nearest rank', () => {
    const hundred = Array.from({ length: 100 }, (_, n) => 100 - n);
    expect(percentile(hundred, 0.99)).toBe(99);
    expect(percentile([7], 0.99)).toBe(7);
  });

  it('runs the reference first in every second repeat', async () => {
    const order: string[] = [];
    const samples = await interleave(
      3,
      (repeat) => order.push(`o${repeat}`),
      (repeat) => order.push(`r${repeat}`),
    );
    expect(order).toEqual(['o0', 'r0', 'r1', 'o1', 'o2', 'r2']);
    expect(samples).toHaveLength(3);
  });
});

describe('verdicts', () => {
  it('are met, met within a fifth, or short with the reason', () => {
    const goal = { kind: 'ratio', atMost: 1 } as const;
    expect(stateAt(goal, 10)).toEqual(['met', null]);
    expect(stateAt(goal, 12)).toEqual(['met within the margin', null]);
    expect(stateAt(goal, 13)).toEqual(['short', 'because']);
  });

  it('turn round where more is better', () => {
    const goal = { kind: 'ratio', atLeast: 0.7 } as const;
    expect(stateAt(goal, 7)).toEqual(['met', null]);
    expect(stateAt(goal, 6)).toEqual(['met within the margin', null]);
    expect(stateAt(goal, 5)).toEqual(['short', 'because']);
  });

  it('look at our own value where the goal is absolute', () => {
    const goal = { kind: 'absolute', atMost: 50 } as const;
    expect(stateAt(goal, 49)[0]).toBe('met');
    expect(stateAt(goal, 61)[0]).toBe('short');
  });

  it('are short when a promise was broken, however good the number', () => {
    const goal = { kind: 'ratio', atMost: 1 } as const;
    expect(stateAt(goal, 1, ['3 started early'])).toEqual(['short', 'broken: 3 started early']);
  });
});
