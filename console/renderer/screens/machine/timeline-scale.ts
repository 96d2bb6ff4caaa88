// The time axis of the ledger timeline: positions, round ticks, and marks gathered to what pixels can tell apart. Pure.
export interface Scale {
  readonly from: number;
  readonly to: number;
  readonly left: number;
  readonly right: number;
}

export const xOf = (scale: Scale, at: number): number =>
  scale.left + ((at - scale.from) / (scale.to - scale.from)) * (scale.right - scale.left);

const MINUTE = 60_000;
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1_440, 2_880, 10_080].map(
  (minutes) => minutes * MINUTE,
);

/** Instants at round local times, at least `gapPx` apart. `offsetMs`: of the local zone, added to UTC. */
export function ticks(scale: Scale, gapPx: number, offsetMs: number): readonly number[] {
  const span = scale.to - scale.from;
  const most = Math.max(1, Math.floor((scale.right - scale.left) / gapPx));
  const step = STEPS.find((it) => span / it <= most) ?? span;
  const first = Math.ceil((scale.from + offsetMs) / step) * step - offsetMs;
  const found: number[] = [];
  for (let at = first; at <= scale.to; at += step) found.push(at);
  return found;
}

/** How bad a mark is: of several on the same pixels the worst is drawn. */
const RANK: Readonly<Record<string, number>> = {
  failed: 9,
  'timed-out': 9,
  lost: 8,
  expired: 7,
  skipped: 6,
  running: 5,
  starting: 5,
  retrying: 5,
  cancelled: 4,
  coalesced: 3,
  superseded: 2,
  succeeded: 1,
};

export interface Placed {
  readonly x: number;
  /** Right end; a mark without length has x twice. */
  readonly end: number;
  readonly status: string;
}

/** Merges marks that begin within `cellPx` of each other: drawing is bounded by pixels, not by history. */
export function gather<M extends Placed>(
  marks: readonly M[],
  cellPx: number,
): readonly (M & { readonly more: number })[] {
  const best = new Map<number, M & { readonly more: number }>();
  for (const mark of marks) {
    const cell = Math.floor(mark.x / cellPx);
    const other = best.get(cell);
    if (!other) best.set(cell, { ...mark, more: 0 });
    else if ((RANK[mark.status] ?? 0) > (RANK[other.status] ?? 0))
      best.set(cell, { ...mark, end: Math.max(mark.end, other.end), more: other.more + 1 });
    else best.set(cell, { ...other, end: Math.max(mark.end, other.end), more: other.more + 1 });
  }
  // A mark that stands for several stands in the middle of their pixels: dense history reads as an even row.
  return [...best].map(([cell, mark]) =>
    mark.more === 0 || mark.end - mark.x > cellPx ? mark : { ...mark, x: (cell + 0.5) * cellPx },
  );
}
