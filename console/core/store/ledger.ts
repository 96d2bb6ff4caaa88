// Ledger rows: the latest row of a key (agent, schedule, from) stands.

import type { ListFilter } from '#console/core/ports.ts';
import type { LedgerEntry } from '#console/views.ts';
import { formatInstant, parseInstant } from '#shared/ids.ts';
import type { Db } from '#shared/node/sqlite.ts';
import type { Disposition, LedgerRow } from '#shared/run/ledger.ts';

interface Row {
  readonly agent: string;
  readonly schedule: string;
  readonly agentId: number;
  readonly scheduleId: number;
  readonly from_at: number;
  readonly to_at: number;
  readonly count: number;
  readonly due_at: number;
  readonly disposition: Disposition;
  readonly reason: string | null;
  readonly detail: string | null;
  readonly run: string | null;
}

const SELECT = `SELECT a.name AS agent, s.key AS schedule, l.agent AS agentId, l.schedule AS scheduleId,
  l.from_at, l.to_at, l.count, l.due_at, l.disposition, l.reason, l.detail, l.run
  FROM ledger l CROSS JOIN agents a ON a.id = l.agent CROSS JOIN schedules s ON s.id = l.schedule`;

export function ledgerTable(
  db: Db,
  scheduleId: (key: string) => number,
  findSchedule: (key: string) => number | undefined,
) {
  const put =
    db.prepare(`INSERT INTO ledger (agent, schedule, from_at, to_at, count, due_at, disposition, reason,
    detail, run) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET to_at = excluded.to_at,
    count = excluded.count, due_at = excluded.due_at, disposition = excluded.disposition, reason = excluded.reason,
    detail = excluded.detail, run = excluded.run`);
  const ofAgent = db.prepare<[number], Row>(
    `${SELECT} WHERE l.agent = ? ORDER BY s.key, l.from_at`,
  );
  const at = db.prepare<
    [number, number, number],
    Row
  >(`${SELECT} WHERE l.agent = ? AND l.schedule = ?
    AND l.from_at <= ? ORDER BY l.from_at DESC LIMIT 1`);
  const retold = db.prepare(
    'DELETE FROM ledger WHERE agent = ? AND schedule = ? AND from_at > ? AND from_at <= ?',
  );
  const withdraw = db.prepare('DELETE FROM ledger WHERE agent = ? AND from_at > ? AND run IS NULL');
  return {
    dropRetold: (agentId: number, { schedule, from, to }: LedgerRow, upToAt: number) => {
      const until = Math.min(parseInstant(to), upToAt);
      retold.run(agentId, scheduleId(schedule), parseInstant(from), until);
    },
    withdrawAfter: (agentId: number, at: number) => void withdraw.run(agentId, at),
    putRow: (agentId: number, row: LedgerRow) => {
      const { count, disposition, reason, detail, run } = row;
      const [from, to, due] = [row.from, row.to, row.due].map(parseInstant);
      const key = scheduleId(row.schedule);
      put.run(agentId, key, from, to, count, due, disposition, reason, detail, run);
    },
    rows: (agentId: number) => ofAgent.all(agentId).map(parseRow),
    rowAt: (agentId: number, schedule: string, instant: number) => {
      const id = findSchedule(schedule);
      const row = id === undefined ? undefined : at.get(agentId, id, instant);
      return row !== undefined && row.to_at >= instant ? parseRow(row) : undefined;
    },
    listRows: (filter: ListFilter) => listRows(db, filter, findSchedule),
  };
}

const ID_OF_AGENT = 'SELECT id FROM agents WHERE name = ?';

/** Newest first; `before` is `<from> <agent> <schedule>` of the last row of the page before. */
function listRows(
  db: Db,
  filter: ListFilter,
  findSchedule: (key: string) => number | undefined,
): readonly LedgerEntry[] {
  const where: string[] = [];
  const values: (number | string)[] = [];
  const and = (clause: string, ...given: readonly (number | string)[]) => {
    where.push(clause);
    values.push(...given);
  };
  const { agent, schedule, sinceAt, untilAt } = filter;
  if (filter.unrun) where.push('l.run IS NULL');
  if (agent !== undefined) and('l.agent = ?', agent);
  if (schedule !== undefined) and('l.schedule = ?', schedule);
  if (untilAt !== undefined) and('l.from_at <= ?', untilAt);
  const [from, name, key] = (filter.before ?? '').split(' ');
  if (from && name && key) {
    const agentId = db.prepare<[string], number>(ID_OF_AGENT).pluck().get(name);
    const last = [parseInstant(from), agentId ?? 0, findSchedule(key) ?? 0] as const;
    if (!Number.isFinite(last[0])) return [];
    and('(l.from_at, l.agent, l.schedule) < (?, ?, ?)', ...last);
  }
  const read = (index: string, more: string, given: readonly number[], limit: number) => {
    const clause = [more, ...where].filter((term) => term !== '').join(' AND ');
    const source = SELECT.replace('FROM ledger l', `FROM ledger l ${index}`);
    const order = 'ORDER BY l.from_at DESC, l.agent DESC, l.schedule DESC LIMIT ?';
    return db
      .prepare<unknown[], Row>(`${source} ${clause === '' ? '' : `WHERE ${clause}`} ${order}`)
      .all(...given, ...values, limit);
  };
  const index = indexFor(filter);
  if (sinceAt === undefined) return read(index, '', [], filter.limit).map(entry);
  const rows = read(index, 'l.from_at >= ?', [sinceAt], filter.limit);
  const left = filter.limit - rows.length;
  if (left === 0) return rows.map(entry);
  // Ranges that began before the window and reach into it: older than everything above.
  const reaching = 'l.from_at <> l.to_at AND l.to_at >= ? AND l.from_at < ?';
  const old = read('INDEXED BY ledger_ranges', reaching, [sinceAt, sinceAt], left);
  return [...rows, ...old].map(entry);
}

const entry = (row: Row): LedgerEntry => ({ ...parseRow(row), agent: row.agent });

function indexFor({ agent, schedule, unrun }: ListFilter): string {
  if (unrun && agent !== undefined && schedule === undefined) return 'INDEXED BY ledger_unrun';
  // Both together are the key of the table itself.
  if (agent !== undefined && schedule !== undefined) return 'NOT INDEXED';
  if (agent !== undefined) return 'INDEXED BY ledger_by_agent';
  return schedule === undefined ? 'INDEXED BY ledger_by_time' : 'INDEXED BY ledger_by_schedule';
}

const parseRow = (row: Row): LedgerRow => ({
  schedule: row.schedule,
  from: formatInstant(row.from_at),
  to: formatInstant(row.to_at),
  count: row.count,
  due: formatInstant(row.due_at),
  disposition: row.disposition,
  reason: row.reason,
  detail: row.detail,
  run: row.run,
});
