// Holding the machine still when it must not trust its own state: a pause with a reason, recorded, lifted by an operator.
import { z } from 'zod';
import type { SchedulerControl } from '#agent/ports.ts';
import type { Now } from '#shared/clock.ts';
import { formatInstant } from '#shared/ids.ts';
import type { Context } from './context.ts';

const NAME = 'held';
const heldSchema = z.array(z.string());

export interface Hold {
  readonly reasons: () => readonly string[];
  /** Once per reason. Running jobs go on; nothing new starts. */
  readonly hold: (reason: string, now: Now) => void;
  /** Lifts one reason; the pause itself ends with the last one. */
  readonly release: (reason: string, now: Now) => void;
  /** Records that an operator lifts every reason; his own resume then ends the pause. */
  readonly releaseAll: (now: Now) => void;
}

export function openHold(
  { store, random, log }: Context,
  scheduler: Pick<SchedulerControl, 'tick' | 'pause' | 'resume' | 'cursorAt' | 'wake'>,
): Hold {
  const reasons = (): readonly string[] =>
    heldSchema.parse(JSON.parse(store.meta.get(NAME) ?? '[]'));
  const record = (kind: 'held' | 'released', reason: string, rest: readonly string[], now: Now) =>
    store.transaction(() => {
      store.meta.set(NAME, JSON.stringify(rest));
      const cursor = formatInstant(scheduler.cursorAt());
      store.log.append([{ kind, at: formatInstant(now.wallAt), reason, cursor }]);
    });

  return {
    reasons,
    hold: (reason, now) => {
      const before = reasons();
      if (before.includes(reason)) return;
      log.error({ reason }, 'held: nothing new is started until an operator resumes this machine');
      scheduler.tick(now);
      record('held', reason, [...before, reason], now);
      if (before.length === 0) scheduler.pause(null, random.hex128(), now);
    },
    release: (reason, now) => {
      const before = reasons();
      if (!before.includes(reason)) return;
      const rest = before.filter((one) => one !== reason);
      scheduler.tick(now);
      record('released', reason, rest, now);
      if (rest.length === 0) scheduler.resume(null, random.hex128(), now);
    },
    releaseAll: (now) => {
      const all = reasons();
      if (all.length > 0) scheduler.tick(now);
      for (const [index, reason] of all.entries())
        record('released', reason, all.slice(index + 1), now);
    },
  };
}
