// Statistics and verdicts. Pure: ratios within one run decide, never absolute times.
import type { Figure, Goal, Measured } from './figure.ts';

/** A goal missed by less than this share is within the noise of a shared machine, and said to be so. */
export const MARGIN = 0.2;

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export interface Verdict {
  readonly figure: Figure;
  readonly measured: Measured;
  readonly ours: Spread;
  readonly reference: Spread;
  /** Median of the ratios of the repeats, ours ÷ reference. */
  readonly ratio: number;
  readonly state: 'met' | 'met within the margin' | 'short';
  /** Only where short. */
  readonly reason: string | null;
}

/** Throws on an empty list: a figure without a sample was not measured. */
export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  if (sorted.length === 0) throw new Error('nothing was measured');
  return {
    median: quantile(sorted, 0.5),
    min: sorted[0] as number,
    max: sorted.at(-1) as number,
  };
}

/** Nearest rank; `sorted` ascending and not empty. For the median of an even count the two middle ones are halved. */
export function quantile(sorted: readonly number[], share: number): number {
  const at = (index: number): number =>
    sorted[Math.min(Math.max(index, 0), sorted.length - 1)] ?? 0;
  if (share === 0.5 && sorted.length % 2 === 0) {
    return (at(sorted.length / 2 - 1) + at(sorted.length / 2)) / 2;
  }
  return at(Math.ceil(share * sorted.length) - 1);
}

export const percentile = (values: readonly number[], share: number): number =>
  quantile(
    [...values].sort((a, b) => a - b),
    share,
  );

/** Compares medians with the goal. A broken promise is short whatever the numbers say. */
export function judge(figure: Figure, measured: Measured): Verdict {
  const ours = spread(measured.samples.map((sample) => sample.ours));
  const reference = spread(measured.samples.map((sample) => sample.reference));
  const ratio = spread(measured.samples.map((one) => one.ours / one.reference)).median;
  const kept = measured.broken.length === 0;
  const value = figure.goal.kind === 'ratio' ? ratio : ours.median;
  const state = !kept ? 'short' : stateOf(figure.goal, value);
  const reason =
    state !== 'short' ? null : kept ? figure.ifShort : `broken: ${measured.broken.join('; ')}`;
  return { figure, measured, ours, reference, ratio, state, reason };
}

function stateOf(goal: Goal, value: number): Verdict['state'] {
  const [meets, nearly] =
    'atLeast' in goal
      ? [value >= goal.atLeast, value >= goal.atLeast * (1 - MARGIN)]
      : [value <= goal.atMost, value <= goal.atMost * (1 + MARGIN)];
  return meets ? 'met' : nearly ? 'met within the margin' : 'short';
}

/** Runs both sides in turn, the first one changing from repeat to repeat, so that drift hits both alike. */
export async function interleave(
  repeats: number,
  ours: (repeat: number) => Promise<number> | number,
  reference: (repeat: number) => Promise<number> | number,
): Promise<Measured['samples']> {
  const samples: { ours: number; reference: number }[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    if (repeat % 2 === 0) {
      const first = await ours(repeat);
      samples.push({ ours: first, reference: await reference(repeat) });
    } else {
      const first = await reference(repeat);
      samples.push({ ours: await ours(repeat), reference: first });
    }
  }
  return samples;
}
