// The account of the fleet and the reason for one occurrence, from what the store holds.
import type { LedgerAccount, WhyAnswer } from '#console/views.ts';
import { parseInstant } from '#shared/ids.ts';
import { ok, type Result } from '#shared/result.ts';
import { type Event, eventSchema } from '#shared/run/event.ts';
import type { ScheduleDocument } from '#shared/schedule/document.ts';
import { accountOf, addAccounts, EMPTY_ACCOUNT } from './fleet/account.ts';
import { resolveSchedule } from './fleet/names.ts';
import { type PlannedTimes, plannedTimes } from './fleet/segments.ts';
import { explain } from './fleet/why.ts';
import { placeInstant } from './fleet/why-situation.ts';
import { newestWrittenAt, unexplainedLosses } from './lost-entries.ts';
import { schedulesOf, unknownAgent } from './planner/command.ts';
import { parseSchedule } from './planner/current.ts';
import type { AgentRecord, ConsoleStore } from './ports.ts';
import { knownSchedules, type QueryContext } from './queries.ts';

/** What a machine was to do, by signed documents and its own word on when it took them. */
export function timesOf(store: ConsoleStore, agent: AgentRecord, cursorAt: number): PlannedTimes {
  const documents = new Map<string, ScheduleDocument | undefined>();
  const documentOf = (docId: string): ScheduleDocument | undefined => {
    if (documents.has(docId)) return documents.get(docId);
    const stored = store.documents.byDocId(docId);
    const document = stored?.head.kind === 'schedule' ? parseSchedule(stored.payload) : undefined;
    documents.set(docId, document);
    return document;
  };
  const events = store.log
    .planEvents(agent.id)
    .map((body): Event => eventSchema.parse(JSON.parse(body)));
  const times = plannedTimes(events, documentOf, cursorAt);
  const losses = [...times.losses, ...unexplainedLosses(store, agent.id, events, times.segments)];
  return { ...times, losses };
}

/** Gives way to others between machines. Fault: AGENT_UNKNOWN. */
export async function checkLedger(
  store: ConsoleStore,
  name: string | undefined,
  nowAt: number,
): Promise<Result<LedgerAccount>> {
  const named = name === undefined ? undefined : store.agents.byName(name);
  if (name !== undefined && !named) return unknownAgent(name);
  let sum = EMPTY_ACCOUNT;
  for (const agent of named ? [named] : store.agents.list()) {
    // A machine that never reported has planned nothing that anybody could know of.
    const cursorAt = agent.cursorAt ?? 0;
    const times = timesOf(store, agent, cursorAt);
    const rows = store.accounts.rows(agent.id);
    const newest = newestWrittenAt(store, agent.id);
    const input = { agent: agent.agent, times, rows, cursorAt, nowAt, writtenAt: newest };
    sum = addAccounts(sum, accountOf(input));
    await new Promise((resolve) => setImmediate(resolve));
  }
  return ok(sum);
}

/** Faults: AGENT_UNKNOWN, SCHEDULE_UNKNOWN, AMBIGUOUS. */
export function whyOf(
  { store, nowAt, online }: QueryContext,
  asked: { readonly schedule: string; readonly agent: string; readonly at: string },
): Result<WhyAnswer> {
  const agent = store.agents.byName(asked.agent);
  if (!agent) return unknownAgent(asked.agent);
  // The machine's own schedules first: another machine's stream of the same name is no ambiguity here.
  const own = resolveSchedule(asked.schedule, schedulesOf(store, agent.id));
  const key = own.ok ? own : resolveSchedule(asked.schedule, knownSchedules(store));
  if (!key.ok) return key;
  const at = parseInstant(asked.at);
  const times = timesOf(store, agent, agent.cursorAt ?? 0);
  const row = store.accounts.rowAt(agent.id, key.value, at);
  const entry = row ? { agent: agent.agent, ...row } : null;
  const found = entry?.run ? store.accounts.findRun(entry.run) : undefined;
  const run = found === 'many' || found === undefined ? null : found;
  const sentence = explain({
    schedule: key.value,
    agent: agent.agent,
    at,
    nowAt,
    cursorAt: agent.cursorAt,
    online: online && agent.online === true,
    ...placeInstant(times, key.value, at),
    losses: times.losses,
    entry,
    run,
  });
  return ok({ sentence, entry, run });
}
