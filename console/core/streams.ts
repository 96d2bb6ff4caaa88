// Streams and schedules as an editor needs them, and how far a stream has come on its machines.

import type {
  ScheduleDetail,
  StreamCoverage,
  StreamSummary,
  StreamYaml,
} from '#console/views/planning.ts';
import type { Coverage } from '#console/views.ts';
import { formatInstant, scheduleKey, splitScheduleKey } from '#shared/ids.ts';
import { describeJob } from '#shared/jobs.ts';
import { err, ok, type Result } from '#shared/result.ts';
import { compileTrigger, describeTrigger } from '#shared/time/occurrences.ts';
import { coverDocuments } from './fleet/coverage.ts';
import { resolveSchedule } from './fleet/names.ts';
import { currentStream, scheduleOf } from './planner/current.ts';
import { readDesiredFile } from './planner/read-file.ts';
import { writeFile } from './planner/write-file.ts';
import type { ConsoleStore } from './ports.ts';
import { previewOf, zoneOf } from './preview.ts';
import type { QueryContext } from './queries.ts';
import { instant } from './standings.ts';

const MAX_NAMED = 1_000;
const RECENT_RUNS = 20;

export function listStreams({ store }: QueryContext): readonly StreamSummary[] {
  return store.documents.streams().map((stream) => {
    const { revision, docId, schedules, audience } = currentStream(store, stream);
    const newest = store.documents.newest('schedule', stream)[0];
    return {
      ...{ stream, revision, docId },
      schedules: schedules.length,
      agents: audience.length,
      publishedAt: instant(newest?.storedAt ?? null),
    };
  });
}

/** Fault: STREAM_UNKNOWN. */
export function streamYaml({ store }: QueryContext, stream: string): Result<StreamYaml> {
  const { revision } = currentStream(store, stream);
  if (revision === 0) return unknownStream(store, stream);
  return ok({ stream, revision, ...textOf(store, stream) });
}

const unknownStream = (store: ConsoleStore, stream: string) => {
  const known = store.documents.streams();
  return err('STREAM_UNKNOWN', `there is no stream '${stream}'`, {
    hint: known.length === 0 ? 'nothing was ever applied here' : `known: ${known.join(', ')}`,
  });
};

/** The file as it was written, if it still says what was signed; else one made from the document. */
function textOf(store: ConsoleStore, stream: string): Pick<StreamYaml, 'yaml' | 'from'> {
  const { docId, schedules, audience } = currentStream(store, stream);
  const text = docId === null ? undefined : store.proposals.source(docId);
  const read = text === undefined ? undefined : readDesiredFile(stream, text);
  const same =
    read !== undefined &&
    'stream' in read &&
    read.stream.stream === stream &&
    JSON.stringify(read.stream.schedules) === JSON.stringify(schedules);
  if (text !== undefined && same) return { yaml: text, from: 'file' };
  return { yaml: writeFile(stream, audience, schedules), from: 'document' };
}

/** By key, or by the schedule's name where one stream has it. Faults: SCHEDULE_UNKNOWN, AMBIGUOUS. */
export function showSchedule(
  { store, nowAt }: QueryContext,
  asked: { readonly schedule: string; readonly count: number },
): Result<ScheduleDetail> {
  const keys = store.documents
    .streams()
    .flatMap((stream) =>
      currentStream(store, stream).schedules.map(({ id }) => scheduleKey(stream, id)),
    );
  const key = resolveSchedule(asked.schedule, keys);
  if (!key.ok) return key;
  const { stream, schedule: id } = splitScheduleKey(key.value);
  const { schedules, audience, revision, docId } = currentStream(store, stream);
  const spec = schedules.find((schedule) => schedule.id === id);
  if (!spec) throw new Error(`${key.value} vanished from its own stream`);
  const compiled = compileTrigger(spec.trigger);
  const known = store.accounts.findSchedule(key.value);
  return ok({
    ...{ schedule: key.value, stream, revision, docId, spec },
    trigger: describeTrigger(spec.trigger),
    job: describeJob(spec.job),
    agents: audience.slice(0, MAX_NAMED),
    agentCount: audience.length,
    next:
      compiled.ok && !spec.paused
        ? previewOf(compiled.value, zoneOf(spec.trigger, 'UTC'), nowAt, asked.count)
        : [],
    runs:
      known === undefined ? [] : store.accounts.listRuns({ schedule: known, limit: RECENT_RUNS }),
    yaml: textOf(store, stream).yaml,
  });
}

const WORST_FIRST: readonly Coverage[] = ['refused', 'pending', 'unknown', 'applied'];

/** How far each machine is with the newest revision of a stream. Fault: STREAM_UNKNOWN. */
export function showCoverage(
  { store }: QueryContext,
  asked: { readonly stream: string; readonly offset: number; readonly limit: number },
): Result<StreamCoverage> {
  const { stream, offset, limit } = asked;
  const newest = store.documents.newest('schedule', stream);
  const [first] = newest;
  if (!first) return unknownStream(store, stream);
  const farewells = new Set(
    newest
      .filter((document) => scheduleOf(document).schedules.length === 0)
      .map(({ head }) => head.docId),
  );
  const counts: Record<Coverage, number> = { applied: 0, pending: 0, refused: 0, unknown: 0 };
  const agents = store.documents.desiredBy('schedule', stream).flatMap(({ agentId, ...head }) => {
    const agent = store.agents.byId(agentId);
    // Machines that left at an earlier revision have nothing to do with this one.
    if (!agent || agent.revoked || head.revision !== first.head.revision) return [];
    const [cover] = coverDocuments([head], agent.status);
    const state = cover?.coverage ?? 'unknown';
    counts[state] += 1;
    const refusal = agent.status?.refused.find(({ docId }) => docId === head.docId);
    return [
      {
        agent: agent.agent,
        state,
        applied: cover?.applied?.revision ?? null,
        code: state === 'refused' ? (refusal?.code ?? null) : null,
        leaving: farewells.has(head.docId),
        lastReportAt: instant(agent.lastReportAt),
      },
    ];
  });
  const worst = agents.sort(
    (a, b) =>
      WORST_FIRST.indexOf(a.state) - WORST_FIRST.indexOf(b.state) || (a.agent < b.agent ? -1 : 1),
  );
  return ok({
    stream,
    epoch: first.head.epoch,
    revision: first.head.revision,
    since: formatInstant(first.storedAt),
    counts,
    agents: worst.slice(offset, offset + limit),
  });
}
