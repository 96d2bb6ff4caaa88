// The unsigned wrappers around envelopes. What matters is inside the envelopes; presence is only a hint.
import { z } from 'zod';
import { hex128Schema, idSchema, instantSchema } from '#shared/ids.ts';

/** DSSE envelope as JSON; trust/envelope.ts opens it strictly from its bytes. */
const carriedEnvelope = z.looseObject({ payload: z.string(), payloadType: z.string() });

/** up/state: birth carries the signed hello, the will only the epoch. */
export const stateMessageSchema = z.discriminatedUnion('online', [
  z.strictObject({ online: z.literal(true), epoch: z.int().min(1), hello: carriedEnvelope }),
  z.strictObject({ online: z.literal(false), epoch: z.int().min(1) }),
]);
export type StateMessage = z.infer<typeof stateMessageSchema>;

/** down/watch: unsigned, so it may only ask for what the asker may read anyway. */
export const watchMessageSchema = z.strictObject({
  run: hex128Schema,
  ms: z.int().min(1).max(300_000),
});

/** c/<collector>/state, retained. A console that finds it missing republishes everything. */
export const collectorMessageSchema = z.strictObject({
  collector: idSchema,
  online: z.boolean(),
  at: instantSchema,
  canary: z.string().max(64),
});

/** enrol/<token>/res: the answer to one agent's request, or a refusal. */
export const enrolAnswerSchema = z.union([
  z.strictObject({
    agent: idSchema,
    nonce: z.string().max(64),
    /** Every trust version in order, then the device document. */
    trust: z.array(carriedEnvelope).min(1).max(100),
    device: carriedEnvelope,
    collector: idSchema,
    /** JWE (compact) sealed to the device's seal key: {"username","password"}; null where the broker needs none. */
    credential: z.string().max(4_096).nullable(),
  }),
  z.strictObject({
    agent: idSchema,
    nonce: z.string().max(64),
    code: z.string().max(64),
    message: z.string().max(500),
  }),
]);
export type EnrolAnswer = z.infer<typeof enrolAnswerSchema>;

/** The text behind `muster join-token`: base64url of this JSON, prefixed `muster1.`. */
export const joinTokenSchema = z.strictObject({
  fleet: idSchema,
  /** SHA-256 of the PAE of trust version 1: the machine accepts no other root. */
  rootFingerprint: z.string().regex(/^[0-9a-f]{64}$/),
  broker: z.strictObject({
    url: z.string().max(500),
    username: z.string().max(200).optional(),
    password: z.string().max(200).optional(),
    ca: z.string().max(20_000).optional(),
  }),
  token: idSchema,
  secret: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  expires: instantSchema,
  labels: z.record(idSchema, z.string().min(1).max(128)),
});
export type JoinToken = z.infer<typeof joinTokenSchema>;
