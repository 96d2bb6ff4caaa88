// What goes with dropped log entries: the occurrences that no kept entry tells of any more.
import type { Db } from '#shared/node/sqlite.ts';
import { type EventOf, eventSchema, type NewEvent } from '#shared/run/event.ts';
import type { LedgerRow } from '#shared/run/ledger.ts';

/** Ranges per loss record: with the longest names one stays below 60 KB. */
const RANGES_PER_EVENT = 200;

interface Dropped {
  readonly at: string;
  readonly from: number;
  readonly to: number;
  readonly bytes: number;
  readonly dropped: readonly { readonly bytes: string }[];
}
type LostRange = EventOf<'loss'>['occurrences'][number];

/** The loss records of one dropped range of entries; the first one carries its bytes. */
export function describeLoss(db: Db, { at, from, to, bytes, dropped }: Dropped): NewEvent[] {
  const rowsByKey = new Map<string, LedgerRow>();
  const earlier: LostRange[] = [];
  for (const entry of dropped) {
    const event = eventSchema.parse(JSON.parse(entry.bytes));
    if (event.kind === 'loss') earlier.push(...event.occurrences);
    if (event.kind !== 'ledger') continue;
    for (const row of event.rows) rowsByKey.set(`${row.schedule} ${row.from}`, row);
  }
  const isLast = lastAccount(db);
  const rows = [...rowsByKey.values()].filter(isLast);
  const fresh = rows.map(({ schedule, from: first, to: last, count }) => ({
    schedule,
    from: first,
    to: last,
    count,
  }));
  const lost = merge(db, [...earlier, ...fresh]);
  const events: NewEvent[] = [];
  for (let first = 0; first === 0 || first < lost.length; first += RANGES_PER_EVENT) {
    const occurrences = lost.slice(first, first + RANGES_PER_EVENT);
    events.push({
      kind: 'loss',
      at,
      what: 'events',
      from,
      to,
      bytes: first ? 0 : bytes,
      occurrences,
    });
  }
  return events;
}

/** True when the row still stands as the dropped entry told it: then no later entry tells of it. */
function lastAccount(db: Db): (row: LedgerRow) => boolean {
  const find = db.prepare(
    `SELECT o.to_at AS toAt, o.count, o.disposition FROM occurrence o JOIN schedule s ON s.id = o.schedule
     WHERE s.key = ? AND o.from_at = ?`,
  );
  return (row) => {
    const now = find.get(row.schedule, Date.parse(row.from)) as
      | { toAt: number; count: number; disposition: string }
      | undefined;
    // A row no longer in the ledger was over long ago, or withdrawn; only an ended one is a loss.
    if (!now) return row.disposition !== 'pending' && row.disposition !== 'starting';
    return (
      now.toAt === Date.parse(row.to) &&
      now.count === row.count &&
      now.disposition === row.disposition
    );
  };
}

/** Ranges of one schedule become one where no row of the ledger lies between them: a backlog of loss stays short. */
function merge(db: Db, ranges: readonly LostRange[]): LostRange[] {
  const between = db.prepare(
    `SELECT 1 FROM occurrence o JOIN schedule s ON s.id = o.schedule
     WHERE s.key = ? AND o.from_at > ? AND o.from_at < ? LIMIT 1`,
  );
  const sorted = [...ranges].sort(
    (a, b) => compare(a.schedule, b.schedule) || Date.parse(a.from) - Date.parse(b.from),
  );
  const merged: LostRange[] = [];
  for (const range of sorted) {
    const last = merged.at(-1);
    const joins =
      last?.schedule === range.schedule &&
      !between.get(range.schedule, Date.parse(last.to), Date.parse(range.from));
    if (last && joins) {
      merged[merged.length - 1] = { ...last, to: range.to, count: last.count + range.count };
    } else merged.push(range);
  }
  return merged;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
