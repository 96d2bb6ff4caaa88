// How old history must be before it may go: the wall clock alone may not say so, for a visit to 2099 would delete all of it.
import { z } from 'zod';
import type { MetaStore } from '#agent/ports.ts';
import type { Now } from '#shared/clock.ts';

const KEEP_MS = 7 * 86_400_000;
const MARK_EVERY_MS = 6 * 3_600_000;
const SAVE_EVERY_MS = 10 * 60_000;
/** Before this program existed: a clock that was not set yet says nothing about age. */
const EARLIEST_AT = Date.UTC(2025, 0, 1);
const NAME = 'history-clock';

const stateSchema = z.strictObject({
  /** Milliseconds this agent has been running in all its lives. */
  poweredMs: z.number().min(0),
  marks: z.array(z.strictObject({ poweredMs: z.number(), wallAt: z.number() })),
});

/**
 * Answers before which instant (epoch milliseconds) history may be deleted: seven days ago, and before anything the wall
 * clock told during the last seven days of running. A clock that was wrong for less than that deletes nothing that its
 * correction (E32) still needs.
 */
export function openHistoryClock(meta: MetaStore, startMs: number): (now: Now) => number {
  const stored = load(meta.get(NAME));
  let { marks } = stored;
  let savedMs = Number.NEGATIVE_INFINITY;
  return ({ wallAt, monoMs }) => {
    const poweredMs = stored.poweredMs + Math.max(0, monoMs - startMs);
    const before = marks.length;
    const last = marks.at(-1);
    const isNew = !last || wallAt < last.wallAt || poweredMs - last.poweredMs >= MARK_EVERY_MS;
    if (isNew && wallAt >= EARLIEST_AT) marks = [...marks, { poweredMs, wallAt }];
    marks = marks.filter((mark) => poweredMs - mark.poweredMs <= KEEP_MS);
    if (marks.length !== before || monoMs - savedMs >= SAVE_EVERY_MS) {
      savedMs = monoMs;
      meta.set(NAME, JSON.stringify({ poweredMs, marks }));
    }
    return Math.min(wallAt - KEEP_MS, ...marks.map((mark) => mark.wallAt));
  };
}

function load(text: string | undefined): z.infer<typeof stateSchema> {
  if (text === undefined) return { poweredMs: 0, marks: [] };
  return stateSchema.parse(JSON.parse(text));
}
