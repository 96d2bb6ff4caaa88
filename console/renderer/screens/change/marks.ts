// Which instants of one schedule begin or end with a change, from its coming times before and after. Pure.

export interface Times {
  readonly instants: readonly number[];
  /** More follow the last one within the window. */
  readonly goesOn: boolean;
}
export interface Marks {
  readonly starts: readonly number[];
  readonly stops: readonly number[];
  /** From here on only rates are known, not instants; undefined: all are drawn. */
  readonly unknownAfter: number | undefined;
}

export const NO_TIMES: Times = { instants: [], goesOn: false };

/** Beyond the end of the shorter list nothing can be said of single instants. */
export function marksOf(before: Times, after: Times): Marks {
  const ends = [before, after].flatMap(({ goesOn, instants }) =>
    goesOn ? [instants.at(-1) ?? Number.NEGATIVE_INFINITY] : [],
  );
  const limit = ends.length === 0 ? undefined : Math.min(...ends);
  const known = (at: number): boolean => limit === undefined || at <= limit;
  const [old, fresh] = [new Set(before.instants), new Set(after.instants)];
  return {
    starts: after.instants.filter((at) => known(at) && !old.has(at)),
    stops: before.instants.filter((at) => known(at) && !fresh.has(at)),
    unknownAfter: limit,
  };
}
