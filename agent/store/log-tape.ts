// The entries and the anchor of the log as they lie in the file, with the head kept in memory.
import { sha256 } from '#shared/node/sha256.ts';
import type { Db } from '#shared/node/sqlite.ts';
import type { NewEvent } from '#shared/run/event.ts';
import { chainNext, chainStart } from '#shared/trust/chain.ts';
import { type HeadReceipt, headReceiptSchema } from '#shared/trust/documents.ts';

interface Tail {
  readonly incarnation: number;
  readonly seq: number;
  readonly hash: string;
  readonly totalBytes: number;
}
interface Anchor extends Tail {
  readonly acknowledged: number;
  readonly receipt: HeadReceipt | null;
}
export type EntryRow = { seq: number; bytes: string; hash: string; total_bytes: number };

export interface LogTape {
  /** The entry before the oldest one kept. */
  readonly anchor: () => Anchor;
  readonly tail: () => Tail;
  readonly add: (event: NewEvent) => void;
  /** Deletes up to `seq` and moves the anchor there. */
  readonly cut: (seq: number) => void;
  readonly acknowledge: (receipt: HeadReceipt) => void;
  /** Empties the tape and begins the chain of another incarnation. */
  readonly restart: (incarnation: number) => void;
  readonly entry: (seq: number) => EntryRow | undefined;
  readonly range: (from: number, to: number) => readonly EntryRow[];
  readonly read: (from: number, limit: number) => readonly Omit<EntryRow, 'total_bytes'>[];
  /** Forgets cached values: a transaction was rolled back. */
  readonly reset: () => void;
}

/** All writes happen inside the caller's transaction. */
export function openTape(db: Db, fleet: string, agent: string): LogTape {
  const sql = prepareLog(db);
  const startOf = (incarnation: number) => chainStart(fleet, agent, incarnation, sha256);
  // Only a new file is written to: others may be looking while the daemon works.
  if (sql.anchor.get() === undefined) {
    db.prepare('INSERT OR IGNORE INTO log_anchor VALUES (1, 1, 0, ?, 0, 0, NULL)').run(startOf(1));
  }
  let anchor = readAnchor(sql);
  let tail = readTail(sql, anchor);
  const moveAnchor = (next: Anchor): void => {
    anchor = next;
    saveAnchor(sql, next);
  };
  const entry = (seq: number) => sql.one.get(seq) as EntryRow | undefined;
  return {
    anchor: () => anchor,
    tail: () => tail,
    add: (event) => {
      const seq = tail.seq + 1;
      const bytes = JSON.stringify({ seq, ...event });
      const hash = chainNext(tail.hash, bytes, sha256);
      const totalBytes = tail.totalBytes + Buffer.byteLength(bytes);
      sql.insert.run(seq, bytes, hash, totalBytes);
      tail = { incarnation: tail.incarnation, seq, hash, totalBytes };
    },
    cut: (seq) => {
      const last = entry(seq);
      if (!last) return;
      sql.cut.run(seq);
      moveAnchor({ ...anchor, seq, hash: last.hash, totalBytes: last.total_bytes });
    },
    acknowledge: (receipt) => moveAnchor({ ...anchor, acknowledged: receipt.seq, receipt }),
    restart: (incarnation) => {
      sql.cut.run(tail.seq);
      const empty = { incarnation, seq: 0, hash: startOf(incarnation), totalBytes: 0 };
      moveAnchor({ ...empty, acknowledged: 0, receipt: null });
      tail = empty;
    },
    entry,
    range: (from, to) => sql.range.all(from, to) as EntryRow[],
    read: (from, limit) => sql.read.all(from, limit) as EntryRow[],
    reset: () => {
      anchor = readAnchor(sql);
      tail = readTail(sql, anchor);
    },
  };
}

const prepareLog = (db: Db) => ({
  insert: db.prepare('INSERT INTO log VALUES (?, ?, ?, ?)'),
  one: db.prepare('SELECT * FROM log WHERE seq = ?'),
  last: db.prepare('SELECT * FROM log ORDER BY seq DESC LIMIT 1'),
  range: db.prepare('SELECT * FROM log WHERE seq BETWEEN ? AND ? ORDER BY seq'),
  read: db.prepare('SELECT seq, bytes, hash FROM log WHERE seq >= ? ORDER BY seq LIMIT ?'),
  cut: db.prepare('DELETE FROM log WHERE seq <= ?'),
  anchor: db.prepare('SELECT * FROM log_anchor'),
  saveAnchor: db.prepare(
    `UPDATE log_anchor SET incarnation = ?, seq = ?, hash = ?, total_bytes = ?, acknowledged = ?,
     receipt = ?`,
  ),
});
type LogSql = ReturnType<typeof prepareLog>;

type AnchorRow = {
  incarnation: number;
  seq: number;
  hash: string;
  total_bytes: number;
  acknowledged: number;
  receipt: string | null;
};

function readAnchor(sql: LogSql): Anchor {
  const row = sql.anchor.get() as AnchorRow;
  return {
    incarnation: row.incarnation,
    seq: row.seq,
    hash: row.hash,
    totalBytes: row.total_bytes,
    acknowledged: row.acknowledged,
    receipt: row.receipt === null ? null : headReceiptSchema.parse(JSON.parse(row.receipt)),
  };
}

function readTail(sql: LogSql, anchor: Anchor): Tail {
  const last = sql.last.get() as EntryRow | undefined;
  if (!last) return anchor;
  const { seq, hash: chained, total_bytes: totalBytes } = last;
  return { incarnation: anchor.incarnation, seq, hash: chained, totalBytes };
}

const saveAnchor = (sql: LogSql, anchor: Anchor): void => {
  const receipt = anchor.receipt === null ? null : JSON.stringify(anchor.receipt);
  const { incarnation, seq, hash: chained, totalBytes, acknowledged } = anchor;
  sql.saveAnchor.run(incarnation, seq, chained, totalBytes, acknowledged, receipt);
};
