// The one place that reads the machine's clocks.
import type { Clock, Now } from '#shared/clock.ts';

export const systemClock: Clock = {
  now: (): Now => ({ wallAt: Date.now(), monoMs: performance.now() }),
  after: (delayMs, wake) => {
    const timer = setTimeout(wake, Math.max(0, Math.min(delayMs, 30_000)));
    return { cancel: () => clearTimeout(timer) };
  },
};
