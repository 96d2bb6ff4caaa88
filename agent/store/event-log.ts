// The hash-chained log and outbox: numbers, chains, keeps within its size, and says what it had to drop.
import type { EventLog } from '#agent/ports.ts';
import { sha256 } from '#shared/node/sha256.ts';
import type { Db } from '#shared/node/sqlite.ts';
import { eventSchema, type NewEvent } from '#shared/run/event.ts';
import { chainNext, chainStart } from '#shared/trust/chain.ts';
import { type HeadReceipt, headReceiptSchema } from '#shared/trust/documents.ts';
import { describeLoss } from './log-loss.ts';

/** Acknowledged entries kept for other readers of this machine's log. */
const KEEP_ACKNOWLEDGED = 1_000;
/** Entries dropped at once when the log is full: one loss record tells of all of them. */
const DROP_BATCH = 2_000;

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
type EntryRow = { seq: number; bytes: string; hash: string; total_bytes: number };

export interface StoredLog extends EventLog {
  /** Number of the oldest entry still kept; head().seq + 1 when there is none. */
  readonly firstKept: () => number;
  /**
   * The collector knows a later history than this disk: begins a chain of a new incarnation, above `after` and the
   * present one. Entries not yet acknowledged are entered again; their facts count, their old numbers are taken.
   */
  readonly beginIncarnation: (after: number) => void;
  /** Forgets cached values: a transaction was rolled back. */
  readonly reset: () => void;
}

export interface LogOptions {
  readonly fleet: string;
  readonly agent: string;
  /** Bytes of entries kept; beyond, the oldest go and a loss record says so. */
  readonly maxBytes: number;
}

/** `transaction` joins or opens the caller's transaction. */
export function openEventLog(
  db: Db,
  { fleet, agent, maxBytes }: LogOptions,
  transaction: <T>(work: () => T) => T,
): StoredLog {
  const sql = prepareLog(db);
  const start = chainStart(fleet, agent, 1, sha256);
  db.prepare('INSERT OR IGNORE INTO log_anchor VALUES (1, 1, 0, ?, 0, 0, NULL)').run(start);
  let anchor = readAnchor(sql);
  let tail = readTail(sql, anchor);

  const add = (event: NewEvent): void => {
    const seq = tail.seq + 1;
    const bytes = JSON.stringify({ seq, ...event });
    const next = chainNext(tail.hash, bytes, sha256);
    const totalBytes = tail.totalBytes + Buffer.byteLength(bytes);
    sql.insert.run(seq, bytes, next, totalBytes);
    tail = { incarnation: tail.incarnation, seq, hash: next, totalBytes };
  };

  /** Deletes up to `seq` and moves the anchor there. */
  const cut = (seq: number): void => {
    const last = sql.one.get(seq) as EntryRow | undefined;
    if (!last) return;
    sql.cut.run(seq);
    anchor = { ...anchor, seq, hash: last.hash, totalBytes: last.total_bytes };
    saveAnchor(sql, anchor);
  };

  const shrink = (at: string): void => {
    const kept = () => tail.totalBytes - anchor.totalBytes;
    if (kept() > maxBytes && anchor.acknowledged > anchor.seq) {
      cut(Math.min(anchor.acknowledged, tail.seq - 1));
    }
    while (kept() > maxBytes && anchor.seq + 1 < tail.seq) {
      const from = anchor.seq + 1;
      const to = Math.min(anchor.seq + DROP_BATCH, tail.seq - 1);
      const bytesBefore = anchor.totalBytes;
      const entries = sql.range.all(from, to) as EntryRow[];
      const upTo = fewest(entries, kept() - maxBytes, bytesBefore);
      const dropped = entries.slice(0, upTo);
      cut((dropped.at(-1) as EntryRow).seq);
      const bytes = anchor.totalBytes - bytesBefore;
      for (const loss of describeLoss(db, { at, from, to: anchor.seq, bytes, dropped })) add(loss);
    }
  };

  const beginIncarnation = (after: number): void =>
    transaction(() => {
      const kept = sql.range.all(anchor.acknowledged + 1, tail.seq) as EntryRow[];
      const incarnation = Math.max(after, tail.incarnation) + 1;
      const hash = chainStart(fleet, agent, incarnation, sha256);
      sql.cut.run(tail.seq);
      anchor = { incarnation, seq: 0, hash, totalBytes: 0, acknowledged: 0, receipt: null };
      tail = anchor;
      saveAnchor(sql, anchor);
      for (const { bytes } of kept) {
        const { seq: _, ...event } = eventSchema.parse(JSON.parse(bytes));
        add(event);
      }
    });

  return {
    append: (events) => {
      if (events.length === 0) return;
      transaction(() => {
        for (const event of events) add(event);
        if (tail.totalBytes - anchor.totalBytes > maxBytes) shrink((events[0] as NewEvent).at);
      });
    },
    head: () => ({ incarnation: tail.incarnation, seq: tail.seq, hash: tail.hash }),
    read: (from, limit) =>
      sql.read.all(from, limit) as { seq: number; bytes: string; hash: string }[],
    hashAt: (seq) =>
      seq === anchor.seq ? anchor.hash : (sql.one.get(seq) as EntryRow | undefined)?.hash,
    acknowledged: () => ({ seq: anchor.acknowledged, receipt: anchor.receipt }),
    acknowledge: (receipt) => {
      if (receipt.incarnation !== tail.incarnation || receipt.seq > tail.seq) {
        throw new Error(
          `receipt for entry ${receipt.seq} of incarnation ${receipt.incarnation}, which this log does not have`,
        );
      }
      if (receipt.seq < anchor.acknowledged) return;
      transaction(() => {
        anchor = { ...anchor, acknowledged: receipt.seq, receipt };
        saveAnchor(sql, anchor);
        const upTo = Math.min(receipt.seq, tail.seq - KEEP_ACKNOWLEDGED);
        if (upTo > anchor.seq) cut(upTo);
      });
    },
    firstKept: () => anchor.seq + 1,
    beginIncarnation,
    reset: () => {
      anchor = readAnchor(sql);
      tail = readTail(sql, anchor);
    },
  };
}

/** How many of the oldest entries must go to free `excess` bytes and an eighth more of the batch, so that it is seldom. */
function fewest(entries: readonly EntryRow[], excess: number, bytesBefore: number): number {
  const enough = entries.findIndex((entry) => entry.total_bytes - bytesBefore >= excess);
  return enough < 0 ? entries.length : Math.min(entries.length, enough + 1 + (entries.length >> 3));
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
