// What the two clocks say to each other (E29 to E32). Pure.
import type { Now } from '#shared/clock.ts';

const DAY_MS = 86_400_000;
/** Smaller differences are slewing and scheduling noise. */
const STEP_MS = 5_000;

export interface ClockStep {
  readonly change: 'forward' | 'backward';
  readonly deltaMs: number;
}

/** The wall clock moved against the monotonic one: it was set, or the machine slept. */
export function clockStep(before: Now | undefined, now: Now): ClockStep | undefined {
  if (!before) return undefined;
  const deltaMs = Math.round(now.wallAt - before.wallAt - (now.monoMs - before.monoMs));
  if (Math.abs(deltaMs) < STEP_MS) return undefined;
  return { change: deltaMs > 0 ? 'forward' : 'backward', deltaMs };
}

/** A cursor this far ahead comes from a clock that was wrong: it is pulled back. */
export const cursorIsAbsurd = (cursorAt: number, nowAt: number): boolean =>
  cursorAt - nowAt > DAY_MS;
