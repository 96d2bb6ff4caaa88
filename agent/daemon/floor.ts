// The trust floor: time that has certainly passed, for judging documents on a machine whose clock may say anything (trust SPEC, time).
import { z } from 'zod';
import type { MetaStore } from '#agent/ports.ts';
import type { Now } from '#shared/clock.ts';

const DAY_MS = 86_400_000;
/** How far acks may raise the floor per time powered on: 50 lying acks gain nothing over one. */
const RAISE_RATIO = 90;
/** Lets the first acks after a start lift the floor by some days at once. */
const FREE_RAISE_MS = 7 * DAY_MS;
const SAVE_EVERY_MS = 10 * 60_000;
const NAME = 'trust-floor';

export interface Floor {
  /** Epoch milliseconds; runs on with the monotonic clock. */
  readonly at: (now: Now) => number;
  /** A trust document in force was issued then. */
  readonly raiseByTrust: (issuedAt: number, now: Now) => void;
  /** A verified ack says it is `ackAt`; the trust document ends at `notAfter`. */
  readonly raiseByAck: (ackAt: number, notAfter: number, now: Now) => void;
  readonly save: (now: Now) => void;
}

export function openFloor(meta: MetaStore, now: Now, initialAt: number): Floor {
  const stored = z.coerce.number().safeParse(meta.get(NAME));
  let base = { at: Math.max(initialAt, stored.data ?? 0), monoMs: now.monoMs };
  let savedMs = now.monoMs;
  let raisedMs = now.monoMs;
  let freeMs = FREE_RAISE_MS;

  const at = ({ monoMs }: Now): number => base.at + Math.max(0, monoMs - base.monoMs);
  const save = (at0: Now): void => {
    savedMs = at0.monoMs;
    meta.set(NAME, String(Math.floor(at(at0))));
  };
  const raise = (to: number, at0: Now): void => {
    if (to <= at(at0)) return;
    base = { at: to, monoMs: at0.monoMs };
    if (at0.monoMs - savedMs >= SAVE_EVERY_MS) save(at0);
  };

  return {
    at,
    save,
    raiseByTrust: raise,
    raiseByAck: (ackAt, notAfter, at0) => {
      const before = at(at0);
      const allowed = freeMs + (at0.monoMs - raisedMs) * RAISE_RATIO;
      const to = Math.min(ackAt, notAfter, before + allowed);
      if (to <= before) return;
      freeMs = Math.max(0, allowed - (to - before));
      raisedMs = at0.monoMs;
      raise(to, at0);
    },
  };
}
