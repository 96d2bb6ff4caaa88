// One machine's account: what was planned against what its ledger tells, and what it has not yet said.
import type { LedgerAccount } from '#console/views.ts';
import { parseInstant } from '#shared/ids.ts';
import type { LedgerRow } from '#shared/run/ledger.ts';
import { reconcile } from '#shared/run/reconcile.ts';
import { compileTrigger } from '#shared/time/occurrences.ts';
import type { PlannedTimes } from './segments.ts';

export interface AccountInput {
  readonly agent: string;
  readonly times: PlannedTimes;
  readonly rows: readonly LedgerRow[];
  /** Everything nominal up to here is reported, epoch milliseconds. */
  readonly cursorAt: number;
  readonly nowAt: number;
  /** When the machine wrote the newest entry known, by its own clock. */
  readonly writtenAt: number;
}

const SAID = { unaccounted: 'unaccounted', duplicate: 'told twice', unexpected: 'never planned' };

/** The account of one machine, up to its reported cursor; what lies between cursor and now is unknown, not missed. */
export function accountOf(input: AccountInput): LedgerAccount {
  const { agent, times, rows, cursorAt, nowAt, writtenAt } = input;
  // A batch out of the middle of a backlog tells rows beyond the cursor it can vouch for: neither unknown nor wrong,
  // also when the machine's clock is ahead of this one.
  const latestAt = Math.max(nowAt, writtenAt);
  const early = rows.filter(({ from }) => isWithin(parseInstant(from), cursorAt, latestAt));
  const told = rows.filter((row) => !early.includes(row));
  const ahead = told.filter(
    ({ run, from }) =>
      run !== null &&
      times.ahead.some((range) => isWithin(parseInstant(from), range.fromAt, range.toAt)),
  );
  const result = reconcile({ segments: times.segments, rows: told, losses: times.losses, ahead });
  const planned = times.inForce.reduce((sum, { spec, fromAt }) => {
    const compiled = compileTrigger(spec.trigger);
    const sinceAt = Math.max(cursorAt, fromAt);
    return compiled.ok && nowAt > sinceAt ? sum + compiled.value.count(sinceAt, nowAt) : sum;
  }, 0);
  const toldEarly = early.reduce(
    (sum, { from, count }) => (parseInstant(from) <= nowAt ? sum + count : sum),
    0,
  );
  const { expected, accounted, unaccounted, duplicates, unexpected, lossRecorded, open } = result;
  return {
    ...{ expected, accounted, unaccounted, duplicates, unexpected, lossRecorded, open },
    unknown: Math.max(0, planned - toldEarly),
    byDisposition: byDisposition(rows),
    findings: [
      ...result.findings.map(({ kind, schedule, at, count }) => ({
        agent,
        schedule,
        at,
        what: count === 1 ? SAID[kind] : `${SAID[kind]} (${count})`,
      })),
      ...times.unknown.map(({ docId, stream, at }) => ({
        agent,
        schedule: stream,
        at,
        what: `applied document ${docId} is not known here`,
      })),
    ],
  };
}

const isWithin = (at: number, fromAt: number, toAt: number): boolean => at > fromAt && at <= toAt;

/** Occurrences by how they ended; what was skipped by its reason. */
function byDisposition(rows: readonly LedgerRow[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { disposition, reason, count } of rows) {
    const name = disposition === 'skipped' ? `skipped: ${reason}` : disposition;
    counts[name] = (counts[name] ?? 0) + count;
  }
  return counts;
}

export const EMPTY_ACCOUNT: LedgerAccount = {
  expected: 0,
  accounted: 0,
  unaccounted: 0,
  duplicates: 0,
  unexpected: 0,
  unknown: 0,
  lossRecorded: 0,
  open: 0,
  byDisposition: {},
  findings: [],
};

const MAX_FINDINGS = 200;

/** The account of several machines together. */
export function addAccounts(a: LedgerAccount, b: LedgerAccount): LedgerAccount {
  const byName: Record<string, number> = { ...a.byDisposition };
  for (const [name, count] of Object.entries(b.byDisposition)) {
    byName[name] = (byName[name] ?? 0) + count;
  }
  return {
    expected: a.expected + b.expected,
    accounted: a.accounted + b.accounted,
    unaccounted: a.unaccounted + b.unaccounted,
    duplicates: a.duplicates + b.duplicates,
    unexpected: a.unexpected + b.unexpected,
    unknown: a.unknown + b.unknown,
    lossRecorded: a.lossRecorded + b.lossRecorded,
    open: a.open + b.open,
    byDisposition: byName,
    findings: [...a.findings, ...b.findings].slice(0, MAX_FINDINGS),
  };
}
