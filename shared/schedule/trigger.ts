// The closed union of triggers as they stand in documents. Their meaning in time is shared/time.
import { z } from 'zod';
import { instantSchema } from '#shared/ids.ts';

export const zoneSchema = z.string().min(1).max(64);

/** `time`: a local date-time with a zone (`2026-03-29T02:30:00`), or an instant with `Z`. */
export const atTriggerSchema = z.strictObject({
  kind: z.literal('at'),
  time: z.string().max(40),
  zone: zoneSchema.optional(),
});

/** `period`: ISO 8601 duration of elapsed time (no years or months); the n-th is anchor + n × period. */
export const everyTriggerSchema = z.strictObject({
  kind: z.literal('every'),
  period: z.string().max(40),
  anchor: instantSchema,
});

/** `expression`: 5, 6 (seconds first) or 7 (year last) fields, or an @nickname. */
export const cronTriggerSchema = z.strictObject({
  kind: z.literal('cron'),
  expression: z.string().min(1).max(256),
  zone: zoneSchema,
});

export const triggerSchema = z.discriminatedUnion('kind', [
  atTriggerSchema,
  everyTriggerSchema,
  cronTriggerSchema,
]);
export type Trigger = z.infer<typeof triggerSchema>;
export type AtTrigger = z.infer<typeof atTriggerSchema>;
export type EveryTrigger = z.infer<typeof everyTriggerSchema>;
export type CronTrigger = z.infer<typeof cronTriggerSchema>;
