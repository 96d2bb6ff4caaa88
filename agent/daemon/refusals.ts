// Refused documents and commands: each becomes a record, but junk cannot fill the disk (P14).
import { formatInstant } from '#shared/ids.ts';
import type { NewEvent } from '#shared/run/event.ts';
import type { StatusDocument } from '#shared/trust/documents.ts';

export interface Refusal {
  readonly code: string;
  readonly docId: string | null;
  readonly keyId: string | null;
  readonly topic: string;
}

type Recent = StatusDocument['refused'][number];

export interface Refusals {
  /** True when it became a record of its own: what the quota swallows is not worth a line elsewhere either. */
  readonly note: (refusal: Refusal, wallAt: number, monoMs: number) => boolean;
  /** Records what the quota swallowed, once its window is over. Cheap when there is nothing. */
  readonly flush: (wallAt: number, monoMs: number) => void;
  /** Newest first, like ones merged. */
  readonly recent: () => readonly Recent[];
}

const WINDOW_MS = 60_000;
const KEPT = 32;

/** At most `quota` records a minute; the rest is counted and summed up as one record per code. */
export function createRefusals(
  append: (events: readonly NewEvent[]) => void,
  quota = 20,
): Refusals {
  let windowStartMs = Number.NEGATIVE_INFINITY;
  let used = 0;
  const swallowed = new Map<string, { topic: string; count: number }>();
  let recent: Recent[] = [];

  const flush: Refusals['flush'] = (wallAt, monoMs) => {
    if (monoMs - windowStartMs < WINDOW_MS) return;
    used = 0;
    if (swallowed.size === 0) return;
    append(
      [...swallowed].map(([code, { topic, count }]) => ({
        kind: 'document-refused',
        at: formatInstant(wallAt),
        code,
        docId: null,
        keyId: null,
        topic,
        count,
      })),
    );
    swallowed.clear();
  };

  const note: Refusals['note'] = (refusal, wallAt, monoMs) => {
    flush(wallAt, monoMs);
    const at = formatInstant(wallAt);
    const topic = refusal.topic.slice(0, 256);
    recent = remember(recent, { ...refusal, topic, at, count: 1 });
    if (used === 0) windowStartMs = monoMs;
    if (used < quota) {
      used++;
      append([{ kind: 'document-refused', at, ...refusal, topic, count: 1 }]);
      return true;
    }
    const before = swallowed.get(refusal.code)?.count ?? 0;
    swallowed.set(refusal.code, { topic, count: before + 1 });
    return false;
  };

  return { note, flush, recent: () => recent };
}

function remember(recent: readonly Recent[], entry: Recent): Recent[] {
  const isSame = (other: Recent): boolean =>
    other.code === entry.code && other.docId === entry.docId && other.topic === entry.topic;
  const before = recent.find(isSame);
  const merged = { ...entry, count: (before?.count ?? 0) + 1 };
  return [merged, ...recent.filter((other) => !isSame(other))].slice(0, KEPT);
}
