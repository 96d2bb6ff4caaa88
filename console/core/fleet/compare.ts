// How the occurrences of a schedule change within a window: what starts, stops and moves. Pure; never walks a huge range.
import type { CompiledTrigger } from '#shared/time/occurrences.ts';

export interface Comparison {
  readonly before: number;
  readonly after: number;
  /** False: too many to compare; starts and stops are then all of after and before. */
  readonly exact: boolean;
  readonly starts: number;
  readonly stops: number;
  readonly moves: number;
  /** Epoch milliseconds, the first few. */
  readonly firstStarts: readonly number[];
  readonly firstStops: readonly number[];
  readonly firstMoves: readonly (readonly [fromAt: number, toAt: number])[];
}

/** (fromAt, toAt], epoch milliseconds. */
export interface Window {
  readonly fromAt: number;
  readonly toAt: number;
}

/** So many occurrences are looked at one by one. */
const STEPS = 20_000;
/** So many are looked through for examples. */
const LOOKED_AT = 500;
const EXAMPLES = 5;

/** Undefined: no such schedule, or paused. `same`: both plan the very same instants. */
export function compareOccurrences(
  before: CompiledTrigger | undefined,
  after: CompiledTrigger | undefined,
  same: boolean,
  window: Window,
): Comparison {
  const { fromAt, toAt } = window;
  const counts = {
    before: before?.count(fromAt, toAt) ?? 0,
    after: after?.count(fromAt, toAt) ?? 0,
  };
  const none = { moves: 0, firstStarts: [], firstStops: [], firstMoves: [] };
  if (same && before && after) return { ...counts, ...none, exact: true, starts: 0, stops: 0 };
  if (!before || !after || counts.before === 0 || counts.after === 0) {
    return {
      ...counts,
      ...none,
      exact: true,
      starts: counts.after,
      stops: counts.before,
      firstStarts: instants(after, window, EXAMPLES),
      firstStops: instants(before, window, EXAMPLES),
    };
  }
  if (counts.before + counts.after <= STEPS) return compareAll(before, after, window, counts);
  return compareMany(before, after, window, counts);
}

/** Few enough to hold both. */
function compareAll(
  before: CompiledTrigger,
  after: CompiledTrigger,
  window: Window,
  counts: { readonly before: number; readonly after: number },
): Comparison {
  const [old, fresh] = [instants(before, window, STEPS), instants(after, window, STEPS)];
  const [oldSet, freshSet] = [new Set(old), new Set(fresh)];
  const starts = fresh.filter((at) => !oldSet.has(at));
  const stops = old.filter((at) => !freshSet.has(at));
  // As many go as come, give or take the one at the edge: then each took another's place.
  const moves =
    Math.abs(starts.length - stops.length) <= 1 ? Math.min(starts.length, stops.length) : 0;
  return {
    ...counts,
    exact: true,
    starts: starts.length - moves,
    stops: stops.length - moves,
    moves,
    firstStarts: starts.slice(moves, moves + EXAMPLES),
    firstStops: stops.slice(moves, moves + EXAMPLES),
    firstMoves: starts
      .slice(0, Math.min(moves, EXAMPLES))
      .map((toAt, index) => [stops[index] as number, toAt] as const),
  };
}

/** The rarer one is walked and looked up in the other; where both are frequent only their counts are known. */
function compareMany(
  before: CompiledTrigger,
  after: CompiledTrigger,
  window: Window,
  counts: { readonly before: number; readonly after: number },
): Comparison {
  const [rare, frequent] = counts.before <= counts.after ? [before, after] : [after, before];
  const exact = Math.min(counts.before, counts.after) <= STEPS;
  const shared = exact
    ? instants(rare, window, STEPS).filter((at) => isAt(frequent, at)).length
    : 0;
  const unlike = (one: CompiledTrigger, other: CompiledTrigger): readonly number[] =>
    instants(one, window, LOOKED_AT)
      .filter((at) => !isAt(other, at))
      .slice(0, EXAMPLES);
  return {
    ...counts,
    exact,
    starts: counts.after - shared,
    stops: counts.before - shared,
    moves: 0,
    firstStarts: unlike(after, before),
    firstStops: unlike(before, after),
    firstMoves: [],
  };
}

const isAt = (trigger: CompiledTrigger, at: number): boolean => trigger.next(at - 1)?.at === at;

const instants = (
  trigger: CompiledTrigger | undefined,
  { fromAt, toAt }: Window,
  limit: number,
): readonly number[] => trigger?.between(fromAt, toAt, limit).map(({ at }) => at) ?? [];
