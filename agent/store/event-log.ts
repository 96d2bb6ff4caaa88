// The hash-chained log and outbox: numbers, chains, keeps within its size, and says what it had to drop.
import type { EventLog } from '#agent/ports.ts';
import type { Db } from '#shared/node/sqlite.ts';
import { eventSchema, type NewEvent } from '#shared/run/event.ts';
import { describeLoss } from './log-loss.ts';
import { type EntryRow, type LogTape, openTape } from './log-tape.ts';

/** Acknowledged entries kept for other readers of this machine's log. */
const KEEP_ACKNOWLEDGED = 1_000;
/** Entries dropped at once when the log is full: one loss record tells of all of them. */
const DROP_BATCH = 2_000;

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
  const tape = openTape(db, fleet, agent);
  const { anchor, tail } = tape;
  return {
    append: (events) => {
      if (events.length === 0) return;
      transaction(() => {
        for (const event of events) tape.add(event);
        if (keptBytes(tape) > maxBytes) shrink(db, tape, maxBytes, (events[0] as NewEvent).at);
      });
    },
    head: () => ({ incarnation: tail().incarnation, seq: tail().seq, hash: tail().hash }),
    read: (from, limit) => tape.read(from, limit),
    hashAt: (seq) => (seq === anchor().seq ? anchor().hash : tape.entry(seq)?.hash),
    acknowledged: () => ({ seq: anchor().acknowledged, receipt: anchor().receipt }),
    acknowledge: (receipt) => {
      if (receipt.incarnation !== tail().incarnation || receipt.seq > tail().seq) {
        const { seq, incarnation } = receipt;
        throw new Error(`receipt for ${incarnation}:${seq}, which this log does not have`);
      }
      if (receipt.seq < anchor().acknowledged) return;
      transaction(() => {
        tape.acknowledge(receipt);
        const upTo = Math.min(receipt.seq, tail().seq - KEEP_ACKNOWLEDGED);
        if (upTo > anchor().seq) tape.cut(upTo);
      });
    },
    firstKept: () => anchor().seq + 1,
    beginIncarnation: (after) =>
      transaction(() => {
        const kept = tape.range(anchor().acknowledged + 1, tail().seq);
        tape.restart(Math.max(after, tail().incarnation) + 1);
        for (const { bytes } of kept) {
          const { seq: _, ...event } = eventSchema.parse(JSON.parse(bytes));
          tape.add(event);
        }
      }),
    reset: tape.reset,
  };
}

const keptBytes = ({ tail, anchor }: LogTape): number => tail().totalBytes - anchor().totalBytes;

/** Acknowledged entries go first, then the oldest; never the newest one. */
function shrink(db: Db, tape: LogTape, maxBytes: number, at: string): void {
  const { anchor, tail } = tape;
  if (anchor().acknowledged > anchor().seq) {
    tape.cut(Math.min(anchor().acknowledged, tail().seq - 1));
  }
  while (keptBytes(tape) > maxBytes && anchor().seq + 1 < tail().seq) {
    const from = anchor().seq + 1;
    const bytesBefore = anchor().totalBytes;
    const entries = tape.range(from, Math.min(from + DROP_BATCH, tail().seq) - 1);
    const dropped = entries.slice(0, fewest(entries, keptBytes(tape) - maxBytes, bytesBefore));
    const to = (dropped.at(-1) as EntryRow).seq;
    tape.cut(to);
    const bytes = anchor().totalBytes - bytesBefore;
    for (const loss of describeLoss(db, { at, from, to, bytes, dropped })) tape.add(loss);
  }
}

/** How many of the oldest entries must go to free `excess` bytes and an eighth more of the batch, so that it is seldom. */
function fewest(entries: readonly EntryRow[], excess: number, bytesBefore: number): number {
  const enough = entries.findIndex((entry) => entry.total_bytes - bytesBefore >= excess);
  return enough < 0 ? entries.length : Math.min(entries.length, enough + 1 + (entries.length >> 3));
}
