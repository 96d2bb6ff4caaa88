// A schedule: a named trigger, a job and the policies that say what happens when time and machine disagree.
import { z } from 'zod';
import { idSchema } from '#shared/ids.ts';
import { jobSchema } from '#shared/jobs.ts';
import { catchUpSchema, overlapSchema, retrySchema } from './policies.ts';
import { triggerSchema } from './trigger.ts';

export const scheduleSchema = z.strictObject({
  id: idSchema,
  trigger: triggerSchema,
  job: jobSchema,
  catchUp: catchUpSchema,
  overlap: overlapSchema,
  retry: retrySchema,
  /** Window of the machine's own stable offset; dueAt = nominalAt + splay offset. */
  splayMs: z.int().min(0).max(86_400_000),
  /** SIGTERM at this age, SIGKILL after the grace. */
  timeoutMs: z
    .int()
    .min(100)
    .max(30 * 86_400_000),
  graceMs: z.int().min(0).max(600_000),
  /** Captured output kept per attempt. */
  outputCapBytes: z
    .int()
    .min(0)
    .max(64 * 1024 * 1024),
  /** After a crash of the machine it is not known whether the job ran: record it as lost, or try again. */
  onInterrupted: z.enum(['fail', 'retry']),
  paused: z.boolean(),
  description: z.string().max(500).optional(),
  /** Free for other tools; Muster ignores it. */
  x: z.record(z.string(), z.json()).optional(),
});
export type Schedule = z.infer<typeof scheduleSchema>;
