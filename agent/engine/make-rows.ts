// Makes and joins ledger rows.
import type { Disposition } from '#shared/run/ledger.ts';
import type { OccurrenceRow } from './types.ts';

export interface BulkKind {
  readonly disposition: Disposition;
  readonly reason: string;
  readonly detail: string | null;
}

export const bulkRow = (
  schedule: number,
  kind: BulkKind,
  span: Pick<OccurrenceRow, 'fromAt' | 'toAt' | 'count' | 'dueAt'>,
): OccurrenceRow => ({ schedule, ...span, ...kind, run: null, readyAt: null });

export const pendingRow = (
  schedule: number,
  nominalAt: number,
  dueAt: number,
  readyAt: number | null,
): OccurrenceRow => ({
  schedule,
  fromAt: nominalAt,
  toAt: nominalAt,
  count: 1,
  dueAt,
  disposition: 'pending',
  reason: null,
  detail: null,
  run: null,
  readyAt,
});

export const skippedRow = (row: OccurrenceRow, reason: string, detail: string): OccurrenceRow => ({
  ...row,
  disposition: 'skipped',
  reason,
  detail,
  readyAt: null,
});

export const startingRow = (row: OccurrenceRow, run: string): OccurrenceRow => ({
  ...row,
  disposition: 'starting',
  run,
  readyAt: null,
});

/**
 * Joins neighbours of the same kind into one row with the older one's key (E9): skips with the same reason and detail,
 * and expiries. Only rows from `freshFromAt` on may be joined: an older key stands in the ledger already.
 */
export function joinLike(
  rows: readonly OccurrenceRow[],
  freshFromAt: number,
  rowBefore: () => OccurrenceRow | undefined,
): OccurrenceRow[] {
  const older = rows.filter((row) => row.fromAt < freshFromAt);
  const fresh = rows.filter((row) => row.fromAt >= freshFromAt).sort((a, b) => a.fromAt - b.fromAt);
  const [first] = fresh;
  if (!first) return older;
  let last = isJoinable(first) ? rowBefore() : undefined;
  // What this tick itself decides about an older row is what the ledger will say of it: do not join to its past.
  if (older.some((row) => row.fromAt === last?.fromAt)) last = undefined;
  const joined: OccurrenceRow[] = [];
  for (const row of fresh) {
    const neighbour = joined.at(-1) ?? last;
    if (!neighbour || !alike(neighbour, row)) {
      joined.push(row);
      continue;
    }
    joined.pop();
    const { toAt, dueAt, count } = row;
    joined.push({ ...neighbour, toAt, dueAt, count: neighbour.count + count });
  }
  return [...older, ...joined];
}

const isJoinable = ({ disposition }: OccurrenceRow): boolean =>
  disposition === 'skipped' || disposition === 'expired';

const alike = (a: OccurrenceRow, b: OccurrenceRow): boolean =>
  isJoinable(a) &&
  a.disposition === b.disposition &&
  a.reason === b.reason &&
  a.detail === b.detail;
