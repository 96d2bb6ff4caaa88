// The console's whole surface as one typed list: the same over the local socket, HTTP and WebSocket, and in-process.
import { z } from 'zod';
import { idSchema, instantSchema } from '#shared/ids.ts';
import { OUTCOMES, RUN_STATES } from '#shared/run/ledger.ts';
import { triggerSchema } from '#shared/schedule/trigger.ts';
import type {
  OccurrenceDiff,
  Preview,
  ProposalDetail,
  ProposalSigned,
  ProposalSummary,
  ScheduleDetail,
  StreamCoverage,
  StreamSummary,
  StreamYaml,
} from './views/planning.ts';
import type {
  AgentDetail,
  AgentSummary,
  CoreStatus,
  FleetAttention,
  FleetGrid,
  FleetPage,
  JoinTokenCreated,
  LedgerAccount,
  LedgerEntry,
  Plan,
  PreparedDocument,
  Published,
  RunDetail,
  RunSummary,
  RunTail,
  ScheduleSummary,
  Timeline,
  VerifyResult,
  WhyAnswer,
} from './views.ts';
import { MACHINE_STATUSES } from './views.ts';

const labels = z.record(idSchema, z.string());
/** A schedule as a person writes it: `backup` when only one stream has it, else `stream/backup`. */
const scheduleName = z.string().min(1).max(129);
/** An envelope as text, signed by the caller: the core never holds persons' keys. */
const envelopeText = z.string().max(100_000);
const page = {
  limit: z.int().min(1).max(1_000).default(100),
  before: z.string().max(200).optional(),
};

const desiredFiles = z
  .array(z.strictObject({ name: z.string().max(1_000), text: z.string().max(4_000_000) }))
  .min(1)
  .max(100);
const liveCommand = z.discriminatedUnion('verb', [
  z.strictObject({ verb: z.literal('run'), schedule: scheduleName }),
  z.strictObject({ verb: z.literal('cancel'), run: z.string().max(32) }),
  z.strictObject({ verb: z.literal('pause'), schedule: scheduleName.nullable() }),
  z.strictObject({ verb: z.literal('resume'), schedule: scheduleName.nullable() }),
]);
const ttlMs = z.int().min(1_000).max(3_600_000).default(300_000);
const proposalId = z.string().regex(/^P-[1-9]\d{0,9}$/, 'a proposal is named like P-17');
/** Words all of which must be found in name or labels; `site=berlin` asks for that label. */
const fleetFilter = {
  filter: z.string().max(200).optional(),
  labels: labels.optional(),
  status: z.array(z.enum(MACHINE_STATUSES)).max(MACHINE_STATUSES.length).optional(),
  /** As fleet.attention counts it: also machines whose one word is a worse one. silent: nothing heard for an hour. */
  trouble: z.enum(['failed', 'missed', 'refused', 'silent']).optional(),
  groupBy: idSchema.optional(),
};
export const FLEET_SORTS = [
  'name',
  '-name',
  'status',
  '-status',
  'lastReport',
  '-lastReport',
  'failed',
  '-failed',
  'missed',
  '-missed',
] as const;

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
  'plan.prepare': method<Plan>()(z.strictObject({ files: desiredFiles })),
  /** An empty next revision for a stream: removes its schedules everywhere. */
  'plan.remove': method<Plan>()(z.strictObject({ stream: idSchema })),
  /** Payload for a live machine, bound to its session; the caller signs it and sends it with documents.publish. */
  'command.prepare': method<PreparedDocument>()(
    z.strictObject({
      agent: idSchema,
      command: liveCommand,
      ttlMs,
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

  /** A page of machines. `after`: the last machine of the page before (not with groupBy). */
  'fleet.page': method<FleetPage>()(
    z.strictObject({
      ...fleetFilter,
      sort: z.enum(FLEET_SORTS).default('name'),
      offset: z.int().min(0).max(1_000_000).optional(),
      after: idSchema.optional(),
      limit: z.int().min(1).max(500).default(100),
    }),
  ),
  'fleet.grid': method<FleetGrid>()(z.strictObject(fleetFilter)),
  'fleet.attention': method<FleetAttention>()(z.strictObject({})),
  'agents.timeline': method<Timeline>()(
    z.strictObject({
      agent: idSchema,
      since: instantSchema,
      until: instantSchema,
      limit: z.int().min(1).max(2_000).default(500),
    }),
  ),
  'schedules.show': method<ScheduleDetail>()(
    z.strictObject({
      schedule: scheduleName,
      count: z.int().min(1).max(100).default(10),
    }),
  ),
  'streams.list': method<readonly StreamSummary[]>()(z.strictObject({})),
  'streams.yaml': method<StreamYaml>()(z.strictObject({ stream: idSchema })),
  /** A trigger, or the fields of a file that say when; a fault's `at` is `field` or `field:column`. */
  'preview.next': method<Preview>()(
    z.strictObject({
      trigger: triggerSchema.optional(),
      schedule: z
        .looseObject({
          cron: z.string().max(256).optional(),
          every: z.string().max(40).optional(),
          at: z.string().max(40).optional(),
          zone: z.string().max(64).optional(),
          anchor: z.string().max(40).optional(),
        })
        .optional(),
      /** Where the fields name none. */
      zone: z.string().min(1).max(64).default('UTC'),
      count: z.int().min(1).max(200).default(10),
      after: instantSchema.optional(),
    }),
  ),
  /** What starts, stops and moves in the next days when these files (or this removal) are published. */
  'plan.occurrences': method<OccurrenceDiff>()(
    z.strictObject({
      files: desiredFiles.optional(),
      remove: idSchema.optional(),
      days: z.int().min(1).max(60).default(14),
    }),
  ),
  'coverage.show': method<StreamCoverage>()(
    z.strictObject({
      stream: idSchema,
      offset: z.int().min(0).max(1_000_000).default(0),
      limit: z.int().min(1).max(1_000).default(500),
    }),
  ),

  /** Exactly one of files, remove and command. Faults: PLAN_FAULTS (ask plan.prepare for all), NOTHING_TO_SIGN, those of planning. */
  'proposals.create': method<{ readonly proposal: string }>()(
    z.strictObject({
      files: desiredFiles.optional(),
      remove: idSchema.optional(),
      command: z.strictObject({ agent: idSchema, command: liveCommand, ttlMs }).optional(),
      note: z.string().max(500).optional(),
    }),
  ),
  'proposals.list': method<readonly ProposalSummary[]>()(
    z.strictObject({
      state: z.enum(['open', 'all']).default('open'),
      limit: z.int().min(1).max(500).default(100),
    }),
  ),
  'proposals.show': method<ProposalDetail>()(z.strictObject({ proposal: proposalId })),
  'proposals.withdraw': method<{ readonly proposal: string }>()(
    z.strictObject({ proposal: proposalId }),
  ),
  /** Adds one person's signatures; publishes as soon as enough persons signed every document. */
  'proposals.sign': method<ProposalSigned>()(
    z.strictObject({
      proposal: proposalId,
      envelopes: z.array(envelopeText).min(1).max(2_000),
    }),
  ),

  /** Output from byte `from` on; asking asks the machine to go on telling for a while. */
  'runs.tail': method<RunTail>()(
    z.strictObject({
      run: z.string().min(4).max(32),
      attempt: z.int().min(1).max(100).optional(),
      from: z.int().min(0).max(67_108_864).default(0),
    }),
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
  /** `runs`: those that changed, absent when too many to name. */
  | {
      readonly kind: 'runs';
      readonly agents: readonly string[];
      readonly runs?: readonly string[];
    }
  | { readonly kind: 'documents'; readonly streams: readonly string[] }
  | { readonly kind: 'proposals'; readonly proposals: readonly string[] }
  /** More output of a run that is watched. */
  | { readonly kind: 'tail'; readonly run: string }
  | { readonly kind: 'link'; readonly online: boolean };
