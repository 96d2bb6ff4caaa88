// Policies of a schedule, as they stand in documents. All durations are whole milliseconds.
import { z } from 'zod';

const durationMs = z
  .int()
  .min(0)
  .max(400 * 86_400_000);

/** What becomes of occurrences found late. `limit` bounds `all` (the newest are kept). */
export const catchUpSchema = z.strictObject({
  policy: z.enum(['none', 'latest', 'all']),
  /** Nothing starts later than dueAt + startDeadlineMs. */
  startDeadlineMs: durationMs.optional(),
  limit: z.int().min(1).max(10_000),
});
export type CatchUp = z.infer<typeof catchUpSchema>;

export const overlapSchema = z.enum(['skip', 'allow']);

/** Attempt n + 1 follows attempt n after min(maximum, initial × coefficient^(n-1)). */
export const retrySchema = z.strictObject({
  maxAttempts: z.int().min(1).max(100),
  initialIntervalMs: durationMs,
  backoffCoefficient: z.number().min(1).max(10),
  maximumIntervalMs: durationMs,
});
export type Retry = z.infer<typeof retrySchema>;

export const DEFAULT_CATCH_UP: CatchUp = { policy: 'latest', limit: 100 };
export const DEFAULT_RETRY: Retry = {
  maxAttempts: 1,
  initialIntervalMs: 1_000,
  backoffCoefficient: 2,
  maximumIntervalMs: 60_000,
};
