// Live output while a run goes on: asks the machine for it, keeps what comes in memory, and the log's copy once it ended.
import type { Push } from '#console/api.ts';
import type { RunDetail, RunTail } from '#console/views.ts';
import type { Clock } from '#shared/clock.ts';
import { err, ok, type Result } from '#shared/result.ts';
import type { TailDocument } from '#shared/trust/documents.ts';

/** A machine goes on telling for so long after it was asked. */
const WATCH_MS = 120_000;
/** Asked again while somebody goes on looking. */
const ASK_AGAIN_MS = 45_000;
const MAX_RUNS = 64;
const MAX_BYTES = 256 * 1024;
const OPEN: readonly string[] = ['starting', 'running', 'retrying'];

export interface Tails {
  /** A tail as verified: signed by the very machine. */
  readonly take: (tail: TailDocument) => void;
  /** From byte `from` on; asks the machine while the run goes on. Fault: ATTEMPT_UNKNOWN. */
  readonly read: (
    run: RunDetail,
    asked: { readonly attempt?: number | undefined; readonly from: number },
    watch: Watch | undefined,
  ) => Result<RunTail>;
}

/** Sends the hint; undefined where there is no link or the machine cannot tell. */
export type Watch = (run: string, ms: number) => void;

interface Segment {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

interface Kept {
  readonly attempt: number;
  /** Each begins where the one before ends. */
  readonly segments: readonly Segment[];
  readonly total: number;
}

export function openTails(clock: Clock, push: (push: Push) => void): Tails {
  const keptByRun = new Map<string, Kept>();
  const askedAtByRun = new Map<string, number>();
  const ask = (run: string, watch: Watch): void => {
    const { monoMs } = clock.now();
    if (monoMs - (askedAtByRun.get(run) ?? Number.NEGATIVE_INFINITY) < ASK_AGAIN_MS) return;
    askedAtByRun.delete(run);
    askedAtByRun.set(run, monoMs);
    bound(askedAtByRun);
    watch(run, WATCH_MS);
  };
  return {
    take: (tail) => {
      // Nobody asked: a machine cannot fill the memory of its own accord.
      if (!askedAtByRun.has(tail.run)) return;
      const kept = keptByRun.get(tail.run);
      const next = joined(kept?.attempt === tail.attempt ? kept : undefined, tail);
      if (!next) return;
      keptByRun.delete(tail.run);
      keptByRun.set(tail.run, next);
      bound(keptByRun);
      push({ kind: 'tail', run: tail.run });
    },
    read: (run, { attempt, from }, watch) => {
      const isOpen = OPEN.includes(run.state);
      const wanted = attempt ?? Math.max(1, run.attempts);
      const told = run.attemptList.find((one) => one.attempt === wanted);
      if (attempt !== undefined && !told && !(isOpen && attempt === run.attempts)) {
        return err('ATTEMPT_UNKNOWN', `run ${run.run} has no attempt ${attempt}`);
      }
      const about = { run: run.run, attempt: wanted };
      if (told?.finishedAt) {
        const { output, outputBytes: to } = told;
        const first = Math.max(0, to - Buffer.byteLength(output));
        const text = cut(output === '' ? [] : [{ from: first, to, text: output }], from);
        return ok({ ...about, ...text, total: told.outputBytes, running: false, source: 'log' });
      }
      if (isOpen && watch) ask(run.run, watch);
      const kept = keptByRun.get(run.run);
      if (kept?.attempt !== wanted) {
        const nothing = { from, to: from, text: '', total: 0 };
        return ok({ ...about, ...nothing, running: isOpen, source: 'waiting' });
      }
      return ok({
        ...about,
        ...cut(kept.segments, from),
        total: kept.total,
        running: isOpen,
        source: 'live',
      });
    },
  };
}

/** Undefined when it says nothing new. A hole begins anew behind it: old and new text never stand side by side as one. */
function joined(kept: Kept | undefined, tail: TailDocument): Kept | undefined {
  const { attempt, from, to, text, total } = tail;
  const end = kept?.segments.at(-1)?.to;
  if (to < from || (end !== undefined && to <= end)) return undefined;
  const before = end === from ? (kept?.segments ?? []) : [];
  const segments = [...before, { from, to, text }];
  while (segments.length > 1 && to - (segments[0]?.to ?? to) > MAX_BYTES) segments.shift();
  return { attempt, segments, total };
}

/** From `from` on, or from where what is kept begins. */
function cut(segments: readonly Segment[], from: number): Segment {
  const later = segments.filter(({ to }) => to > from);
  const [first, ...rest] = later;
  const to = segments.at(-1)?.to ?? from;
  if (!first) return { from: to, to, text: '' };
  const begun = first.from < from ? shortened(first, from) : first;
  return { from: begun.from, to, text: [begun, ...rest].map(({ text }) => text).join('') };
}

/** Never in the middle of a character; a segment with replaced bytes stays whole, since its offsets are not its text's. */
function shortened(segment: Segment, from: number): Segment {
  const bytes = Buffer.from(segment.text, 'utf8');
  if (bytes.length !== segment.to - segment.from) return segment;
  let start = from - segment.from;
  while (start < bytes.length && ((bytes[start] ?? 0) & 0xc0) === 0x80) start++;
  return { ...segment, from: segment.from + start, text: bytes.subarray(start).toString('utf8') };
}

function bound(map: Map<string, unknown>): void {
  for (const key of map.keys()) {
    if (map.size <= MAX_RUNS) return;
    map.delete(key);
  }
}
