// The schedule document: the complete desired state of one stream for its audience at one (epoch, revision).
import { z } from 'zod';
import { digestSchema, idSchema, instantSchema } from '#shared/ids.ts';
import { scheduleSchema } from './schedule.ts';

export const MAX_AUDIENCE = 1_000;
export const MAX_SCHEDULES_PER_DOCUMENT = 10_000;

export const scheduleDocumentSchema = z.strictObject({
  kind: z.literal('schedule'),
  fleet: idSchema,
  stream: idSchema,
  epoch: z.int().min(0),
  revision: z.int().min(1),
  /** Document id of the revision this one replaces; null for the first. */
  previous: digestSchema.nullable(),
  audience: z.array(idSchema).min(1).max(MAX_AUDIENCE),
  minTrust: z.int().min(1),
  issuedAt: instantSchema,
  /** A machine that first sees the document later than this refuses it. */
  acceptUntil: instantSchema,
  lease: z
    .strictObject({ days: z.int().min(1).max(3_650), onEnd: z.enum(['continue', 'hold', 'stop']) })
    .optional(),
  capabilities: z.array(idSchema).max(64),
  schedules: z.array(scheduleSchema).max(MAX_SCHEDULES_PER_DOCUMENT),
  note: z.string().max(500).optional(),
  x: z.record(z.string(), z.json()).optional(),
});
export type ScheduleDocument = z.infer<typeof scheduleDocumentSchema>;
