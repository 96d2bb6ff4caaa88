// Does the ledger account for every planned occurrence exactly once? Expected comes from triggers, never from the rows.
// Ranges are counted, not enumerated: a year of a one-second schedule costs what its rows cost.
import { formatInstant, parseInstant } from '#shared/ids.ts';
import type { Trigger } from '#shared/schedule/trigger.ts';
import { type CompiledTrigger, compileTrigger } from '#shared/time/occurrences.ts';
import type { LedgerRow } from './ledger.ts';

/** A time in which one trigger was in force for a schedule. Epoch milliseconds. */
export interface Segment {
  readonly schedule: string;
  readonly trigger: Trigger;
  /** Exclusive. */
  readonly fromAt: number;
  /** Inclusive: the planning cursor of the next document, or the newest one known. */
  readonly toAt: number;
}

/** Occurrences whose account the machine says it had to drop. */
export interface LostRange {
  readonly schedule: string;
  readonly from: string;
  readonly to: string;
  readonly count: number;
}

export interface ReconcileInput {
  readonly segments: readonly Segment[];
  /** The newest state of each row: key (schedule, from). A key given twice is a duplicate. */
  readonly rows: readonly LedgerRow[];
  readonly losses: readonly LostRange[];
  /** Rows of runs that stood above the cursor when a clock was corrected (E32): not unexpected for being early. */
  readonly ahead?: readonly { readonly schedule: string; readonly from: string }[];
  readonly maxFindings?: number;
}

export interface Finding {
  readonly kind: 'unaccounted' | 'duplicate' | 'unexpected';
  readonly schedule: string;
  /** Nominal instant, the first one of its kind here. */
  readonly at: string;
  readonly count: number;
}

/** expected = accounted + unaccounted + lossRecorded. */
export interface Reconciliation {
  readonly expected: number;
  readonly accounted: number;
  readonly unaccounted: number;
  /** Told more than once. */
  readonly duplicates: number;
  /** Told, but never planned. */
  readonly unexpected: number;
  /** Of the accounted ones, those not over yet. */
  readonly open: number;
  readonly lossRecorded: number;
  readonly findings: readonly Finding[];
}

interface Row {
  readonly fromAt: number;
  readonly toAt: number;
  readonly count: number;
  readonly open: boolean;
}
interface Range {
  readonly fromAt: number;
  readonly toAt: number;
}
interface Tally {
  expected: number;
  accounted: number;
  unaccounted: number;
  duplicates: number;
  unexpected: number;
  open: number;
  lossRecorded: number;
}
type Report = (kind: Finding['kind'], at: number, count: number) => void;

/** Throws when a segment's trigger does not compile: it came from a document that was checked. */
export function reconcile({
  segments,
  rows,
  losses,
  ahead = [],
  maxFindings = 100,
}: ReconcileInput): Reconciliation {
  const tally: Tally = {
    expected: 0,
    accounted: 0,
    unaccounted: 0,
    duplicates: 0,
    unexpected: 0,
    open: 0,
    lossRecorded: 0,
  };
  const findings: Finding[] = [];
  const segmentsByKey = group(segments, (segment) => segment);
  const rowsByKey = group(rows, readRow);
  const lossesByKey = group(losses, readRange);
  const early = new Set(ahead.map(({ schedule, from }) => `${schedule} ${parseInstant(from)}`));
  for (const schedule of new Set([...segmentsByKey.keys(), ...rowsByKey.keys()])) {
    const report: Report = (kind, at, count) => {
      if (kind === 'duplicate') tally.duplicates += count;
      else tally[kind] += count;
      if (findings.length < maxFindings) {
        findings.push({ kind, schedule, at: formatInstant(at), count });
      }
    };
    reconcileOne(
      {
        segments: joinSegments(segmentsByKey.get(schedule) ?? []),
        rows: (rowsByKey.get(schedule) ?? []).sort(byFrom),
        losses: union(lossesByKey.get(schedule) ?? []),
        isEarly: (at) => early.has(`${schedule} ${at}`),
      },
      tally,
      report,
    );
  }
  return { ...tally, findings };
}

interface OneInput {
  readonly segments: readonly Segment[];
  readonly rows: readonly Row[];
  readonly losses: readonly Range[];
  readonly isEarly: (at: number) => boolean;
}

function reconcileOne({ segments, rows, losses, isEarly }: OneInput, tally: Tally, report: Report) {
  let index = 0;
  /** Everything up to here has been told by some row. */
  let toldTo = Number.NEGATIVE_INFINITY;
  for (const { trigger, fromAt, toAt } of segments) {
    const compiled = compile(trigger);
    const missing = gapCheck(compiled, losses, tally, report);
    let at = fromAt;
    for (; index < rows.length && (rows[index] as Row).fromAt <= toAt; index++) {
      const row = rows[index] as Row;
      // What ran under a wrong clock counts where this plan wanted it too, and is no fault where it did not.
      const isWanted = () => row.fromAt > fromAt && isPlanned(compiled, row.fromAt);
      if (isEarly(row.fromAt) && !isWanted()) continue;
      if (row.fromAt <= fromAt) {
        // Before or between the segments: nobody planned it, unless the row before told it already.
        report(row.fromAt <= toldTo ? 'duplicate' : 'unexpected', row.fromAt, row.count);
        toldTo = Math.max(toldTo, row.toAt);
        continue;
      }
      if (row.fromAt <= toldTo) {
        report('duplicate', row.fromAt, repeated(compiled, row, toldTo));
      } else missing(at, row.fromAt - 1);
      if (row.toAt > at)
        tell(compiled, row, { fromAt: Math.max(at, row.fromAt - 1), toAt }, tally, report);
      at = Math.max(at, Math.min(row.toAt, toAt));
      toldTo = Math.max(toldTo, row.toAt);
    }
    missing(at, toAt);
    if (toAt > fromAt) tally.expected += compiled.count(fromAt, toAt);
  }
  for (; index < rows.length; index++) {
    const row = rows[index] as Row;
    if (!isEarly(row.fromAt)) report('unexpected', row.fromAt, row.count);
  }
}

/** At least one, also where both rows hold the same wrong instant. */
const repeated = (compiled: CompiledTrigger, row: Row, toldTo: number): number =>
  Math.max(1, compiled.count(row.fromAt - 1, Math.min(row.toAt, toldTo)));

/** Accounts for the occurrences of a row in (within.fromAt, within.toAt] and checks that it tells what was planned. */
function tell(
  compiled: CompiledTrigger,
  row: Row,
  within: Range,
  tally: Tally,
  report: Report,
): void {
  const upToAt = Math.min(row.toAt, within.toAt);
  const planned = compiled.count(within.fromAt, upToAt);
  const told =
    row.count - (within.fromAt >= row.fromAt ? compiled.count(row.fromAt - 1, within.fromAt) : 0);
  const accounted = Math.max(0, Math.min(planned, told));
  tally.accounted += accounted;
  if (row.open) tally.open += accounted;
  if (planned > accounted) report('unaccounted', row.fromAt, planned - accounted);
  // A row that reaches beyond its segment, holds too many, or stands at an instant that was never planned.
  if (told > planned) report('unexpected', row.fromAt, told - planned);
  else if (!isPlanned(compiled, row.fromAt)) report('unexpected', row.fromAt, 1);
  else if (row.toAt > within.toAt || !isPlanned(compiled, row.toAt))
    report('unexpected', row.toAt, 1);
}

const isPlanned = (compiled: CompiledTrigger, at: number): boolean =>
  compiled.next(at - 1)?.at === at;

/** Makes the check of one stretch (afterAt, upToAt] that no row tells of: lost by a record, or unaccounted. */
function gapCheck(
  compiled: CompiledTrigger,
  losses: readonly Range[],
  tally: Tally,
  report: Report,
): (afterAt: number, upToAt: number) => void {
  return (afterAt, upToAt) => {
    const first = upToAt > afterAt ? compiled.next(afterAt)?.at : undefined;
    if (first === undefined || first > upToAt) return;
    let at = afterAt;
    const silent = (toAt: number) => {
      const count = toAt > at ? compiled.count(at, toAt) : 0;
      if (count > 0) report('unaccounted', compiled.next(at)?.at ?? at, count);
    };
    for (const loss of losses) {
      if (loss.toAt <= at || loss.fromAt > upToAt) continue;
      silent(loss.fromAt - 1);
      const lostTo = Math.min(loss.toAt, upToAt);
      tally.lossRecorded += compiled.count(Math.max(at, loss.fromAt - 1), lostTo);
      at = lostTo;
    }
    silent(upToAt);
  };
}

/** A revision that left the trigger as it was changes nothing for the count: its rows may reach across it. */
function joinSegments(segments: readonly Segment[]): Segment[] {
  const joined: Segment[] = [];
  for (const segment of [...segments].sort(byFrom)) {
    const last = joined.at(-1);
    const goesOn =
      last?.toAt === segment.fromAt &&
      JSON.stringify(last.trigger) === JSON.stringify(segment.trigger);
    if (last && goesOn) joined[joined.length - 1] = { ...last, toAt: segment.toAt };
    else joined.push(segment);
  }
  return joined;
}

function union(ranges: readonly Range[]): Range[] {
  const merged: Range[] = [];
  for (const range of [...ranges].sort(byFrom)) {
    const last = merged.at(-1);
    if (last && range.fromAt <= last.toAt) {
      merged[merged.length - 1] = { ...last, toAt: Math.max(last.toAt, range.toAt) };
    } else merged.push(range);
  }
  return merged;
}

function compile(trigger: Trigger): CompiledTrigger {
  const compiled = compileTrigger(trigger);
  if (!compiled.ok) throw new Error(`${compiled.fault.code} ${compiled.fault.message}`);
  return compiled.value;
}

function group<T extends { readonly schedule: string }, U>(
  items: readonly T[],
  read: (item: T) => U,
): Map<string, U[]> {
  const byKey = new Map<string, U[]>();
  for (const item of items) {
    const list = byKey.get(item.schedule);
    if (list) list.push(read(item));
    else byKey.set(item.schedule, [read(item)]);
  }
  return byKey;
}

const byFrom = (a: { readonly fromAt: number }, b: { readonly fromAt: number }): number =>
  a.fromAt - b.fromAt;

const readRange = ({ from, to }: { readonly from: string; readonly to: string }): Range => ({
  fromAt: parseInstant(from),
  toAt: parseInstant(to),
});

const readRow = (row: LedgerRow): Row => ({
  ...readRange(row),
  count: row.count,
  open: row.disposition === 'pending' || row.disposition === 'starting',
});
