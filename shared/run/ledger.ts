// The ledger's words: how an occurrence can stand and end. Closed lists; reasons grow.
import { z } from 'zod';
import { hex128Schema, instantSchema, scheduleKeySchema } from '#shared/ids.ts';

export const TERMINAL_DISPOSITIONS = [
  'ran',
  'coalesced',
  'expired',
  'skipped',
  'superseded',
] as const;
export const DISPOSITIONS = ['pending', 'starting', ...TERMINAL_DISPOSITIONS] as const;
export type Disposition = (typeof DISPOSITIONS)[number];

export const SKIP_REASONS = [
  'overlap',
  'paused',
  'calendar',
  'catch-up',
  'limit',
  'condition',
  'held',
  'vetoed',
  'lease',
  'suspended',
  'clock',
  'lock',
  'not-owner',
] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];

/**
 * One row: `count` occurrences of one schedule with nominal instants from `from` to `to` (both inclusive).
 * Key (schedule, from). Only pending, starting and ran rows name a run, and their count is 1.
 */
export const ledgerRowSchema = z.strictObject({
  schedule: scheduleKeySchema,
  from: instantSchema,
  to: instantSchema,
  count: z.int().min(1),
  /** dueAt of the last occurrence of the row. */
  due: instantSchema,
  disposition: z.enum(DISPOSITIONS),
  /** skipped: the reason; expired: `deadline`; superseded: `revision`; coalesced: nominal instant of the survivor. */
  reason: z.string().max(64).nullable(),
  /** A word or two for `why`: a policy code, the blocking run, the command's nonce. */
  detail: z.string().max(256).nullable(),
  run: hex128Schema.nullable(),
});
export type LedgerRow = z.infer<typeof ledgerRowSchema>;

export const RUN_STATES = [
  'starting',
  'running',
  'retrying',
  'succeeded',
  'failed',
  'timed-out',
  'cancelled',
  'lost',
] as const;
export type RunState = (typeof RUN_STATES)[number];
export const OUTCOMES = ['succeeded', 'failed', 'timed-out', 'cancelled', 'lost'] as const;
export type Outcome = (typeof OUTCOMES)[number];
