// Who may sign what for which machine (TR40 to TR47): default deny, thresholds in persons, risk read from the content.
import { splitScheduleKey } from '#shared/ids.ts';
import { err, ok, type Result } from '#shared/result.ts';
import type { ScheduleDocument } from '#shared/schedule/document.ts';
import type {
  AckDocument,
  CommandDocument,
  DeviceDocument,
  GRANTS,
  TrustDocument,
} from './documents.ts';
import type { Trust } from './trust-document.ts';

type Grant = (typeof GRANTS)[number];
type Role = TrustDocument['roles'][number];
type Labels = Readonly<Record<string, string>>;
type Dimension = 'may' | 'streams' | 'labels' | 'jobKinds' | 'runAs';
const DIMENSIONS: readonly Dimension[] = ['may', 'streams', 'labels', 'jobKinds', 'runAs'];

/** Jobs run as the agent's own user until jobs can name another. */
const RUN_AS_SELF = 'self';

/** The machine a document is for, as its signed device document and the machine itself know it. */
export interface Machine {
  readonly labels: Labels;
  /** The agent's own user is root, or whatever may do anything on this platform. */
  readonly selfIsRoot: boolean;
}

/** One thing a document asks for. Absent = the grant does not ask about it; stream null = all streams. */
interface Demand {
  readonly stream?: string | null;
  readonly jobKind?: string;
  readonly runAs?: string;
}

interface Request {
  readonly grant: Grant;
  readonly demands: readonly Demand[];
  /** Each set of labels must be inside the role. */
  readonly labels: readonly Labels[];
  readonly needed: number;
  /** Programs count like persons: only for enrolling machines nobody protects. */
  readonly services: boolean;
}

/** Faults: SCOPE (nobody who signed may; ids.dimension says where it ends), SIG_THRESHOLD (too few persons may). */
export function authorizeSchedule(
  trust: Trust,
  document: ScheduleDocument,
  signers: readonly string[],
  machine: Machine,
): Result<void> {
  const kinds = [...new Set(document.schedules.map(({ job }) => job.kind))];
  const { stream } = document;
  const demands: readonly Demand[] =
    kinds.length === 0
      ? [{ stream }]
      : kinds.map((jobKind) => ({ stream, jobKind, runAs: RUN_AS_SELF }));
  const { thresholds } = trust.document;
  const asRoot = machine.selfIsRoot && kinds.length > 0;
  return authorize(trust, signers, {
    grant: 'schedule',
    demands,
    labels: [machine.labels],
    needed: Math.max(
      thresholds.schedule,
      asRoot ? thresholds.root : 1,
      isProtected(trust.document, machine.labels) ? thresholds.protected : 1,
    ),
    services: false,
  });
}

/** What a command is about; the machine looks it up in what it has installed. */
export interface CommandTarget {
  /** Null: no single stream, so every stream is asked for. */
  readonly stream: string | null;
  /** Kind of the job a `run` would start, when the schedule is known here. */
  readonly jobKind?: string;
}

/** The target as far as the command itself tells it: a run's stream is known only to the machine. */
export function commandTarget({ command }: CommandDocument): CommandTarget {
  if (command.verb === 'cancel' || command.schedule === null) return { stream: null };
  return { stream: splitScheduleKey(command.schedule).stream };
}

/** Faults: SCOPE, SIG_THRESHOLD. */
export function authorizeCommand(
  trust: Trust,
  document: CommandDocument,
  signers: readonly string[],
  machine: Machine,
  target: CommandTarget = commandTarget(document),
): Result<void> {
  const starts = document.command.verb === 'run';
  const { thresholds } = trust.document;
  return authorize(trust, signers, {
    grant: 'command',
    demands: [{ ...target, ...(starts ? { runAs: RUN_AS_SELF } : {}) }],
    labels: [machine.labels],
    needed: Math.max(
      thresholds.command,
      starts && machine.selfIsRoot ? thresholds.root : 1,
      isProtected(trust.document, machine.labels) ? thresholds.protected : 1,
    ),
    services: false,
  });
}

/** `current`: the device document this one replaces; its labels are asked for too. Faults: SCOPE, SIG_THRESHOLD. */
export function authorizeDevice(
  trust: Trust,
  document: DeviceDocument,
  signers: readonly string[],
  current?: DeviceDocument,
): Result<void> {
  const labels = current ? [document.labels, current.labels] : [document.labels];
  const guarded = labels.some((set) => isProtected(trust.document, set));
  const { thresholds } = trust.document;
  return authorize(trust, signers, {
    grant: 'enrol',
    demands: [{}],
    labels,
    needed: guarded ? Math.max(thresholds.enrol, thresholds.protected) : thresholds.enrol,
    services: !guarded,
  });
}

/** An ack comes from a relay key of the very collector it names. Fault: SCOPE. */
export function authorizeAck(
  trust: Trust,
  document: AckDocument,
  signers: readonly string[],
): Result<void> {
  const own = signers.some((keyId) => {
    const entry = trust.keys.get(keyId);
    return entry?.type === 'relay' && entry.owner === document.collector;
  });
  if (own) return ok(undefined);
  return err('SCOPE', `not signed by the relay key of ${document.collector}`, {
    ids: { dimension: 'may', collector: document.collector },
  });
}

/** Protected labels stand as `key` or as `key=value`. */
export const isProtected = (document: TrustDocument, labels: Labels): boolean =>
  Object.entries(labels).some(
    ([key, value]) =>
      document.protectedLabels.includes(key) ||
      document.protectedLabels.includes(`${key}=${value}`),
  );

function authorize(trust: Trust, signers: readonly string[], request: Request): Result<void> {
  const entitled = new Set<string>();
  let furthest = -1;
  for (const owner of ownersOf(trust, signers, request.services)) {
    const fault = faultOf(trust.document, owner, request);
    if (fault === undefined) entitled.add(owner);
    else furthest = Math.max(furthest, DIMENSIONS.indexOf(fault));
  }
  if (entitled.size >= request.needed) return ok(undefined);
  if (entitled.size > 0) {
    const message = `${entitled.size} of ${request.needed} persons who may have signed`;
    return err('SIG_THRESHOLD', message, {
      ids: { signed: [...entitled].join(' ') },
      hint: 'another person with the same grant signs too',
    });
  }
  const dimension = DIMENSIONS[Math.max(0, furthest)] as Dimension;
  return err('SCOPE', `nobody who signed may: ${WHY[dimension]}`, {
    ids: { dimension, grant: request.grant },
    hint: 'the roles in the trust document say who may',
  });
}

const WHY: Readonly<Record<Dimension, string>> = {
  may: 'no role gives this grant',
  streams: 'the stream is outside the role',
  labels: "the machine's labels are outside the role",
  jobKinds: 'the kind of job is outside the role',
  runAs: 'the user the job runs as is outside the role',
};

/** Two keys of one person are one person. */
function ownersOf(trust: Trust, signers: readonly string[], services: boolean): Set<string> {
  const owners = new Set<string>();
  for (const keyId of signers) {
    const entry = trust.keys.get(keyId);
    if (!entry || entry.revoked) continue;
    if (entry.type === 'person' || (services && entry.type === 'service')) owners.add(entry.owner);
  }
  return owners;
}

/** Where this person's roles end, or undefined when every demand is inside one of them. */
function faultOf(document: TrustDocument, owner: string, request: Request): Dimension | undefined {
  const roleIds = new Set(
    document.grants.filter(({ person }) => person === owner).map(({ role }) => role),
  );
  const roles = document.roles.filter(({ id }) => roleIds.has(id));
  for (const demand of request.demands) {
    const ends = roles.map((role) => endOf(role, demand, request));
    if (ends.includes(undefined)) continue;
    const furthest = Math.max(0, ...ends.map((end) => DIMENSIONS.indexOf(end as Dimension)));
    return DIMENSIONS[furthest];
  }
  return undefined;
}

function endOf(role: Role, demand: Demand, request: Request): Dimension | undefined {
  if (!role.may.includes(request.grant)) return 'may';
  if (!covers(role.streams, demand.stream)) return 'streams';
  if (!request.labels.every((labels) => hasLabels(labels, role.labels))) return 'labels';
  if (!covers(role.jobKinds, demand.jobKind)) return 'jobKinds';
  if (!covers(role.runAs, demand.runAs)) return 'runAs';
  return undefined;
}

/** Null asks for everything, undefined for nothing. */
const covers = (scope: readonly string[], asked: string | null | undefined): boolean =>
  asked === undefined || scope.includes('*') || (asked !== null && scope.includes(asked));

const hasLabels = (labels: Labels, wanted: Labels): boolean =>
  Object.entries(wanted).every(([key, value]) => labels[key] === value);
