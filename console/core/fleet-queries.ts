// The fleet at a glance: pages, groups and cells of machines, and what of them wants attention.
import type { Params } from '#console/api.ts';
import {
  type AgentRow,
  type AttentionItem,
  type FleetAttention,
  type FleetGrid,
  type FleetPage,
  MACHINE_STATUSES,
  type MachineStatus,
  type StatusCounts,
} from '#console/views.ts';
import { formatInstant } from '#shared/ids.ts';
import { err, ok, type Result } from '#shared/result.ts';
import { unknownAgent } from './planner/command.ts';
import type { FleetOrder, FleetQuery, FleetTable, StandingRow } from './ports.ts';
import { nextFinder, presenceOf, type QueryContext } from './queries.ts';
import { instant, refreshStandings } from './standings.ts';

const MAX_CELLS = 20_000;
/** Nothing signed for so long: machines refresh their status every few minutes. */
const SILENT_MS = 3_600_000;
const NAMED = 5;
const BAD_STATES = ['failed', 'timed-out', 'lost'] as const;

type Filter = Pick<Params<'fleet.page'>, 'filter' | 'labels' | 'status' | 'trouble' | 'groupBy'>;
type PageParams = Filter & {
  readonly sort: NonNullable<Params<'fleet.page'>['sort']>;
  readonly offset?: number | undefined;
  readonly after?: string | undefined;
  readonly limit: number;
};

/** Faults: AGENT_UNKNOWN (`after`), PARAMS (`after` with groupBy). */
export async function fleetPage(
  context: QueryContext,
  params: PageParams,
): Promise<Result<FleetPage>> {
  const { store } = context;
  if (params.after !== undefined && params.groupBy !== undefined) {
    return err('PARAMS', 'after goes by the order of all machines, not of groups', {
      hint: 'with groupBy give offset',
    });
  }
  if (params.after !== undefined && !store.agents.byName(params.after)) {
    return unknownAgent(params.after);
  }
  await refreshStandings(context);
  const query = queryOf(context, params);
  const counted = store.fleet.counts(query);
  const counts = sumUp(counted);
  const total = totalOf(counts);
  const wanted = params.status ?? MACHINE_STATUSES;
  const rows = store.fleet.page(query, orderOf(params));
  return ok({
    total,
    counts,
    matched: [...new Set(wanted)].reduce((sum, status) => sum + counts[status], 0),
    ...(params.groupBy === undefined ? {} : { groups: groupsOf(counted) }),
    rows: rowsOf(context, rows),
  });
}

/** Every machine as a cell. */
export async function fleetGrid(context: QueryContext, params: Filter): Promise<FleetGrid> {
  await refreshStandings(context);
  const found = context.store.fleet.grid(queryOf(context, params), MAX_CELLS + 1);
  const grouped = params.groupBy !== undefined;
  return {
    cells: found
      .slice(0, MAX_CELLS)
      .map(({ name, status, group }) => ({ agent: name, status, ...(grouped ? { group } : {}) })),
    truncated: found.length > MAX_CELLS,
  };
}

/** What went wrong within a day, who refuses, who is silent. */
export async function fleetAttention(context: QueryContext): Promise<FleetAttention> {
  await refreshStandings(context);
  return [
    attention(context, 'failed', 'failed', true),
    attention(context, 'missed', 'missed', true),
    attention(context, 'refused', 'lastReport', true),
    attention(context, 'silent', 'heard', false),
  ];
}

function attention(
  context: QueryContext,
  kind: AttentionItem['kind'],
  by: FleetOrder['by'],
  descending: boolean,
): AttentionItem {
  const { store } = context;
  const query = queryOf(context, { trouble: kind });
  const machines = totalOf(sumUp(store.fleet.counts(query)));
  const order = { by, descending, offset: 0, after: undefined, limit: NAMED };
  const rows = machines === 0 ? [] : store.fleet.page(query, order);
  const first = rows.map((row) => ({ agent: row.name, ...detailOf(context, kind, row) }));
  return { kind, machines, first, link: { trouble: kind } };
}

type Detail = Omit<AttentionItem['first'][number], 'agent'>;
const NO_DETAIL: Detail = { run: null, schedule: null, detail: null, at: null };

function detailOf(
  { store }: QueryContext,
  kind: AttentionItem['kind'],
  { id, heardAt }: StandingRow,
): Detail {
  if (kind === 'silent') return { ...NO_DETAIL, at: heardAt === 0 ? null : formatInstant(heardAt) };
  if (kind === 'failed') {
    const runs = BAD_STATES.flatMap((state) =>
      store.accounts.listRuns({ agent: id, state, limit: 1 }),
    );
    const [newest] = runs.sort((a, b) => ((a.startedAt ?? '') < (b.startedAt ?? '') ? 1 : -1));
    if (!newest) return NO_DETAIL;
    const { run, schedule, state, finishedAt, startedAt } = newest;
    return { run, schedule, detail: state, at: finishedAt ?? startedAt };
  }
  if (kind === 'missed') {
    const missed = store.fleet.newestMissed(id);
    if (!missed) return NO_DETAIL;
    const { schedule, reason, at } = missed;
    return { run: null, schedule, detail: reason, at: formatInstant(at) };
  }
  const refused = store.agents.byId(id)?.status?.refused.at(-1);
  return refused ? { ...NO_DETAIL, detail: refused.code, at: refused.at } : NO_DETAIL;
}

function queryOf({ nowAt }: QueryContext, params: Filter): FleetQuery {
  const labels: Record<string, string> = { ...params.labels };
  const words: string[] = [];
  for (const token of (params.filter ?? '').split(/\s+/)) {
    const at = token.indexOf('=');
    if (at > 0) labels[token.slice(0, at)] = token.slice(at + 1);
    else if (token !== '') words.push(token);
  }
  const { trouble, status, groupBy } = params;
  return {
    ...{ words, labels, status, groupBy },
    trouble:
      trouble === 'silent'
        ? { kind: trouble, beforeAt: nowAt - SILENT_MS }
        : trouble && { kind: trouble },
  };
}

function orderOf({ sort, offset, after, limit }: PageParams): FleetOrder {
  const descending = sort.startsWith('-');
  const by = (descending ? sort.slice(1) : sort) as FleetOrder['by'];
  return { by, descending, offset: offset ?? 0, after, limit };
}

type Counted = ReturnType<FleetTable['counts']>;

function sumUp(counted: Counted): StatusCounts {
  const counts = Object.fromEntries(MACHINE_STATUSES.map((status) => [status, 0]));
  for (const { status, n } of counted) counts[status] = (counts[status] ?? 0) + n;
  return counts as Record<MachineStatus, number>;
}

const totalOf = (counts: StatusCounts): number =>
  MACHINE_STATUSES.reduce((sum, status) => sum + counts[status], 0);

function groupsOf(counted: Counted): NonNullable<FleetPage['groups']> {
  return [...new Set(counted.map(({ group }) => group))].map((value) => {
    const counts = sumUp(counted.filter(({ group }) => group === value));
    return { value, total: totalOf(counts), counts };
  });
}

function rowsOf(context: QueryContext, rows: readonly StandingRow[]): readonly AgentRow[] {
  const next = nextFinder(context);
  return rows.flatMap((row): readonly AgentRow[] => {
    const agent = context.store.agents.byId(row.id);
    if (!agent) return [];
    return [
      {
        agent: row.name,
        labels: agent.labels,
        status: row.status,
        presence: presenceOf(context, agent),
        coverage: row.coverage,
        revision: { stream: row.stream, applied: row.applied, wanted: row.wanted },
        clock: agent.status?.clock ?? 'unknown',
        lastReportAt: instant(agent.lastReportAt),
        next: agent.revoked ? null : next(agent),
        failed24h: row.failed,
        missed24h: row.missed,
        running: row.running,
      },
    ];
  });
}
