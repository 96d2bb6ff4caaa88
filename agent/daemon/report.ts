// Sending the log: a window of batches while connected, again after a silence; only the collector's ack moves on.

import { formatInstant } from '#shared/ids.ts';
import { MAX_IN_FLIGHT } from '#shared/protocol/broker.ts';
import type { Result } from '#shared/result.ts';
import type { NewEvent } from '#shared/run/event.ts';
import { eventSchema } from '#shared/run/event.ts';
import type { Context } from './context.ts';
import { type Batch, type BatchSource, MAX_BATCH_ENTRIES, nextBatch } from './report-batch.ts';

/** Sends one batch; resolves at PUBACK. `fill`: the collector asked for it again. */
type Send = (bytes: Uint8Array, as: 'events' | 'fill') => Promise<Result<void>>;

export interface ReportPump {
  /** A new connection is up: everything unacknowledged is sent again. */
  readonly start: (send: Send) => void;
  /** The connection ended; batches under way are suspects. */
  readonly stop: () => void;
  /** Something was appended. Sends after a short linger, so that a burst becomes one batch. */
  readonly wake: () => void;
  /** The collector has everything up to the store's acknowledged entry. */
  readonly acknowledged: () => void;
  /** The collector asks for entries from `from` on again. */
  readonly rewind: (from: number) => void;
}

export interface PumpOptions {
  readonly pack: BatchSource['pack'];
  readonly cursorAt: () => number;
  readonly lingerMs?: number;
  /** Unacknowledged entries are sent again after this silence. */
  readonly quietMs?: number;
}

const CLOSINGS_BEFORE_SPLIT = 3;
const EPOCH_START = '1970-01-01T00:00:00Z';

export function createReportPump(context: Context, options: PumpOptions): ReportPump {
  const { store, clock, identity, signer, log } = context;
  const { lingerMs = 200, quietMs = 30_000 } = options;
  const parked = new Set<number>();
  /** Batches that were under way when a connection ended, by first entry: how often, and how few entries to try. */
  const suspects = new Map<number, { closings: number; limit: number }>();
  const inFlight = new Map<number, Batch>();
  const source: BatchSource = {
    fleet: identity.fleet,
    agent: identity.agent,
    log: store.log,
    signer,
    cursorAt: options.cursorAt,
    pack: options.pack,
    isParked: (seq) => parked.has(seq),
  };
  let send: Send | undefined;
  let next = store.log.acknowledged().seq + 1;
  let progressMs = clock.now().monoMs;
  let lastRewind = { from: 0, atMs: Number.NEGATIVE_INFINITY };
  let fillTo = 0;
  let stated = { to: 0, cursor: EPOCH_START };
  let linger: { readonly cancel: () => void } | undefined;
  let quiet: { readonly cancel: () => void } | undefined;

  const park = (seq: number): void => {
    parked.add(seq);
    suspects.delete(seq);
    log.error({ seq }, 'an entry no broker takes is stated lost');
    store.transaction(() =>
      store.log.append(parkedEvents(store.log.read(seq, 1)[0], clock.now().wallAt)),
    );
  };

  const transmit = (batch: Batch, via: Send): void => {
    inFlight.set(batch.from, batch);
    progressMs = clock.now().monoMs;
    void via(batch.bytes, batch.to <= fillTo ? 'fill' : 'events').then((result) => {
      if (send !== via) return;
      inFlight.delete(batch.from);
      if (result.ok) suspects.delete(batch.from);
      else if (result.fault.code === 'TOO_LARGE') suspects.set(batch.from, halved(batch));
      else log.debug({ fault: result.fault, from: batch.from }, 'batch not sent');
      pump();
    });
  };

  const pump = (): void => {
    while (send && inFlight.size < (suspects.size > 0 ? 1 : MAX_IN_FLIGHT)) {
      if (inFlight.has(next)) return;
      const limit = suspects.get(next)?.limit ?? MAX_BATCH_ENTRIES;
      const floor = stated.to < next ? stated.cursor : EPOCH_START;
      const found = nextBatch(source, next, limit, floor);
      if (found.is === 'none') return;
      if (found.is === 'too-large') {
        park(found.seq);
        continue;
      }
      if (found.batch.to >= stated.to) stated = found.batch;
      next = found.batch.to + 1;
      transmit(found.batch, send);
    }
  };

  const resend = (): void => {
    quiet = clock.after(Math.min(quietMs, 5_000), resend);
    const acked = store.log.acknowledged().seq;
    if (next > acked + 1 && inFlight.size === 0 && clock.now().monoMs - progressMs >= quietMs) {
      log.debug({ from: acked + 1 }, 'no ack for a while, sending again');
      next = acked + 1;
      fillTo = 0;
    }
    pump();
  };

  const suspect = (): void => {
    for (const batch of inFlight.values()) {
      const before = suspects.get(batch.from);
      const closings = (before?.closings ?? 0) + 1;
      if (closings < CLOSINGS_BEFORE_SPLIT) {
        suspects.set(batch.from, { closings, limit: before?.limit ?? MAX_BATCH_ENTRIES });
      } else if (batch.to > batch.from) suspects.set(batch.from, halved(batch));
      else park(batch.from);
    }
  };

  return {
    start: (via) => {
      send = via;
      fillTo = 0;
      inFlight.clear();
      next = store.log.acknowledged().seq + 1;
      progressMs = clock.now().monoMs;
      quiet?.cancel();
      resend();
    },
    stop: () => {
      if (send) suspect();
      send = undefined;
      inFlight.clear();
      linger?.cancel();
      linger = undefined;
      quiet?.cancel();
    },
    wake: () => {
      if (!send || linger) return;
      linger = clock.after(lingerMs, () => {
        linger = undefined;
        pump();
      });
    },
    acknowledged: () => {
      progressMs = clock.now().monoMs;
      const acked = store.log.acknowledged().seq;
      for (const seq of [...suspects.keys(), ...parked]) {
        if (seq > acked) continue;
        suspects.delete(seq);
        parked.delete(seq);
      }
      next = Math.max(next, acked + 1);
      pump();
    },
    rewind: (from) => {
      const { monoMs } = clock.now();
      // Every ack repeats the wish until it is met: answer it once, then give the answer time.
      if (from >= next || (from === lastRewind.from && monoMs - lastRewind.atMs < 5_000)) return;
      lastRewind = { from, atMs: monoMs };
      fillTo = next - 1;
      next = from;
      pump();
    },
  };
}

const halved = (batch: Batch): { closings: number; limit: number } => ({
  closings: 0,
  limit: Math.max(1, Math.floor((batch.to - batch.from + 1) / 2)),
});

function parkedEvents(
  entry: { readonly seq: number; readonly bytes: string } | undefined,
  wallAt: number,
): NewEvent[] {
  if (!entry) return [];
  const at = formatInstant(wallAt);
  const parsed = eventSchema.safeParse(JSON.parse(entry.bytes));
  const rows = parsed.success && parsed.data.kind === 'ledger' ? parsed.data.rows : [];
  return [
    {
      kind: 'loss',
      at,
      what: 'events',
      from: entry.seq,
      to: entry.seq,
      bytes: entry.bytes.length,
      occurrences: rows.map(({ schedule, from, to, count }) => ({ schedule, from, to, count })),
    },
    { kind: 'state', at, code: 'REPORT_PARKED', detail: `entry ${entry.seq} fits into no message` },
  ];
}
