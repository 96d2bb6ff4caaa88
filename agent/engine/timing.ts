// When one schedule's occurrences are due on this machine, and when they are late (E2, E10).

import type { CompiledTrigger } from '#shared/time/occurrences.ts';
import { type HashText, splayOffset } from '#shared/time/splay.ts';

const ON_TIME_MS = 60_000;

export interface Timing {
  /** nominal + splay offset. */
  readonly dueAt: (nominalAt: number) => number;
  /** Later than min(60 s, gap to the next occurrence) after it was due. */
  readonly isLate: (nominalAt: number, dueAt: number, nowAt: number) => boolean;
}

export function timingOf(
  trigger: CompiledTrigger,
  {
    agent,
    key,
    splayMs,
  }: { readonly agent: string; readonly key: string; readonly splayMs: number },
  sha256: HashText,
): Timing {
  const gapAfter = (nominalAt: number): number =>
    (trigger.next(nominalAt)?.at ?? Number.POSITIVE_INFINITY) - nominalAt;
  return {
    dueAt: (nominalAt) =>
      splayMs === 0
        ? nominalAt
        : nominalAt + splayOffset(agent, key, splayMs, gapAfter(nominalAt), sha256),
    isLate: (nominalAt, dueAt, nowAt) =>
      nowAt - dueAt > ON_TIME_MS ||
      (nowAt > dueAt && nowAt - dueAt > Math.min(ON_TIME_MS, gapAfter(nominalAt))),
  };
}
