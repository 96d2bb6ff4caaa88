// The exact copy of every machine's log: signed messages as received, the entries in them, heads and stated losses.

import type { LogHead, LogTable, LossRecord, StoredReport } from '#console/core/ports.ts';
import type { Db } from '#shared/node/sqlite.ts';
import { headReceiptSchema } from '#shared/trust/documents.ts';

interface HeadRow {
  readonly incarnation: number;
  readonly seq: number;
  readonly hash: string;
  readonly receipt: string | null;
}

/** Prepared statements over `heads`, `reports`, `events` and `losses`. */
export function logTable(db: Db): LogTable {
  const heads = db.prepare<[number], HeadRow>(
    'SELECT incarnation, seq, hash, receipt FROM heads WHERE agent = ? ORDER BY incarnation DESC',
  );
  const setHead =
    db.prepare(`INSERT INTO heads (agent, incarnation, seq, hash, receipt) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET seq = excluded.seq, hash = excluded.hash, receipt = excluded.receipt`);
  const parsed = (row: HeadRow): LogHead => ({
    ...row,
    receipt: row.receipt === null ? null : headReceiptSchema.parse(JSON.parse(row.receipt)),
  });
  return {
    head: (agentId) => {
      const row = heads.get(agentId);
      return row === undefined ? undefined : parsed(row);
    },
    heads: (agentId) => heads.all(agentId).map(parsed),
    setHead: (agentId, { incarnation, seq, hash, receipt }) =>
      void setHead.run(agentId, incarnation, seq, hash, receipt && JSON.stringify(receipt)),
    ...reports(db),
    ...events(db),
  };
}

function reports(db: Db) {
  const add =
    db.prepare(`INSERT INTO reports (agent, incarnation, from_seq, to_seq, received_at, message)
    VALUES (?, ?, ?, ?, ?, ?)`);
  const list = db.prepare<
    [number, number, number, number, number],
    StoredReport
  >(`SELECT id, incarnation, from_seq AS "from", to_seq AS "to",
    message FROM reports WHERE agent = ? AND (incarnation, from_seq, id) > (?, ?, ?)
    ORDER BY incarnation, from_seq, id LIMIT ?`);
  const addLoss = db.prepare(`INSERT INTO losses (agent, incarnation, from_seq, to_seq, hash, at)
    VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`);
  const losses = db.prepare<
    [number],
    LossRecord
  >(`SELECT incarnation, from_seq AS "from", to_seq AS "to", hash
    FROM losses WHERE agent = ? ORDER BY incarnation, from_seq`);
  return {
    addReport: (agentId: number, report: Omit<StoredReport, 'id'>, at: number) => {
      const { incarnation, from, to, message } = report;
      add.run(agentId, incarnation, from, to, at, Buffer.from(message));
    },
    reports: (agentId: number, after: StoredReport | undefined, limit: number) =>
      list.all(agentId, after?.incarnation ?? 0, after?.from ?? 0, after?.id ?? 0, limit),
    addLoss: (agentId: number, loss: LossRecord, at: number) =>
      void addLoss.run(agentId, loss.incarnation, loss.from, loss.to, loss.hash, at),
    losses: (agentId: number) => losses.all(agentId),
  };
}

function events(db: Db) {
  const add = db.prepare(
    'INSERT INTO events (agent, incarnation, seq, kind, body) VALUES (?, ?, ?, ?, ?)',
  );
  const one = db
    .prepare<[number, number, number], string>(
      'SELECT body FROM events WHERE agent = ? AND incarnation = ? AND seq = ?',
    )
    .pluck();
  const count = db.prepare<[number], number>('SELECT count(*) FROM events WHERE agent = ?').pluck();
  const plan = db
    .prepare<[number], string>(
      `SELECT body FROM events WHERE agent = ? AND kind IN
        ('document-applied', 'paused', 'resumed', 'held', 'released', 'clock', 'loss') ORDER BY incarnation, seq`,
    )
    .pluck();
  return {
    addEvent: (agentId: number, incarnation: number, seq: number, kind: string, body: string) =>
      void add.run(agentId, incarnation, seq, kind, body),
    event: (agentId: number, incarnation: number, seq: number) =>
      one.get(agentId, incarnation, seq),
    countEvents: (agentId: number) => count.get(agentId) ?? 0,
    planEvents: (agentId: number) => plan.all(agentId),
  };
}
