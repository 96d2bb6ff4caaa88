// Every kind of signed payload but the schedule document, as zod schemas. SPEC.md says what each one gives.
import { z } from 'zod';
import { digestSchema, hex128Schema, idSchema, instantSchema, keyIdSchema } from '#shared/ids.ts';
import { scheduleDocumentSchema } from '#shared/schedule/document.ts';

/** Raw 32-byte Ed25519 or X25519 public key, base64. */
const publicKeySchema = z.string().regex(/^[A-Za-z0-9+/]{43}=$/);
/** Raw 64-byte Ed25519 signature, base64. */
const signatureSchema = z.string().regex(/^[A-Za-z0-9+/]{86}==$/);
const labelsSchema = z.record(idSchema, z.string().min(1).max(128));
const scopeSchema = z.array(z.union([z.literal('*'), idSchema])).max(1_000);

/** What a role may sign. */
export const GRANTS = ['enrol', 'schedule', 'command', 'secret', 'approve', 'release'] as const;

/** A public key with a signature by itself over `muster-pop.v1\0<fleet>\0<owner>\0<public>` (proof of possession). */
const keySchema = z.strictObject({ public: publicKeySchema, proof: signatureSchema });

const roleSchema = z.strictObject({
  id: idSchema,
  may: z.array(z.enum(GRANTS)).min(1),
  streams: scopeSchema,
  /** Signed labels a machine must have, all of them; empty = any machine. */
  labels: labelsSchema,
  jobKinds: scopeSchema,
  /** Users jobs may run as; `self` is the agent's own user. */
  runAs: scopeSchema,
});

export const trustDocumentSchema = z.strictObject({
  kind: z.literal('trust'),
  fleet: idSchema,
  version: z.int().min(1),
  previous: digestSchema.nullable(),
  issuedAt: instantSchema,
  notAfter: instantSchema,
  root: z.strictObject({
    keys: z.array(keySchema).min(1).max(8),
    threshold: z.int().min(1).max(8),
  }),
  persons: z
    .array(
      z.strictObject({
        id: idSchema,
        /** `service`: a key a program holds (the console's enroller), not a person. */
        type: z.enum(['person', 'service']),
        keys: z.array(keySchema).max(8),
      }),
    )
    .max(1_000),
  roles: z.array(roleSchema).max(200),
  grants: z.array(z.strictObject({ person: idSchema, role: idSchema })).max(5_000),
  /** Persons needed per kind of document; `root`: jobs run as root; `protected`: machines with a protected label. */
  thresholds: z.strictObject({
    schedule: z.int().min(1).max(8),
    command: z.int().min(1).max(8),
    enrol: z.int().min(1).max(8),
    root: z.int().min(1).max(8),
    protected: z.int().min(1).max(8),
  }),
  protectedLabels: z.array(z.string().max(200)).max(100),
  revoked: z
    .array(
      z.strictObject({
        key: keyIdSchema,
        reason: z.enum(['compromised', 'retired']),
        at: instantSchema,
      }),
    )
    .max(10_000),
  /** The first one is the required collector; its relay keys sign acks and give no authority. */
  collectors: z
    .array(z.strictObject({ id: idSchema, relayKeys: z.array(keySchema).min(1).max(4) }))
    .min(1)
    .max(8),
});
export type TrustDocument = z.infer<typeof trustDocumentSchema>;

export const deviceDocumentSchema = z.strictObject({
  kind: z.literal('device'),
  fleet: idSchema,
  agent: idSchema,
  generation: z.int().min(1),
  signKey: publicKeySchema,
  sealKey: publicKeySchema,
  labels: labelsSchema,
  /** Set once the machine must no longer be believed. */
  revoked: z.boolean(),
  issuedAt: instantSchema,
});
export type DeviceDocument = z.infer<typeof deviceDocumentSchema>;

const commandVerbSchema = z.discriminatedUnion('verb', [
  z.strictObject({ verb: z.literal('run'), schedule: z.string().max(129) }),
  z.strictObject({ verb: z.literal('cancel'), run: hex128Schema }),
  /** schedule null: the whole machine. */
  z.strictObject({ verb: z.literal('pause'), schedule: z.string().max(129).nullable() }),
  z.strictObject({ verb: z.literal('resume'), schedule: z.string().max(129).nullable() }),
]);

export const commandDocumentSchema = z.strictObject({
  kind: z.literal('command'),
  fleet: idSchema,
  agent: idSchema,
  /** The agent's session, from its signed hello: a replay into another session is refused. */
  session: hex128Schema,
  nonce: hex128Schema,
  /** End of validity in milliseconds on the agent's own monotonic clock since its session began. */
  notAfterMs: z.int().min(0),
  issuedAt: instantSchema,
  command: commandVerbSchema,
});
export type CommandDocument = z.infer<typeof commandDocumentSchema>;

/** The head of an agent's log, signed by the device over headBytes() of chain.ts. */
export const headReceiptSchema = z.strictObject({
  incarnation: z.int().min(1),
  seq: z.int().min(0),
  hash: digestSchema,
  sig: signatureSchema,
});
export type HeadReceipt = z.infer<typeof headReceiptSchema>;

/** The newest document of one name that an agent should have. */
export const documentHeadSchema = z.strictObject({
  kind: z.enum(['trust', 'device', 'schedule']),
  /** Stream of a schedule; agent id of a device; `trust`. */
  name: idSchema,
  docId: digestSchema,
  epoch: z.int().min(0),
  /** Revision of a schedule, generation of a device, version of trust. */
  revision: z.int().min(1),
});
export type DocumentHead = z.infer<typeof documentHeadSchema>;

export const ackDocumentSchema = z.strictObject({
  kind: z.literal('ack'),
  fleet: idSchema,
  agent: idSchema,
  collector: idSchema,
  at: instantSchema,
  /** Echo of the agent's session, null before its first hello. */
  session: hex128Schema.nullable(),
  /** The device's own signed head: everything up to it is stored here. Null while nothing has come. */
  receipt: headReceiptSchema.nullable(),
  heads: z.array(documentHeadSchema).max(256),
  /** A range the collector lacks and asks for again. */
  want: z
    .strictObject({ incarnation: z.int().min(1), from: z.int().min(1), to: z.int().min(1) })
    .nullable(),
});
export type AckDocument = z.infer<typeof ackDocumentSchema>;

/** Facts a machine states of itself; no authority follows from them. */
const factsSchema = z.strictObject({
  hostname: z.string().max(255),
  platform: z.string().max(64),
  arch: z.string().max(64),
  version: z.string().max(64),
  tzdata: z.string().max(32),
  zone: z.string().max(64),
});
export type Facts = z.infer<typeof factsSchema>;

export const enrolDocumentSchema = z.strictObject({
  kind: z.literal('enrol'),
  fleet: idSchema,
  token: idSchema,
  agent: idSchema,
  signKey: publicKeySchema,
  sealKey: publicKeySchema,
  nonce: hex128Schema,
  /** Hash of what the machine is (machine id and the like), to notice clones. */
  binding: digestSchema,
  facts: factsSchema,
  capabilities: z.array(idSchema).max(64),
  /** HMAC-SHA-256 with the token's secret over enrolTranscript() of enrolment.ts, hex. */
  proof: digestSchema,
});
export type EnrolDocument = z.infer<typeof enrolDocumentSchema>;

export const helloDocumentSchema = z.strictObject({
  kind: z.literal('hello'),
  fleet: idSchema,
  agent: idSchema,
  incarnation: z.int().min(1),
  /** Counts connections; committed before CONNECT. A death with a lower epoch than the last birth is stale. */
  epoch: z.int().min(1),
  session: hex128Schema,
  /** Milliseconds since the session began, on the agent's monotonic clock. */
  monoMs: z.int().min(0),
  at: instantSchema,
  bootId: z.string().max(64),
  binding: digestSchema,
  facts: factsSchema,
  capabilities: z.array(idSchema).max(64),
  policy: z.strictObject({ digest: digestSchema, owner: z.enum(['root', 'self', 'missing']) }),
});
export type HelloDocument = z.infer<typeof helloDocumentSchema>;

/** What an agent has applied and refused, retained at up/rep. */
export const statusDocumentSchema = z.strictObject({
  kind: z.literal('status'),
  fleet: idSchema,
  agent: idSchema,
  incarnation: z.int().min(1),
  session: hex128Schema,
  at: instantSchema,
  seq: z.int().min(0),
  heads: z.array(documentHeadSchema).max(256),
  refused: z
    .array(
      z.strictObject({
        code: z.string().max(64),
        docId: digestSchema.nullable(),
        keyId: keyIdSchema.nullable(),
        topic: z.string().max(256),
        at: instantSchema,
        count: z.int().min(1),
      }),
    )
    .max(32),
  paused: z.array(z.string().max(129)).max(1_000),
  clock: z.enum(['trusted', 'untrusted', 'unknown']),
  running: z.int().min(0),
  next: z.strictObject({ schedule: z.string().max(129), at: instantSchema }).nullable(),
});
export type StatusDocument = z.infer<typeof statusDocumentSchema>;

export const reportDocumentSchema = z.strictObject({
  kind: z.literal('report'),
  fleet: idSchema,
  agent: idSchema,
  incarnation: z.int().min(1),
  /** Sequence numbers of the entries, both inclusive; from = to + 1 when the batch only states a loss. */
  from: z.int().min(1),
  to: z.int().min(0),
  /** Chain hash before `from`, and after `to`. */
  previous: digestSchema,
  head: headReceiptSchema,
  /** Everything nominal up to here is in the log up to `to`: the planning cursor. */
  cursor: instantSchema,
  /** The raw bytes of each entry, as they were hashed (UTF-8 JSON of an Event). */
  entries: z.array(z.string().max(65_536)).max(4_096),
  /** Entries before `from` that this machine no longer has. */
  lost: z.strictObject({ from: z.int().min(1), to: z.int().min(1), head: digestSchema }).optional(),
});
export type ReportDocument = z.infer<typeof reportDocumentSchema>;

export const MAX_TAIL_BYTES = 8_192;

/** Output of a run that goes on, told to whoever asked for it; never stored in the log, and no proof of anything later. */
export const tailDocumentSchema = z.strictObject({
  kind: z.literal('tail'),
  fleet: idSchema,
  agent: idSchema,
  run: hex128Schema,
  attempt: z.int().min(1).max(1_000),
  /** Byte offsets of the text in the attempt's output, and of what follows it: bytes that are no UTF-8 are replaced in it. */
  from: z.int().min(0),
  to: z.int().min(0),
  /** Bytes captured so far. */
  total: z.int().min(0),
  /** At most 8 KiB as UTF-8. */
  text: z.string().max(MAX_TAIL_BYTES),
});
export type TailDocument = z.infer<typeof tailDocumentSchema>;

/** One list per kind: payload type and schema follow from it. */
export const payloadSchemas = {
  trust: trustDocumentSchema,
  device: deviceDocumentSchema,
  schedule: scheduleDocumentSchema,
  command: commandDocumentSchema,
  ack: ackDocumentSchema,
  enrol: enrolDocumentSchema,
  hello: helloDocumentSchema,
  status: statusDocumentSchema,
  report: reportDocumentSchema,
  tail: tailDocumentSchema,
} as const;

export type PayloadKind = keyof typeof payloadSchemas;
export type Payload<K extends PayloadKind> = z.infer<(typeof payloadSchemas)[K]>;
export const payloadType = (kind: PayloadKind): string => `application/vnd.muster.${kind}.v1+json`;
