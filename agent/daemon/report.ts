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
const LOOK_EVERY_MS = 5_000;
const REWIND_PAUSE_MS = 5_000;
const EPOCH_START = '1970-01-01T00:00:00Z';

export function createReportPump(context: Context, options: PumpOptions): ReportPump {
  const pump = new Pump(context, options);
  return {
    start: (send) => pump.start(send),
    stop: () => pump.stop(),
    wake: () => pump.wake(),
    acknowledged: () => pump.acknowledged(),
    rewind: (from) => pump.rewind(from),
  };
}

interface Timer {
  readonly cancel: () => void;
}

class Pump {
  readonly #context: Context;
  readonly #source: BatchSource;
  readonly #lingerMs: number;
  readonly #quietMs: number;
  readonly #parked = new Set<number>();
  /** Batches that were under way when a connection ended, by first entry: how often, and how few entries to try. */
  readonly #suspects = new Map<number, { readonly closings: number; readonly limit: number }>();
  readonly #inFlight = new Map<number, Batch>();
  #send: Send | undefined;
  #next: number;
  /** Entries up to here go out as a fill: the collector asked for them again. */
  #fillTo = 0;
  #progressMs: number;
  #lastRewind = { from: 0, atMs: Number.NEGATIVE_INFINITY };
  #stated = { to: 0, cursor: EPOCH_START };
  #linger: Timer | undefined;
  #quiet: Timer | undefined;

  constructor(context: Context, { pack, cursorAt, lingerMs = 200, quietMs = 30_000 }: PumpOptions) {
    const { store, identity, signer, clock } = context;
    this.#context = context;
    this.#lingerMs = lingerMs;
    this.#quietMs = quietMs;
    this.#next = store.log.acknowledged().seq + 1;
    this.#progressMs = clock.now().monoMs;
    this.#source = {
      fleet: identity.fleet,
      agent: identity.agent,
      log: store.log,
      signer,
      cursorAt,
      pack,
      isParked: (seq) => this.#parked.has(seq),
    };
  }

  start(send: Send): void {
    this.#send = send;
    this.#fillTo = 0;
    this.#inFlight.clear();
    this.#next = this.#acknowledgedTo() + 1;
    this.#progressMs = this.#monoMs();
    this.#quiet?.cancel();
    this.#resend();
  }

  stop(): void {
    if (this.#send) this.#suspect();
    this.#send = undefined;
    this.#inFlight.clear();
    this.#linger?.cancel();
    this.#linger = undefined;
    this.#quiet?.cancel();
  }

  wake(): void {
    if (!this.#send || this.#linger) return;
    this.#linger = this.#context.clock.after(this.#lingerMs, () => {
      this.#linger = undefined;
      this.#pump();
    });
  }

  acknowledged(): void {
    this.#progressMs = this.#monoMs();
    const acked = this.#acknowledgedTo();
    for (const seq of [...this.#suspects.keys(), ...this.#parked]) {
      if (seq > acked) continue;
      this.#suspects.delete(seq);
      this.#parked.delete(seq);
    }
    this.#next = Math.max(this.#next, acked + 1);
    this.#pump();
  }

  rewind(from: number): void {
    const monoMs = this.#monoMs();
    const { from: before, atMs } = this.#lastRewind;
    // Every ack repeats the wish until it is met: answer it once, then give the answer time.
    if (from >= this.#next || (from === before && monoMs - atMs < REWIND_PAUSE_MS)) return;
    this.#lastRewind = { from, atMs: monoMs };
    this.#fillTo = this.#next - 1;
    this.#next = from;
    this.#pump();
  }

  #pump(): void {
    // While one batch is a suspect each goes alone, so that the next closing names the culprit.
    const window = () => (this.#suspects.size > 0 ? 1 : MAX_IN_FLIGHT);
    while (this.#send && this.#inFlight.size < window()) {
      if (this.#inFlight.has(this.#next)) return;
      const limit = this.#suspects.get(this.#next)?.limit ?? MAX_BATCH_ENTRIES;
      const floor = this.#stated.to < this.#next ? this.#stated.cursor : EPOCH_START;
      const found = nextBatch(this.#source, this.#next, limit, floor);
      if (found.is === 'none') return;
      if (found.is === 'too-large') {
        this.#park(found.seq);
        continue;
      }
      const { batch } = found;
      if (batch.to >= this.#stated.to) this.#stated = { to: batch.to, cursor: batch.cursor };
      this.#next = batch.to + 1;
      this.#transmit(batch, this.#send);
    }
  }

  #transmit(batch: Batch, via: Send): void {
    this.#inFlight.set(batch.from, batch);
    this.#progressMs = this.#monoMs();
    void via(batch.bytes, batch.to <= this.#fillTo ? 'fill' : 'events').then((result) => {
      if (this.#send !== via) return;
      this.#inFlight.delete(batch.from);
      if (result.ok) this.#suspects.delete(batch.from);
      else if (result.fault.code === 'TOO_LARGE') this.#suspects.set(batch.from, halved(batch));
      else this.#context.log.debug({ code: result.fault.code, from: batch.from }, 'batch not sent');
      this.#pump();
    });
  }

  #resend(): void {
    const wait = Math.min(this.#quietMs, LOOK_EVERY_MS);
    this.#quiet = this.#context.clock.after(wait, () => this.#resend());
    const acked = this.#acknowledgedTo();
    const isQuiet = this.#monoMs() - this.#progressMs >= this.#quietMs;
    if (this.#next > acked + 1 && this.#inFlight.size === 0 && isQuiet) {
      this.#context.log.debug({ from: acked + 1 }, 'no ack for a while, sending again');
      this.#next = acked + 1;
      this.#fillTo = 0;
    }
    this.#pump();
  }

  /** The connection ended: whatever was under way may be why. */
  #suspect(): void {
    for (const batch of this.#inFlight.values()) {
      const before = this.#suspects.get(batch.from);
      const closings = (before?.closings ?? 0) + 1;
      if (closings < CLOSINGS_BEFORE_SPLIT) {
        this.#suspects.set(batch.from, { closings, limit: before?.limit ?? MAX_BATCH_ENTRIES });
      } else if (batch.to > batch.from) this.#suspects.set(batch.from, halved(batch));
      else this.#park(batch.from);
    }
  }

  #park(seq: number): void {
    const { store, clock, log } = this.#context;
    this.#parked.add(seq);
    this.#suspects.delete(seq);
    log.error({ seq }, 'an entry no broker takes is stated lost');
    const entry = store.log.read(seq, 1)[0];
    store.transaction(() => store.log.append(parkedEvents(entry, clock.now().wallAt)));
  }

  #acknowledgedTo(): number {
    return this.#context.store.log.acknowledged().seq;
  }

  #monoMs(): number {
    return this.#context.clock.now().monoMs;
  }
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
