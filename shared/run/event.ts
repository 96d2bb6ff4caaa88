// The entries of an agent's log. Each is hashed into the chain as the bytes of its JSON; kinds are added, never changed.
import { z } from 'zod';
import {
  digestSchema,
  hex128Schema,
  idSchema,
  instantSchema,
  keyIdSchema,
  scheduleKeySchema,
} from '#shared/ids.ts';
import { ledgerRowSchema, OUTCOMES } from './ledger.ts';

const base = { seq: z.int().min(1), at: instantSchema };

const event = <K extends string, S extends z.ZodRawShape>(kind: K, shape: S) =>
  z.strictObject({ ...base, kind: z.literal(kind), ...shape });

export const eventSchema = z.discriminatedUnion('kind', [
  event('agent-started', {
    bootId: z.string().max(64),
    version: z.string().max(64),
    session: hex128Schema,
    clean: z.boolean(),
  }),
  event('agent-stopped', { session: hex128Schema }),
  event('document-applied', {
    docId: digestSchema,
    docKind: z.enum(['trust', 'device', 'schedule']),
    name: idSchema,
    epoch: z.int().min(0),
    revision: z.int().min(1),
    /** Schedules of this document answer for nominal instants after the cursor, those of its predecessor up to it. */
    cursor: instantSchema,
  }),
  event('document-refused', {
    code: z.string().max(64),
    docId: digestSchema.nullable(),
    keyId: keyIdSchema.nullable(),
    topic: z.string().max(256),
    /** More than 1: a summary of the refusals the quota swallowed. */
    count: z.int().min(1),
  }),
  /** State of occurrences; a later row with the same key replaces an earlier one. */
  event('ledger', { rows: z.array(ledgerRowSchema).min(1).max(256) }),
  event('attempt-started', {
    run: hex128Schema,
    schedule: scheduleKeySchema,
    nominal: instantSchema.nullable(),
    due: instantSchema.nullable(),
    attempt: z.int().min(1),
    /** Later than on time: `catch-up`; by command: `manual`. */
    cause: z.enum(['schedule', 'catch-up', 'retry', 'manual']),
  }),
  event('attempt-finished', {
    run: hex128Schema,
    attempt: z.int().min(1),
    outcome: z.enum(OUTCOMES),
    exitCode: z.int().nullable(),
    signal: z.string().max(32).nullable(),
    startedAt: instantSchema,
    finishedAt: instantSchema,
    outputBytes: z.int().min(0),
    /** The end of the captured output, and whether more was cut by the cap. */
    output: z.string().max(16_384),
    truncated: z.boolean(),
    /** Level of isolation the attempt had. */
    isolation: z.string().max(64),
  }),
  /** The run is over: its last outcome after all attempts. */
  event('run-finished', {
    run: hex128Schema,
    schedule: scheduleKeySchema,
    outcome: z.enum(OUTCOMES),
    attempts: z.int().min(0),
  }),
  event('paused', {
    schedule: scheduleKeySchema.nullable(),
    cursor: instantSchema,
    nonce: hex128Schema,
  }),
  event('resumed', {
    schedule: scheduleKeySchema.nullable(),
    cursor: instantSchema,
    nonce: hex128Schema,
  }),
  event('command-accepted', { docId: digestSchema, nonce: hex128Schema, verb: z.string().max(16) }),
  event('clock', {
    change: z.enum(['forward', 'backward', 'sleep', 'cursor-pulled-back']),
    wall: instantSchema,
    deltaMs: z.int(),
    cursor: instantSchema,
  }),
  event('held', { reason: z.string().max(64), cursor: instantSchema }),
  event('released', { reason: z.string().max(64), cursor: instantSchema }),
  event('state', { code: z.string().max(64), detail: z.string().max(512) }),
  event('loss', {
    what: z.enum(['events', 'output']),
    from: z.int().min(1),
    to: z.int().min(1),
    bytes: z.int().min(0),
    /** Occurrences whose only account was in the lost entries, per schedule. */
    occurrences: z
      .array(
        z.strictObject({
          schedule: scheduleKeySchema,
          from: instantSchema,
          to: instantSchema,
          count: z.int().min(1),
        }),
      )
      .max(1_000),
  }),
]);
export type Event = z.infer<typeof eventSchema>;
export type EventKind = Event['kind'];
export type EventOf<K extends EventKind> = Extract<Event, { kind: K }>;
/** An event before the log gives it its number. */
export type NewEvent = Event extends infer E ? (E extends Event ? Omit<E, 'seq'> : never) : never;
