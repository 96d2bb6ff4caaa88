// Keeps the fleet's table of standings true: what changed, or whose day is over, is made again before anybody looks.
import { formatInstant } from '#shared/ids.ts';
import { coverDocuments, overallCoverage } from './fleet/coverage.ts';
import { statusWord, worstRevision } from './fleet/standing.ts';
import type { AgentRecord, Standing } from './ports.ts';
import { desiredHeads, type QueryContext } from './queries.ts';

/** Failures and missed occurrences older than this are history, not news. */
const NEWS_MS = 86_400_000;
/** So many machines are made again in one transaction before others get their turn. */
const SLICE = 250;
const NEVER = Number.MAX_SAFE_INTEGER;

/** Usually a handful of machines; all of them after a restart of the fleet. Gives way between slices. */
export async function refreshStandings(context: QueryContext): Promise<void> {
  const { store, nowAt } = context;
  for (;;) {
    const ids = store.fleet.stale(nowAt, SLICE);
    if (ids.length === 0) return;
    store.transaction(() => {
      for (const id of ids) {
        const agent = store.agents.byId(id);
        if (agent) store.fleet.put(id, standingOf(context, agent));
      }
    });
    if (ids.length < SLICE) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function standingOf(context: QueryContext, agent: AgentRecord): Standing {
  const { store, nowAt } = context;
  const { status, revoked, online, helloAt, lastReportAt } = agent;
  const documents = coverDocuments(desiredHeads(context, agent.id), status);
  const coverage = overallCoverage(documents, status);
  const { failed, missed, running, oldestAt } = store.fleet.recent(agent.id, nowAt - NEWS_MS);
  const statusAt = status === null ? 0 : Date.parse(status.at);
  return {
    status: statusWord({ revoked, coverage, online, failed, missed, running }),
    coverage,
    ...worstRevision(documents),
    ...{ failed, missed, running },
    reportedAt: lastReportAt ?? 0,
    // A machine whose clock runs ahead is not heard from the future.
    heardAt: Math.min(nowAt, Math.max(statusAt, helloAt ?? 0, lastReportAt ?? 0)),
    staleAt: oldestAt === null ? NEVER : oldestAt + NEWS_MS + 1,
  };
}

export const instant = (at: number | null): string | null =>
  at === null ? null : formatInstant(at);
