// How many runs begin when, over one day: occurrences spread by splay and counted over machines. Pure.

export interface LoadSource {
  readonly id: string;
  /** Nominal instants after `fromAt`, ascending; perhaps only the first of them. */
  readonly instants: readonly number[];
  /** More instants follow the last one, at the same rate. */
  readonly goesOn: boolean;
  readonly machines: number;
  readonly splayMs: number;
}

export const DAY_MS = 86_400_000;
export const BINS = 96;
const BIN_MS = DAY_MS / BINS;

/** Starts per quarter of an hour from `fromAt` on. Occurrences beyond those given are taken to go on at their mean rate. */
export function loadOf(source: LoadSource, fromAt: number): readonly number[] {
  const bins = new Array<number>(BINS).fill(0);
  const { instants, machines, splayMs, goesOn } = source;
  for (const at of instants) spread(bins, at - fromAt, at - fromAt + splayMs, machines);
  const last = instants.at(-1);
  const first = instants[0];
  if (!goesOn || last === undefined || first === undefined || instants.length < 2) return bins;
  const periodMs = (last - first) / (instants.length - 1);
  const restMs = fromAt + DAY_MS - last;
  if (restMs > periodMs) {
    spread(bins, last - fromAt + periodMs / 2, DAY_MS, (restMs / periodMs) * machines);
  }
  return bins;
}

/** Puts `amount` evenly over [from, to); an instant goes to its own bin. */
function spread(bins: number[], from: number, to: number, amount: number): void {
  if (from >= DAY_MS || to < 0) return;
  if (to - from < 1) {
    const bin = Math.floor(from / BIN_MS);
    bins[bin] = (bins[bin] ?? 0) + amount;
    return;
  }
  const perMs = amount / (to - from);
  for (let bin = Math.max(0, Math.floor(from / BIN_MS)); bin < BINS; bin++) {
    const start = bin * BIN_MS;
    if (start >= to) return;
    const share = Math.min(to, start + BIN_MS) - Math.max(from, start);
    bins[bin] = (bins[bin] ?? 0) + share * perMs;
  }
}

export const sumOf = (all: readonly (readonly number[])[]): readonly number[] =>
  Array.from({ length: BINS }, (_, bin) => all.reduce((sum, bins) => sum + (bins[bin] ?? 0), 0));
