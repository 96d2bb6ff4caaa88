// One machine on one axis: what ran, what did not and why, what is to come.
import type { Timeline } from '#console/views.ts';
import { formatInstant, parseInstant } from '#shared/ids.ts';
import { sha256 } from '#shared/node/sha256.ts';
import { err, ok, type Result } from '#shared/result.ts';
import { comingUpTo } from './fleet/coming.ts';
import { unknownAgent } from './planner/command.ts';
import { placeBook, type QueryContext } from './queries.ts';
import { instant } from './standings.ts';

/** Faults: AGENT_UNKNOWN, RANGE (until before since). */
export function agentTimeline(
  context: QueryContext,
  asked: {
    readonly agent: string;
    readonly since: string;
    readonly until: string;
    readonly limit: number;
  },
): Result<Timeline> {
  const { store, nowAt } = context;
  const { since, until, limit } = asked;
  const agent = store.agents.byName(asked.agent);
  if (!agent) return unknownAgent(asked.agent);
  const [sinceAt, untilAt] = [parseInstant(since), parseInstant(until)];
  if (untilAt < sinceAt) return err('RANGE', 'until lies before since');
  const window = { agent: agent.id, sinceAt, untilAt, limit };
  const runs = store.accounts.listRuns(window);
  const rows = store.accounts.listRows({ ...window, unrun: true });
  const paused = agent.status?.paused ?? [];
  const awake = paused.includes('*')
    ? []
    : placeBook(context)(agent).filter(({ schedule }) => !paused.includes(schedule));
  const coming =
    untilAt > nowAt && !agent.revoked
      ? comingUpTo(agent.agent, awake, { nowAt, untilAt, limit }, sha256)
      : [];
  return ok({
    agent: agent.agent,
    since,
    until,
    cursor: instant(agent.cursorAt),
    runs: runs.map(({ nominal, startedAt, finishedAt, due, ...run }) => ({
      run: run.run,
      schedule: run.schedule,
      cause: run.cause,
      state: run.state,
      planned: nominal,
      due,
      started: startedAt,
      finished: finishedAt,
      attempts: run.attempts,
      exitCode: run.exitCode,
    })),
    gaps: rows.map(({ agent: _, run: __, ...gap }) => gap),
    coming: coming
      .filter(({ dueAt }) => dueAt >= sinceAt)
      .map(({ schedule, plannedAt, dueAt, shift }) => ({
        schedule,
        planned: formatInstant(plannedAt),
        due: formatInstant(dueAt),
        ...(shift && { shift }),
      })),
    truncated: [runs, rows, coming].some((list) => list.length >= limit),
  });
}
