// What every planning step is handed.
import type { ConsoleStore } from '#console/core/ports.ts';
import { err, ok, type Result } from '#shared/result.ts';
import type { Trust } from '#shared/trust/trust-document.ts';

export interface PlanContext {
  readonly fleet: string;
  readonly store: ConsoleStore;
  readonly trust: Trust;
  /** Epoch milliseconds. */
  readonly nowAt: number;
  /** Version of the time zone data this console plans with. */
  readonly tzdata: string;
}

/** Fault: TRUST_GAP while no trust document was ever published here. */
export function needTrust(trust: Trust | undefined): Result<Trust> {
  if (trust) return ok(trust);
  return err('TRUST_GAP', 'this home has no trust document yet', {
    hint: '`muster init` makes and publishes the first one',
  });
}
