// The ends of attempts, made durable: outcome, retry or the end of the run, the occurrence's last row (E22 to E25).
import type { PlanTables } from '#agent/engine/plan-tables.ts';
import { afterAttempt } from '#agent/engine/retry.ts';
import { toLedgerRow } from '#agent/engine/rows.ts';
import type { ActiveRun } from '#agent/engine/types.ts';
import type { AgentStore, AttemptExit } from '#agent/ports.ts';
import { formatInstant } from '#shared/ids.ts';
import type { NewEvent } from '#shared/run/event.ts';
import type { LedgerRow, Outcome } from '#shared/run/ledger.ts';
import { ledgerEvents } from '#shared/run/ledger-events.ts';

/** Characters of output an entry carries: at six bytes each, escaped, it stays far below 60 KB. */
const TAIL_CHARS = 4_096;

/** Inside the caller's transaction. An attempt that ended before is left alone. */
export function settleExits(
  store: AgentStore & PlanTables,
  exits: readonly AttemptExit[],
  nowAt: number,
): void {
  const rows: LedgerRow[] = [];
  for (const exit of exits) {
    const run = store.runs.get(exit.run);
    if (run?.state !== 'starting' || run.attempt !== exit.attempt) continue;
    const outcome = outcomeOf(exit);
    store.log.append([attemptFinished(exit, outcome, nowAt)]);
    store.runs.endAttempt({ ...exit, outcome });
    const then = afterAttempt(run, outcome, nowAt, exit.ended === 'never-started');
    if (then.kind === 'retry') store.runs.retryAt(run.run, then.at);
    else rows.push(...finishRun(store, run, then.outcome, nowAt));
  }
  store.log.append(ledgerEvents(rows, formatInstant(nowAt)));
}

/** Ends a run and returns its occurrence's row for the log; a run by command has none. */
export function finishRun(
  store: AgentStore & PlanTables,
  run: ActiveRun,
  outcome: Outcome,
  nowAt: number,
): LedgerRow[] {
  store.runs.finish(run.run, outcome, nowAt);
  const at = formatInstant(nowAt);
  store.log.append([
    { kind: 'run-finished', at, run: run.run, schedule: run.key, outcome, attempts: run.attempt },
  ]);
  store.ledger.wakeWaiting(run.schedule);
  if (run.nominalAt === null) return [];
  const before = store.ledger.at(run.schedule, run.nominalAt);
  if (!before) return [];
  const row = { ...before, disposition: 'ran' as const, readyAt: null };
  store.ledger.put([row]);
  return [toLedgerRow(row, run.key)];
}

function outcomeOf(exit: AttemptExit): Outcome {
  switch (exit.ended) {
    case 'exited':
      return exit.exitCode === 0 ? 'succeeded' : 'failed';
    case 'start-failed':
      return 'failed';
    case 'timed-out':
    case 'cancelled':
    case 'lost':
      return exit.ended;
    case 'never-started':
      return 'lost';
  }
}

function attemptFinished(exit: AttemptExit, outcome: Outcome, nowAt: number): NewEvent {
  const tail = exit.outputTail.slice(-TAIL_CHARS);
  return {
    kind: 'attempt-finished',
    at: formatInstant(nowAt),
    run: exit.run,
    attempt: exit.attempt,
    outcome,
    exitCode: exit.exitCode,
    signal: exit.signal,
    startedAt: formatInstant(exit.startedAt),
    finishedAt: formatInstant(exit.finishedAt),
    outputBytes: exit.outputBytes,
    // Half a surrogate pair at the cut would make the entry unreadable to a strict parser.
    output: tail.toWellFormed(),
    truncated: exit.truncated || tail.length < exit.outputTail.length,
    isolation: exit.isolation,
  };
}
