// The fleet at a glance: one row a machine, filtered, counted and paged by index; never more rows read than asked for.
import type {
  FleetOrder,
  FleetQuery,
  FleetTable,
  Standing,
  StandingRow,
} from '#console/core/ports.ts';
import { type Coverage, MACHINE_STATUSES, type MachineStatus } from '#console/views.ts';
import type { Db } from '#shared/node/sqlite.ts';
import { MISSED } from './migrations.ts';

interface Row {
  readonly agent: number;
  readonly name: string;
  readonly rank: number;
  readonly coverage: Coverage;
  readonly stream: string | null;
  readonly applied: number | null;
  readonly wanted: number | null;
  readonly failed: number;
  readonly missed: number;
  readonly running: number;
  readonly reported_at: number;
  readonly heard_at: number;
  readonly grp: string | null;
}

const COLUMN: Readonly<Record<FleetOrder['by'], string>> = {
  name: 's.name',
  status: 's.rank',
  lastReport: 's.reported_at',
  heard: 's.heard_at',
  failed: 's.failed',
  missed: 's.missed',
};
const TROUBLE = {
  failed: 's.failed > 0',
  missed: 's.missed > 0',
  refused: "s.coverage = 'refused'",
} as const;
const REVOKED = MACHINE_STATUSES.indexOf('revoked');

/** Statements over `standing` and `labels`. */
export function fleetTable(db: Db): FleetTable {
  const stale = db
    .prepare<[number, number], number>('SELECT agent FROM standing WHERE stale_at <= ? LIMIT ?')
    .pluck();
  const put = db.prepare(`UPDATE standing SET rank = @rank, coverage = @coverage, stream = @stream,
    applied = @applied, wanted = @wanted, failed = @failed, missed = @missed, running = @running,
    reported_at = @reportedAt, heard_at = @heardAt, stale_at = @staleAt WHERE agent = @agent`);
  const newestMissed = db.prepare<
    [number],
    { readonly schedule: string; readonly at: number; readonly reason: string | null }
  >(`SELECT s.key AS schedule, l.to_at AS at, coalesce(l.reason, l.disposition) AS reason
    FROM ledger l INDEXED BY ledger_missed CROSS JOIN schedules s ON s.id = l.schedule
    WHERE l.agent = ? AND ${MISSED} ORDER BY l.to_at DESC LIMIT 1`);
  return {
    stale: (nowAt, limit) => stale.all(nowAt, limit),
    recent: recentCounts(db),
    put: (agent, { status, ...rest }: Standing) =>
      void put.run({ ...rest, rank: MACHINE_STATUSES.indexOf(status), agent }),
    counts: (query) => {
      const parts = clauses({ ...query, status: undefined });
      const { from, where, values, group, grouped } = parts;
      return db
        .prepare<unknown[], { readonly grp: string | null; readonly rank: number; n: number }>(
          `SELECT ${group} AS grp, s.rank AS rank, count(*) AS n ${from} ${where}
          GROUP BY ${grouped === '' ? '' : 'g.value, '}s.rank ORDER BY ${grouped}s.rank`,
        )
        .all(...values)
        .map(({ grp, rank, n }) => ({ group: grp, status: statusOf(rank), n }));
    },
    page: (query, order) => page(db, query, order),
    grid: (query, limit) => {
      const { from, where, values, group, grouped } = clauses(query);
      return db
        .prepare<unknown[], { readonly name: string; readonly rank: number; grp: string | null }>(
          `SELECT s.name AS name, s.rank AS rank, ${group} AS grp ${from} ${where}
          ORDER BY ${grouped}s.name LIMIT ?`,
        )
        .all(...values, limit)
        .map(({ name, rank, grp }) => ({ name, status: statusOf(rank), group: grp }));
    },
    newestMissed: (agentId) => newestMissed.get(agentId),
  };
}

function recentCounts(db: Db): FleetTable['recent'] {
  const unwell = (states: string) =>
    db.prepare<[number, number], { n: number; at: number | null }>(
      `SELECT count(*) AS n, min(order_at) AS at FROM runs INDEXED BY runs_unwell_by_agent
      WHERE agent = ? AND state IN (${states}) AND state <> 'succeeded' AND order_at >= ?`,
    );
  const failed = unwell(`'failed', 'timed-out', 'lost'`);
  const open = unwell(`'starting', 'running', 'retrying'`);
  const missed = db.prepare<[number, number], { n: number | null; at: number | null }>(
    `SELECT sum(count) AS n, min(to_at) AS at FROM ledger INDEXED BY ledger_missed
    WHERE agent = ? AND to_at >= ? AND ${MISSED}`,
  );
  return (agentId, sinceAt) => {
    const bad = failed.get(agentId, sinceAt);
    const gone = missed.get(agentId, sinceAt);
    const ats = [bad?.at, gone?.at].filter((at) => typeof at === 'number');
    return {
      failed: bad?.n ?? 0,
      missed: gone?.n ?? 0,
      running: open.get(agentId, 0)?.n ?? 0,
      oldestAt: ats.length === 0 ? null : Math.min(...ats),
    };
  };
}

function page(db: Db, query: FleetQuery, order: FleetOrder): readonly StandingRow[] {
  const { from, where, values, group, grouped } = clauses(query);
  const column = COLUMN[order.by];
  const way = order.descending ? 'DESC' : 'ASC';
  const keys = column === 's.name' ? `s.name ${way}` : `${column} ${way}, s.name ${way}`;
  let more = '';
  if (order.after !== undefined) {
    const last = db
      .prepare<[string], { readonly key: number | string; readonly name: string }>(
        `SELECT ${column} AS key, s.name AS name FROM standing s WHERE s.name = ?`,
      )
      .get(order.after);
    if (!last) return [];
    more = `${where === '' ? 'WHERE' : ' AND'} (${column}, s.name) ${order.descending ? '<' : '>'} (?, ?)`;
    values.push(last.key, last.name);
  }
  return db
    .prepare<unknown[], Row>(
      `SELECT s.*, ${group} AS grp ${from} ${where}${more} ORDER BY ${grouped}${keys} LIMIT ? OFFSET ?`,
    )
    .all(...values, order.limit, order.offset)
    .map(rowOf);
}

/** The parts of a statement for a query; values stand in the order of their marks. */
function clauses({ words, labels, status, trouble, groupBy }: FleetQuery) {
  const values: (string | number)[] = [];
  let from = 'FROM standing s';
  if (groupBy !== undefined) {
    from += ' LEFT JOIN labels g ON g.agent = s.agent AND g.name = ?';
    values.push(groupBy);
  }
  const where: string[] = [];
  for (const [name, value] of Object.entries(labels)) {
    where.push('s.agent IN (SELECT agent FROM labels WHERE name = ? AND value = ?)');
    values.push(name, value);
  }
  for (const word of words) {
    where.push(`(s.name LIKE ? ESCAPE '\\' OR EXISTS
      (SELECT 1 FROM labels x WHERE x.agent = s.agent AND x.value LIKE ? ESCAPE '\\'))`);
    const pattern = `%${word.replace(/[\\%_]/g, '\\$&')}%`;
    values.push(pattern, pattern);
  }
  if (trouble?.kind === 'silent') {
    where.push(`s.heard_at < ? AND s.rank <> ${REVOKED}`);
    values.push(trouble.beforeAt);
  } else if (trouble) where.push(TROUBLE[trouble.kind]);
  if (status !== undefined) {
    where.push(`s.rank IN (${status.map((word) => MACHINE_STATUSES.indexOf(word)).join(', ')})`);
  }
  return {
    from,
    where: where.length === 0 ? '' : `WHERE ${where.join(' AND ')}`,
    values,
    group: groupBy === undefined ? 'NULL' : 'g.value',
    grouped: groupBy === undefined ? '' : 'g.value IS NULL, g.value, ',
  };
}

const statusOf = (rank: number): MachineStatus => MACHINE_STATUSES[rank] ?? 'unknown';

const rowOf = (row: Row): StandingRow => ({
  id: row.agent,
  name: row.name,
  status: statusOf(row.rank),
  coverage: row.coverage,
  stream: row.stream,
  applied: row.applied,
  wanted: row.wanted,
  failed: row.failed,
  missed: row.missed,
  running: row.running,
  reportedAt: row.reported_at,
  heardAt: row.heard_at,
  group: row.grp,
});
