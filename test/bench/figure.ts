// What a figure is: how it is measured, what it is compared with in the same run, and which goal it has.
import type { Lab } from './lab/lab.ts';

/** One repeat: ours and the reference measured next to each other, in the figure's unit. */
export interface Sample {
  readonly ours: number;
  readonly reference: number;
}

export interface Measured {
  readonly samples: readonly Sample[];
  /** Facts worth a line beside the figure: p50, counts, what else was seen. */
  readonly notes: readonly string[];
  /** Promises broken whatever the numbers say (an early start, a lost run); empty when all were kept. */
  readonly broken: readonly string[];
}

/** `ratio`: ours ÷ reference. `absolute`: ours, in the figure's unit. Lower is better with `atMost`. */
export type Goal =
  | { readonly kind: 'ratio'; readonly atMost: number }
  | { readonly kind: 'ratio'; readonly atLeast: number }
  | { readonly kind: 'absolute'; readonly atMost: number };

export interface Figure {
  readonly id: string;
  readonly name: string;
  readonly unit: string;
  readonly goal: Goal;
  /** What the reference is, in a few words. */
  readonly reference: string;
  /** How both sides are measured, for the report. */
  readonly how: string;
  /** Why it is short where it is short: printed only then. */
  readonly ifShort: string;
  readonly measure: (lab: Lab) => Promise<Measured>;
}
