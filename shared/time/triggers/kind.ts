// What every kind of trigger becomes once compiled: pure functions over epoch milliseconds.

/** One planned instant. `shift: 'gap'` says its wall-clock time was skipped by the zone and it moved to the gap's end. */
export interface Occurrence {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly shift?: 'gap';
}

/** Strictly monotone; equal triggers give equal answers for ever (with the same tzdata). */
export interface CompiledTrigger {
  /** The first occurrence strictly after `afterAt`. */
  readonly next: (afterAt: number) => Occurrence | undefined;
  /** The last occurrence strictly before `beforeAt`. */
  readonly previous: (beforeAt: number) => Occurrence | undefined;
  /** Occurrences in (afterAt, upToAt], the first `limit` of them. */
  readonly between: (afterAt: number, upToAt: number, limit: number) => readonly Occurrence[];
  /** How many occurrences lie in (afterAt, upToAt]; exact, and never by enumeration. */
  readonly count: (afterAt: number, upToAt: number) => number;
}

/** `between` from `next`. */
export function collect(
  next: CompiledTrigger['next'],
  afterAt: number,
  upToAt: number,
  limit: number,
): readonly Occurrence[] {
  const found: Occurrence[] = [];
  let after = afterAt;
  while (found.length < limit) {
    const occurrence = next(after);
    if (!occurrence || occurrence.at > upToAt) break;
    found.push(occurrence);
    after = occurrence.at;
  }
  return found;
}
