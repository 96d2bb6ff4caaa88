// Live output for whoever looks: asked for by an unsigned hint, told signed, once a second and never stored.
import type { AttemptKey } from '#agent/ports.ts';
import { watchMessageSchema } from '#shared/protocol/messages.ts';
import type { Result } from '#shared/result.ts';
import { MAX_TAIL_BYTES, type TailDocument } from '#shared/trust/documents.ts';
import { sealEnvelope } from '#shared/trust/envelope.ts';
import { parseStrictJson } from '#shared/trust/strict-json.ts';
import type { Context } from './context.ts';

/** What a tail reads of runs. */
export interface LiveOutput {
  /** The attempt that runs now; undefined when none of this run does. */
  readonly attemptOf: (run: string) => number | undefined;
  readonly read: (
    key: AttemptKey,
    fromByte: number,
    maxBytes: number,
  ) => { readonly bytes: Uint8Array; readonly total: number };
}

export interface Tails {
  /** One message from `down/watch`. Anybody may send one: it only asks, and at most so much is told. */
  readonly receive: (payload: Uint8Array) => void;
  /** A link is there. */
  readonly start: (publish: Publish) => void;
  readonly stop: () => void;
}

type Publish = (payload: Uint8Array) => Promise<Result<void>>;

const TELL_EVERY_MS = 1_000;
/** Runs watched at once; further hints are passed over until one ends. */
const MAX_WATCHED = 8;
const MAX_HINT_BYTES = 256;
/** Hints looked at per second. */
const MAX_HINTS = 10;

interface Watched {
  untilMs: number;
  attempt: number;
  nextByte: number;
  /** Bytes there were when it was last told of them. */
  told: number;
  busy: boolean;
}

export function openTails({ identity, signer, clock, log }: Context, output: LiveOutput): Tails {
  const watchedByRun = new Map<string, Watched>();
  let publish: Publish | undefined;
  let timer: { readonly cancel: () => void } | undefined;
  let hints = { secondMs: Number.NEGATIVE_INFINITY, count: 0 };

  const tick = (): void => {
    timer = undefined;
    const { monoMs } = clock.now();
    for (const [run, watched] of watchedByRun) {
      if (monoMs >= watched.untilMs || !tell(run, watched)) watchedByRun.delete(run);
    }
    if (watchedByRun.size > 0 && publish) timer = clock.after(TELL_EVERY_MS, tick);
  };

  /** False when there is nothing more to tell. */
  const tell = (run: string, watched: Watched): boolean => {
    const attempt = output.attemptOf(run);
    if (attempt === undefined) return false;
    if (attempt !== watched.attempt) Object.assign(watched, { attempt, nextByte: 0, told: -1 });
    if (watched.busy || !publish) return true;
    const tail = readTail(output, run, watched);
    if (!tail) return true;
    watched.nextByte = tail.to;
    watched.told = tail.total;
    watched.busy = true;
    const { fleet, agent } = identity;
    const payload = sealEnvelope('tail', { kind: 'tail', fleet, agent, run, attempt, ...tail }, [
      signer,
    ]);
    void publish(payload).then(() => {
      watched.busy = false;
    });
    return true;
  };

  const isTooMany = (monoMs: number): boolean => {
    if (monoMs - hints.secondMs >= 1_000) hints = { secondMs: monoMs, count: 0 };
    hints.count += 1;
    return hints.count > MAX_HINTS;
  };

  return {
    receive: (payload) => {
      const { monoMs } = clock.now();
      if (!publish || payload.byteLength === 0 || isTooMany(monoMs)) return;
      const json = parseStrictJson(payload, { maxBytes: MAX_HINT_BYTES });
      const hint = json.ok ? watchMessageSchema.safeParse(json.value) : undefined;
      if (!hint?.success) return;
      const { run, ms } = hint.data;
      const known = watchedByRun.get(run);
      const untilMs = monoMs + ms;
      if (known) {
        known.untilMs = Math.max(known.untilMs, untilMs);
        return;
      }
      if (watchedByRun.size >= MAX_WATCHED || output.attemptOf(run) === undefined) return;
      log.debug({ run, ms }, 'telling its output');
      watchedByRun.set(run, { untilMs, attempt: 0, nextByte: 0, told: -1, busy: false });
      if (!timer) tick();
    },
    start: (to) => {
      publish = to;
    },
    stop: () => {
      publish = undefined;
      timer?.cancel();
      timer = undefined;
      watchedByRun.clear();
    },
  };
}

type Tail = Pick<TailDocument, 'from' | 'to' | 'total' | 'text'>;

/** The next piece; undefined when nothing new is there. Who writes faster than is told loses the middle, not the end. */
function readTail(output: LiveOutput, run: string, watched: Watched): Tail | undefined {
  const key = { run, attempt: watched.attempt };
  const { total } = output.read(key, 0, 0);
  if (total === watched.told && watched.nextByte >= total) return undefined;
  const from = Math.max(watched.nextByte, total - MAX_TAIL_BYTES);
  const { bytes } = output.read(key, from, MAX_TAIL_BYTES);
  const whole = bytes.subarray(0, completeBytes(bytes));
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(whole);
  return { from, to: from + whole.length, total, text };
}

/** Without a character that is cut at the end, unless nothing else is there. */
function completeBytes(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length - 1); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}
