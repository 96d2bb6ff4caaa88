// One report batch out of the log: how many entries fit, what is stated lost, and how far the account reaches.
import type { EventLog } from '#agent/ports.ts';
import { formatInstant } from '#shared/ids.ts';
import { MAX_MESSAGE_BYTES } from '#shared/protocol/broker.ts';
import type { Result } from '#shared/result.ts';
import { eventSchema } from '#shared/run/event.ts';
import { encodeBase64 } from '#shared/trust/base64.ts';
import { headBytes } from '#shared/trust/chain.ts';
import type { Signer } from '#shared/trust/crypto.ts';
import type { HeadReceipt, ReportDocument } from '#shared/trust/documents.ts';
import { sealEnvelope } from '#shared/trust/envelope.ts';

export const MAX_BATCH_ENTRIES = 64;

export interface BatchSource {
  readonly fleet: string;
  readonly agent: string;
  readonly log: Pick<EventLog, 'head' | 'read' | 'hashAt'>;
  readonly signer: Signer;
  /** Planning cursor now, epoch milliseconds: everything nominal up to it is in the log. */
  readonly cursorAt: () => number;
  readonly pack: (bytes: Uint8Array) => Result<Uint8Array>;
  /** Entries no broker takes; they are stated lost instead of sent. */
  readonly isParked: (seq: number) => boolean;
}

export interface Batch {
  readonly from: number;
  readonly to: number;
  /** Planning cursor it states. */
  readonly cursor: string;
  /** As sent. */
  readonly bytes: Uint8Array;
}

/** `too-large`: the single entry `seq` fits into no message. `none`: there is nothing from `from` on. */
export type NextBatch =
  | { readonly is: 'batch'; readonly batch: Batch }
  | { readonly is: 'too-large'; readonly seq: number }
  | { readonly is: 'none' };

/**
 * The batch that begins at `from`, with at most `limit` entries and at most 60 KB as sent. Only a batch that ends with
 * the log states the planning cursor itself; an older one states what its entries say, or `floorCursor`.
 */
export function nextBatch(
  source: BatchSource,
  from: number,
  limit: number,
  floorCursor: string,
): NextBatch {
  const { log, isParked } = source;
  const head = log.head();
  if (from > head.seq) return { is: 'none' };
  const kept = log.read(from, limit);
  const start = kept.findIndex(({ seq }) => !isParked(seq));
  const sendable = start < 0 ? [] : kept.slice(start);
  const nextParked = sendable.findIndex(({ seq }) => isParked(seq));
  const entries = nextParked < 0 ? sendable : sendable.slice(0, nextParked);
  const first = entries[0]?.seq ?? (kept.at(-1)?.seq ?? head.seq) + 1;
  for (let count = entries.length; ; count = Math.floor(count / 2)) {
    const packed = pack(
      source,
      { asked: from, first, entries: entries.slice(0, count) },
      floorCursor,
    );
    if (packed) return { is: 'batch', batch: packed };
    if (count <= 1) return { is: 'too-large', seq: first };
  }
}

interface Range {
  readonly asked: number;
  readonly first: number;
  readonly entries: readonly { readonly seq: number; readonly bytes: string }[];
}

/** Undefined when it is too large as sent. */
function pack(source: BatchSource, range: Range, floorCursor: string): Batch | undefined {
  const { log, signer, fleet, agent } = source;
  const { asked, first, entries } = range;
  const to = first + entries.length - 1;
  const previous = hashAt(log, first - 1);
  const { incarnation, seq } = log.head();
  const hash = hashAt(log, to);
  const cursor =
    to === seq ? formatInstant(source.cursorAt()) : (lastCursor(entries) ?? floorCursor);
  const payload: ReportDocument = {
    kind: 'report',
    fleet,
    agent,
    incarnation,
    from: first,
    to,
    previous,
    head: signHead(signer, { fleet, agent, incarnation, seq: to, hash }),
    cursor,
    entries: entries.map(({ bytes }) => bytes),
    ...(first > asked ? { lost: { from: asked, to: first - 1, head: previous } } : {}),
  };
  const packed = source.pack(sealEnvelope('report', payload, [signer]));
  if (!packed.ok || packed.value.byteLength > MAX_MESSAGE_BYTES) return undefined;
  return { from: first, to, cursor, bytes: packed.value };
}

/** The planning cursor that the entries themselves state, if any does. */
function lastCursor(entries: Range['entries']): string | undefined {
  for (const { bytes } of [...entries].reverse()) {
    if (!bytes.includes('"cursor"')) continue;
    const event = eventSchema.safeParse(JSON.parse(bytes));
    if (event.success && 'cursor' in event.data) return event.data.cursor;
  }
  return undefined;
}

/** The device's own signature over a head of its log: what a collector's ack must show again. */
export function signHead(
  signer: Signer,
  head: Omit<HeadReceipt, 'sig'> & { readonly fleet: string; readonly agent: string },
): HeadReceipt {
  const { incarnation, seq, hash } = head;
  return { incarnation, seq, hash, sig: encodeBase64(signer.sign(headBytes(head))) };
}

function hashAt(log: BatchSource['log'], seq: number): string {
  const hash = log.hashAt(seq);
  if (hash === undefined) throw new Error(`the log has no hash after entry ${seq}`);
  return hash;
}
