// Reading: what the console shows of machines, schedules, runs and the ledger.
import type {
  AgentDetail,
  AgentSummary,
  LedgerEntry,
  RunDetail,
  RunSummary,
  ScheduleSummary,
} from '#console/views.ts';
import { formatInstant, parseInstant, scheduleKey } from '#shared/ids.ts';
import { describeJob } from '#shared/jobs.ts';
import { sha256 } from '#shared/node/sha256.ts';
import { err, ok, type Result } from '#shared/result.ts';
import { describeTrigger } from '#shared/time/occurrences.ts';
import type { DocumentHead } from '#shared/trust/documents.ts';
import type { Trust } from '#shared/trust/trust-document.ts';
import { firstDue, type Place, placesOf } from './fleet/coming.ts';
import { coverDocuments, overallCoverage } from './fleet/coverage.ts';
import { resolveSchedule } from './fleet/names.ts';
import { unknownAgent } from './planner/command.ts';
import { currentStream, scheduleOf } from './planner/current.ts';
import { nextInstants } from './planner/diff.ts';
import type { AgentRecord, ConsoleStore } from './ports.ts';

const OPEN_STATES = ['starting', 'running', 'retrying'] as const;
const BAD_STATES = ['failed', 'timed-out', 'lost'] as const;
/** Failures older than this are history, not news. */
const NEWS_MS = 86_400_000;

export interface QueryContext {
  readonly store: ConsoleStore;
  readonly trust: Trust | undefined;
  readonly nowAt: number;
  /** Without a link nothing is known of anybody's presence. */
  readonly online: boolean;
}

/** All machines that have these labels. */
export function listAgents(
  context: QueryContext,
  labels: Readonly<Record<string, string>> = {},
): readonly AgentSummary[] {
  const counts = gatherFigures(context);
  return context.store.agents
    .list()
    .filter((agent) =>
      Object.entries(labels).every(
        ([name, value]) => Object.hasOwn(agent.labels, name) && agent.labels[name] === value,
      ),
    )
    .map((agent) => summarizeAgent(context, agent, counts));
}

/** What one answer about machines needs of all of them. */
interface Figures {
  readonly running: ReadonlyMap<number, number>;
  readonly failed: ReadonlyMap<number, number>;
  readonly next: NextFinder;
}

const gatherFigures = (context: QueryContext): Figures => ({
  running: context.store.accounts.countRuns(OPEN_STATES, 0),
  failed: context.store.accounts.countRuns(BAD_STATES, context.nowAt - NEWS_MS),
  next: nextFinder(context),
});

export type NextFinder = (agent: AgentRecord) => AgentSummary['next'];

/** Finds the next occurrence of what a machine says it has applied; its own word on that may be minutes old. */
export function nextFinder(context: QueryContext): NextFinder {
  const places = placeBook(context);
  return (agent) => {
    const paused = agent.status?.paused ?? [];
    const first = firstDue(agent.agent, places(agent), paused, context.nowAt, sha256);
    return first ? { schedule: first.schedule, at: formatInstant(first.dueAt) } : null;
  };
}

/** Schedules around now of what a machine applied; many machines share a document, which is read once. */
export function placeBook({
  store,
  nowAt,
}: QueryContext): (agent: AgentRecord) => readonly Place[] {
  const placesByDocId = new Map<string, readonly Place[]>();
  const placesIn = (docId: string, stream: string): readonly Place[] => {
    const document = store.documents.byDocId(docId);
    return document ? placesOf(stream, scheduleOf(document).schedules, nowAt) : [];
  };
  return ({ status }) =>
    (status?.heads ?? []).flatMap(({ kind, docId, name }) => {
      if (kind !== 'schedule') return [];
      const places = placesByDocId.get(docId) ?? placesIn(docId, name);
      placesByDocId.set(docId, places);
      return places;
    });
}

const instant = (at: number | null): string | null => (at === null ? null : formatInstant(at));

export function desiredHeads(
  { store, trust }: QueryContext,
  agentId: number,
): readonly DocumentHead[] {
  const heads = store.documents.desired(agentId);
  if (!trust) return heads;
  const { docId, document } = trust;
  return [{ kind: 'trust', name: 'trust', docId, epoch: 0, revision: document.version }, ...heads];
}

function summarizeAgent(context: QueryContext, agent: AgentRecord, figures: Figures): AgentSummary {
  const { status } = agent;
  const documents = coverDocuments(desiredHeads(context, agent.id), status);
  return {
    agent: agent.agent,
    labels: agent.labels,
    presence: presenceOf(context, agent),
    coverage: overallCoverage(documents, status),
    lastReportAt: instant(agent.lastReportAt),
    cursor: instant(agent.cursorAt),
    running: figures.running.get(agent.id) ?? 0,
    failed: figures.failed.get(agent.id) ?? 0,
    clock: status?.clock ?? 'unknown',
    next: figures.next(agent),
    revoked: agent.revoked,
  };
}

export function presenceOf({ online }: QueryContext, agent: AgentRecord): AgentSummary['presence'] {
  if (!online || agent.online === null) return 'unknown';
  return agent.online ? 'online' : 'offline';
}

/** Fault: AGENT_UNKNOWN. */
export function showAgent(context: QueryContext, name: string): Result<AgentDetail> {
  const { store } = context;
  const agent = store.agents.byName(name);
  if (!agent) return unknownAgent(name);
  const head = store.log.head(agent.id);
  return ok({
    ...summarizeAgent(context, agent, gatherFigures(context)),
    facts: agent.hello?.facts ?? null,
    capabilities: agent.hello?.capabilities ?? [],
    policy: agent.hello?.policy ?? null,
    documents: coverDocuments(desiredHeads(context, agent.id), agent.status),
    refused: (agent.status?.refused ?? []).map(({ code, docId, topic, at, count }) => ({
      ...{ code, docId, topic, at, count },
    })),
    paused: agent.status?.paused ?? [],
    log: head ? { incarnation: head.incarnation, seq: head.seq, hash: head.hash } : null,
    alarms: store.alarms
      .list(agent.id)
      .map(({ code, at, detail }) => ({ code, at: formatInstant(at), detail })),
  });
}

/** Schedules of the newest revisions. */
export function listSchedules(
  { store, nowAt }: QueryContext,
  filter: { readonly stream?: string | undefined; readonly agent?: string | undefined },
): readonly ScheduleSummary[] {
  return store.documents
    .streams()
    .filter((stream) => filter.stream === undefined || filter.stream === stream)
    .flatMap((stream) => {
      const { schedules, audience, revision } = currentStream(store, stream);
      if (filter.agent !== undefined && !audience.includes(filter.agent)) return [];
      return schedules.map((schedule) => ({
        schedule: scheduleKey(stream, schedule.id),
        trigger: describeTrigger(schedule.trigger),
        job: describeJob(schedule.job),
        agents: audience.length,
        revision,
        next: nextInstants(schedule, nowAt, 1)[0] ?? null,
        paused: schedule.paused,
      }));
    });
}

/** Every schedule this console ever planned or was told of. */
export function knownSchedules(store: ConsoleStore): readonly string[] {
  const planned = store.documents
    .streams()
    .flatMap((stream) =>
      currentStream(store, stream).schedules.map(({ id }) => scheduleKey(stream, id)),
    );
  return [...new Set([...planned, ...store.accounts.scheduleKeys()])];
}

export interface ListParams {
  readonly agent?: string | undefined;
  readonly schedule?: string | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly before?: string | undefined;
  readonly limit: number;
}

/** Names to keys; undefined value: nothing can match. */
function filterOf({ store }: QueryContext, params: ListParams) {
  const agent = params.agent === undefined ? undefined : store.agents.byName(params.agent);
  if (params.agent !== undefined && !agent) return unknownAgent(params.agent);
  const named =
    params.schedule === undefined
      ? undefined
      : resolveSchedule(params.schedule, knownSchedules(store));
  if (named && !named.ok) return named;
  const schedule = named && store.accounts.findSchedule(named.value);
  const { since, until, before, limit } = params;
  return ok({
    ...{ before, limit },
    agent: agent?.id,
    // Planned, but nobody has told of it yet: an id that no row has.
    schedule: named && (schedule ?? 0),
    sinceAt: since === undefined ? undefined : parseInstant(since),
    untilAt: until === undefined ? undefined : parseInstant(until),
  });
}

/** Newest first. Faults: AGENT_UNKNOWN, SCHEDULE_UNKNOWN, AMBIGUOUS. */
export function listRuns(
  context: QueryContext,
  params: ListParams & {
    readonly state?: string | undefined;
    readonly outcome?: string | undefined;
  },
): Result<readonly RunSummary[]> {
  const filter = filterOf(context, params);
  if (!filter.ok) return filter;
  const { state, outcome } = params;
  if (state !== undefined && outcome !== undefined && state !== outcome) return ok([]);
  return ok(context.store.accounts.listRuns({ ...filter.value, state: state ?? outcome }));
}

/** Newest first. Faults: AGENT_UNKNOWN, SCHEDULE_UNKNOWN, AMBIGUOUS. */
export function listLedger(
  context: QueryContext,
  params: ListParams,
): Result<readonly LedgerEntry[]> {
  const filter = filterOf(context, params);
  return filter.ok ? ok(context.store.accounts.listRows(filter.value)) : filter;
}

/** By id, or the beginning of one. Faults: RUN_UNKNOWN, AMBIGUOUS. */
export function showRun({ store }: QueryContext, run: string): Result<RunDetail> {
  const found = store.accounts.findRun(run);
  if (found === 'many') {
    return err('AMBIGUOUS', `several runs begin with ${run}`, { hint: 'give more of it' });
  }
  if (found) return ok(found);
  return err('RUN_UNKNOWN', `no run ${run} was reported`, { hint: '`muster runs` lists them' });
}
