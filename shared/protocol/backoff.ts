// How long to wait before connecting again. Pure: attempts and randomness are arguments.

const BASE_MS = 1_000;
const CAP_MS = 5 * 60_000;
/** A connection that dies sooner than this was most likely taken over by a clone or refused by a rule of the broker. */
export const FAST_CLOSE_MS = 5_000;
const FAST_CLOSES_BEFORE_PAUSE = 3;
const PAUSE_FLOOR_MS = 60_000;

/**
 * Full jitter between 1 s and 2^(attempt+1) s, never above 5 min (P21). `attempt` counts failures in a row from 0,
 * `random` is in [0, 1). Milliseconds.
 */
export function backoffMs(attempt: number, random: number): number {
  const ceiling = Math.min(CAP_MS, BASE_MS * 2 ** Math.min(attempt + 1, 30));
  return Math.round(BASE_MS + random * (ceiling - BASE_MS));
}

/** As backoffMs, but 1 to 5 min once three connections in a row were closed within seconds of their start (P22). */
export function reconnectDelayMs(
  state: { readonly failures: number; readonly fastCloses: number },
  random: number,
): number {
  if (state.fastCloses >= FAST_CLOSES_BEFORE_PAUSE) {
    return Math.round(PAUSE_FLOOR_MS + random * (CAP_MS - PAUSE_FLOOR_MS));
  }
  return backoffMs(state.failures, random);
}
