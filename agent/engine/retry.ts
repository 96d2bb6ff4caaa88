// What follows the end of an attempt (E22 to E25). Pure.
import type { Outcome } from '#shared/run/ledger.ts';
import type { Retry } from '#shared/schedule/policies.ts';
import type { ActiveRun } from './types.ts';

/** An idempotent job is tried again after a crash of the machine, but not for ever: the job may be what crashes it. */
const MAX_LOST_RETRIES = 3;

export type AfterAttempt =
  | { readonly kind: 'retry'; readonly at: number }
  | { readonly kind: 'finish'; readonly outcome: Outcome };

/** Milliseconds between attempt n and attempt n + 1. */
export const retryIntervalMs = (retry: Retry, attempt: number): number =>
  Math.min(
    retry.maximumIntervalMs,
    Math.round(retry.initialIntervalMs * retry.backoffCoefficient ** (attempt - 1)),
  );

/** `run` as it stood before this attempt's end; `neverStarted`: the lost attempt certainly had no process. */
export function afterAttempt(
  run: ActiveRun,
  outcome: Outcome,
  nowAt: number,
  neverStarted = false,
): AfterAttempt {
  const again: AfterAttempt = {
    kind: 'retry',
    at: nowAt + retryIntervalMs(run.spec.retry, run.attempt),
  };
  const finish: AfterAttempt = { kind: 'finish', outcome };
  if (run.cancelledBy !== null) return finish;
  if (neverStarted) return { kind: 'retry', at: nowAt };
  switch (outcome) {
    case 'succeeded':
    case 'cancelled':
      return finish;
    case 'lost':
      return run.spec.onInterrupted === 'retry' && run.lostAttempts < MAX_LOST_RETRIES
        ? again
        : finish;
    case 'failed':
    case 'timed-out':
      // Attempts that were lost are not the job's fault and use up none of its own.
      return run.attempt - run.lostAttempts < run.spec.retry.maxAttempts ? again : finish;
  }
}
