// The console's whole surface as one typed list: the same over the local socket, HTTP and WebSocket, and in-process.
import { z } from 'zod';
import { idSchema, instantSchema } from '#shared/ids.ts';
import { OUTCOMES, RUN_STATES } from '#shared/run/ledger.ts';
import type {
  AgentDetail,
  AgentSummary,
  CoreStatus,
  JoinTokenCreated,
  LedgerAccount,
  LedgerEntry,
  Plan,
  PreparedDocument,
  Published,
  RunDetail,
  RunSummary,
  ScheduleSummary,
  VerifyResult,
  WhyAnswer,
} from './views.ts';

const labels = z.record(idSchema, z.string());
/** A schedule as a person writes it: `backup` when only one stream has it, else `stream/backup`. */
const scheduleName = z.string().min(1).max(129);
/** An envelope as text, signed by the caller: the core never holds persons' keys. */
const envelopeText = z.string().max(100_000);
const page = {
  limit: z.int().min(1).max(1_000).default(100),
  before: z.string().max(200).optional(),
};

/** `result` carries only a type: what the method resolves to. Faults travel as { code, message, hint }. */
const method =
  <R>() =>
  <P extends z.ZodType>(params: P) => ({ params, result: undefined as unknown as R });

export const consoleApi = {
  'core.status': method<CoreStatus>()(z.strictObject({})),

  'agents.list': method<readonly AgentSummary[]>()(z.strictObject({ labels: labels.optional() })),
  'agents.show': method<AgentDetail>()(z.strictObject({ agent: idSchema })),

  /** A join token: the text a new machine is given. Its secret is kept here to check the machine's proof. */
  'tokens.create': method<JoinTokenCreated>()(
    z.strictObject({
      minutes: z.int().min(1).max(1_440).default(60),
      uses: z.int().min(1).max(1_000).default(1),
      labels: labels.default({}),
      /** Broker as machines reach it, when it differs from the console's own way. */
      brokerUrl: z.string().max(500).optional(),
    }),
  ),

  /** Validates desired state (YAML texts), and says what would change; faults of all files at once, nothing changed. */
  'plan.prepare': method<Plan>()(
    z.strictObject({
      files: z
        .array(z.strictObject({ name: z.string().max(1_000), text: z.string().max(4_000_000) }))
        .min(1)
        .max(100),
    }),
  ),
  /** An empty next revision for a stream: removes its schedules everywhere. */
  'plan.remove': method<Plan>()(z.strictObject({ stream: idSchema })),
  /** Payload for a live machine, bound to its session; the caller signs it and sends it with documents.publish. */
  'command.prepare': method<PreparedDocument>()(
    z.strictObject({
      agent: idSchema,
      command: z.discriminatedUnion('verb', [
        z.strictObject({ verb: z.literal('run'), schedule: scheduleName }),
        z.strictObject({ verb: z.literal('cancel'), run: z.string().max(32) }),
        z.strictObject({ verb: z.literal('pause'), schedule: scheduleName.nullable() }),
        z.strictObject({ verb: z.literal('resume'), schedule: scheduleName.nullable() }),
      ]),
      ttlMs: z.int().min(1_000).max(3_600_000).default(300_000),
    }),
  ),
  /** Verifies like an agent would, stores, and publishes (now, or when the broker is next reached). */
  'documents.publish': method<readonly Published[]>()(
    z.strictObject({ envelopes: z.array(envelopeText).min(1).max(2_000) }),
  ),

  'schedules.list': method<readonly ScheduleSummary[]>()(
    z.strictObject({ stream: idSchema.optional(), agent: idSchema.optional() }),
  ),
  'runs.list': method<readonly RunSummary[]>()(
    z.strictObject({
      agent: idSchema.optional(),
      schedule: scheduleName.optional(),
      state: z.enum(RUN_STATES).optional(),
      outcome: z.enum(OUTCOMES).optional(),
      since: instantSchema.optional(),
      until: instantSchema.optional(),
      ...page,
    }),
  ),
  'runs.show': method<RunDetail>()(z.strictObject({ run: z.string().min(4).max(32) })),
  'ledger.list': method<readonly LedgerEntry[]>()(
    z.strictObject({
      agent: idSchema.optional(),
      schedule: scheduleName.optional(),
      since: instantSchema.optional(),
      until: instantSchema.optional(),
      ...page,
    }),
  ),
  'ledger.check': method<LedgerAccount>()(z.strictObject({ agent: idSchema.optional() })),
  why: method<WhyAnswer>()(
    z.strictObject({ schedule: scheduleName, agent: idSchema, at: instantSchema }),
  ),
  verify: method<VerifyResult>()(z.strictObject({ agent: idSchema.optional() })),
} as const;

export type ConsoleApi = typeof consoleApi;
export type MethodName = keyof ConsoleApi;
export type Params<M extends MethodName> = z.input<ConsoleApi[M]['params']>;
export type Returns<M extends MethodName> = ConsoleApi[M]['result'];

/** What the core pushes to whoever listens: names of what changed, never the data itself. */
export type Push =
  | { readonly kind: 'agents'; readonly agents: readonly string[] }
  | { readonly kind: 'runs'; readonly agents: readonly string[] }
  | { readonly kind: 'documents'; readonly streams: readonly string[] }
  | { readonly kind: 'link'; readonly online: boolean };
