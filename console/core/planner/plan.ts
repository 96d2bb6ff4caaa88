// From files to a plan: all faults at once, or what would change and the bytes to sign. Writes nothing.
import type { AgentRecord } from '#console/core/ports.ts';
import type { Plan } from '#console/views.ts';
import { err, type Fault, ok, type Result } from '#shared/result.ts';
import type { Schedule } from '#shared/schedule/schedule.ts';
import { isProtected } from '#shared/trust/authorize.ts';
import { resolveAudience } from './audience.ts';
import { buildDocuments, capabilitiesOf, sentBytes, tooLarge } from './build.ts';
import type { PlanContext } from './context.ts';
import { type CurrentStream, currentStream } from './current.ts';
import { diffSchedules } from './diff.ts';
import { type DesiredStream, readDesiredFile } from './read-file.ts';

const EMPTY: Plan = { faults: [], changes: [], streams: [], documents: [], warnings: [] };

/** Plan.faults is not empty when anything is wrong with any file; then nothing else is in the plan. */
export function preparePlan(
  context: PlanContext,
  files: readonly { readonly name: string; readonly text: string }[],
): Plan {
  const faults: Fault[] = [];
  const streams: DesiredStream[] = [];
  for (const { name, text } of files) {
    const read = readDesiredFile(name, text);
    if ('faults' in read) faults.push(...read.faults);
    else streams.push(read.stream);
  }
  faults.push(...repeated(streams));
  const agents = context.store.agents.list();
  const plans = streams.map((stream) => planStream(context, stream, agents));
  faults.push(...plans.flatMap((plan) => plan.faults));
  if (faults.length > 0) return { ...EMPTY, faults: faults.sort(byPlace) };
  return {
    faults: [],
    changes: plans.flatMap(({ changes }) => changes),
    streams: plans.flatMap((plan) => plan.streams),
    documents: plans.flatMap(({ documents }) => documents),
    warnings: plans.flatMap(({ warnings }) => warnings),
  };
}

/** An empty next revision for everybody who has the stream. Fault: STREAM_UNKNOWN. */
export function prepareRemoval(context: PlanContext, stream: string): Result<Plan> {
  const now = currentStream(context.store, stream);
  if (now.revision === 0) {
    const known = context.store.documents.streams();
    return err('STREAM_UNKNOWN', `there is no stream '${stream}'`, {
      hint: known.length === 0 ? 'nothing was ever applied here' : `known: ${known.join(', ')}`,
    });
  }
  return ok(revisionOf(context, stream, { schedules: [], agents: [] }));
}

function planStream(
  context: PlanContext,
  { stream, audience, schedules, at }: DesiredStream,
  agents: readonly AgentRecord[],
): Plan {
  const resolved = resolveAudience(stream, audience, agents, at);
  const place = at(['audience']);
  const faults = [...resolved.faults, ...incapable(resolved.agents, schedules, place)];
  if (faults.length > 0) return { ...EMPTY, faults };
  const plan = revisionOf(context, stream, { schedules, agents: resolved.agents });
  const large = plan.documents.filter(tooLarge).map(
    (document): Fault => ({
      code: 'DOCUMENT_TOO_LARGE',
      message: `stream '${stream}' would be ${sentBytes(document)} bytes as sent, at most 60000 are`,
      at: at(['schedules']),
      hint: 'split the stream into several files with streams of their own',
    }),
  );
  if (large.length > 0) return { ...EMPTY, faults: large };
  const warnings = [
    ...resolved.warnings,
    ...tzdataWarnings(context, stream, schedules, resolved.agents),
  ];
  return { ...plan, warnings };
}

interface Wanted {
  readonly schedules: readonly Schedule[];
  readonly agents: readonly AgentRecord[];
}

function revisionOf(context: PlanContext, stream: string, { schedules, agents }: Wanted): Plan {
  const { store, fleet, trust, nowAt } = context;
  const now = currentStream(store, stream);
  const audience = schedules.length === 0 ? [] : agents.map(({ agent }) => agent);
  const joining = audience.filter((agent) => !now.audience.includes(agent));
  const leaving = now.audience.filter((agent) => !audience.includes(agent));
  const changes = diffSchedules(stream, now.schedules, schedules, nowAt);
  const touched = [...audience, ...leaving].map((agent) => store.agents.byName(agent));
  const reported = reportedRevision(stream, now, touched);
  const same = changes.every(({ change }) => change === 'unchanged') && reported <= now.revision;
  if (same && joining.length === 0 && leaving.length === 0) {
    const unmoved = { stream, revision: now.revision, audience, joining, leaving };
    return { ...EMPTY, changes, streams: [unmoved] };
  }
  const revision = Math.max(now.revision, reported) + 1;
  const { thresholds } = trust.document;
  const guarded = touched.some((agent) => agent && isProtected(trust.document, agent.labels));
  const documents = buildDocuments({
    ...{ fleet, stream, revision, schedules, audience, leaving, nowAt },
    epoch: now.epoch,
    previous: now.docId,
    minTrust: trust.document.version,
    personsNeeded: Math.max(thresholds.schedule, guarded ? thresholds.protected : 1),
  });
  const streams = [{ stream, revision, audience, joining, leaving }];
  return { ...EMPTY, changes, streams, documents };
}

/** A machine that lies about its revision can waste no more numbers than this at a time. */
const MOST_BEHIND = 1_000;

/** The newest revision the machines have: above this console's own when it was restored from an older backup. */
function reportedRevision(
  stream: string,
  { epoch, revision }: CurrentStream,
  agents: readonly (AgentRecord | undefined)[],
): number {
  const heads = agents.flatMap((agent) => agent?.status?.heads ?? []);
  const own = heads.filter(
    (head) => head.kind === 'schedule' && head.name === stream && head.epoch === epoch,
  );
  const known = own.map((head) => head.revision).filter((one) => one <= revision + MOST_BEHIND);
  return Math.max(0, ...known);
}

function incapable(
  agents: readonly AgentRecord[],
  schedules: readonly Schedule[],
  at: string,
): readonly Fault[] {
  const needed = capabilitiesOf(schedules);
  return agents.flatMap(({ agent, hello }): Fault[] => {
    const missing = hello ? needed.filter((name) => !hello.capabilities.includes(name)) : [];
    if (missing.length === 0) return [];
    const message = `machine '${agent}' cannot do: ${missing.join(', ')}`;
    const hint = 'upgrade its agent, or take it out of the audience';
    return [{ code: 'CAPABILITY', message, at, hint, ids: { agent } }];
  });
}

/** Another version of the zone data may put a local time elsewhere; machines plan with their own. */
function tzdataWarnings(
  { tzdata }: PlanContext,
  stream: string,
  schedules: readonly Schedule[],
  agents: readonly AgentRecord[],
): readonly string[] {
  const zoned = schedules.some(({ trigger }) => 'zone' in trigger && trigger.zone !== 'UTC');
  if (!zoned) return [];
  const other = agents.filter(({ hello }) => hello && hello.facts.tzdata !== tzdata);
  if (other.length === 0) return [];
  const names = other.slice(0, 5).map(({ agent, hello }) => `${agent} (${hello?.facts.tzdata})`);
  return [
    `${stream}: ${other.length} of ${agents.length} machines have other time zone data than this console (${tzdata}): ${names.join(', ')}`,
  ];
}

function repeated(streams: readonly DesiredStream[]): readonly Fault[] {
  return streams.flatMap(({ stream, at }, index): Fault[] => {
    const first = streams.findIndex((other) => other.stream === stream);
    if (first === index) return [];
    const message = `stream '${stream}' is also in ${streams[first]?.at([]).replace(/:\d+:\d+$/, '')}`;
    const hint = 'a stream is one file: merge them, or rename one';
    return [{ code: 'STREAM_TWICE', message, at: at(['stream']), hint }];
  });
}

/** By file, line and column, as a person reads. */
function byPlace(a: Fault, b: Fault): number {
  const [x, y] = [a, b].map(({ at }) => /^(.*):(\d+):(\d+)$/.exec(at ?? ''));
  if (!x || !y || x[1] !== y[1]) return 0;
  return Number(x[2]) - Number(y[2]) || Number(x[3]) - Number(y[3]);
}
