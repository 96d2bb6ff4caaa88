// Steps of the wall clock, recorded and survived (E29 to E32). Inside the caller's transaction.
import { type ClockStep, cursorIsAbsurd } from '#agent/engine/clock-rules.ts';
import type { PlanTables } from '#agent/engine/plan-tables.ts';
import { retryIntervalMs } from '#agent/engine/retry.ts';
import { toLedgerRow } from '#agent/engine/rows.ts';
import type { OccurrenceRow } from '#agent/engine/types.ts';
import type { AgentStore } from '#agent/ports.ts';
import { formatInstant } from '#shared/ids.ts';
import { ledgerEvents } from '#shared/run/ledger-events.ts';
import type { Schedule } from '#shared/schedule/schedule.ts';
import { compileTrigger } from '#shared/time/occurrences.ts';

type Store = AgentStore & PlanTables;

const MAX_RETRIES = 10_000;

/** A step of the clock: told, and the waits between attempts stay as long as they were. */
export function recordStep(store: Store, step: ClockStep, nowAt: number, cursorAt: number): void {
  store.runs.shiftRetries(step.deltaMs);
  store.log.append([clockEvent(step.change, step.deltaMs, nowAt, cursorAt)]);
}

/**
 * After a restart no step can be seen, for the monotonic clock began anew: no wait between attempts is then longer than
 * its own interval.
 */
export function clampRetries(store: Store, nowAt: number): void {
  for (const run of store.runs.dueRetries(Number.MAX_SAFE_INTEGER, MAX_RETRIES)) {
    const latestAt = nowAt + retryIntervalMs(run.spec.retry, run.attempt);
    if (run.retryAt !== null && run.retryAt > latestAt) store.runs.retryAt(run.run, latestAt);
  }
}

/**
 * Pulls back a cursor that a wrong clock had carried more than a day ahead, and returns the new one.
 * What never ran above it is withdrawn and planned again in its time; what ran stays and is not run again.
 */
export function pullBackCursor(store: Store, cursorAt: number, nowAt: number): number {
  if (!cursorIsAbsurd(cursorAt, nowAt)) return cursorAt;
  store.log.append([clockEvent('cursor-pulled-back', nowAt - cursorAt, nowAt, nowAt)]);
  // Before the revisions are moved: a row belongs to the one that planned it.
  const shortened = store.ledger.withdrawAfter(nowAt).map((row) => {
    const short = shorten(row, store.schedules.specAt(row.schedule, row.fromAt), nowAt);
    store.ledger.put([short]);
    return toLedgerRow(short, store.schedules.keyOf(row.schedule));
  });
  store.schedules.pullBack(nowAt);
  store.log.append(ledgerEvents(shortened, formatInstant(nowAt)));
  for (const { id, spec } of store.schedules.all()) {
    const compiled = compileTrigger(spec.trigger);
    const nextAt = compiled.ok ? (compiled.value.next(nowAt)?.at ?? null) : null;
    store.schedules.setNext(id, nextAt, store.ledger.hasRowsAfter(id, nowAt));
  }
  store.setCursor(nowAt);
  return nowAt;
}

/** The part of a row up to an instant; its first occurrence is never after that. */
function shorten(row: OccurrenceRow, spec: Schedule | undefined, toAt: number): OccurrenceRow {
  const compiled = spec ? compileTrigger(spec.trigger) : undefined;
  if (!compiled?.ok) return { ...row, toAt: row.fromAt, count: 1 };
  const lastAt = compiled.value.previous(toAt + 1)?.at ?? row.fromAt;
  return { ...row, toAt: lastAt, count: compiled.value.count(row.fromAt - 1, lastAt) };
}

const clockEvent = (
  change: ClockStep['change'] | 'cursor-pulled-back',
  deltaMs: number,
  nowAt: number,
  cursorAt: number,
) => ({
  kind: 'clock' as const,
  at: formatInstant(nowAt),
  change,
  wall: formatInstant(nowAt),
  deltaMs,
  cursor: formatInstant(cursorAt),
});
