// Looking again until something is done: on each push of the core, and once a second in case one was lost.
import type { CoreLink } from '#console/server/client.ts';
import { ok, type Result } from '#shared/result.ts';
import { printNote } from './output.ts';

const POLL_MS = 1_000;
/** Pushes come in bursts; looking more often than this tells nobody more. */
const PAUSE_MS = 100;

export interface Look<T> {
  readonly value: T;
  readonly done: boolean;
  /** Shown when it changes. */
  readonly progress: string;
}

/** Resolves to the last look: done, or when time is over, or at Ctrl-C. A fault of `look` ends it too. */
export async function watch<T>(
  core: CoreLink,
  timeoutMs: number,
  quiet: boolean,
  look: () => Promise<Result<Look<T>>>,
): Promise<Result<Look<T>>> {
  const until = performance.now() + timeoutMs;
  let interrupted = false;
  let wake = (): void => undefined;
  const stop = (): void => {
    interrupted = true;
    wake();
  };
  const endPushes = core.onPush(() => wake());
  process.on('SIGINT', stop);
  let shown = '';
  try {
    for (;;) {
      const seen = await look();
      if (!seen.ok) return seen;
      if (!quiet && seen.value.progress !== shown) {
        shown = seen.value.progress;
        printNote(shown);
      }
      const left = until - performance.now();
      if (seen.value.done || interrupted || left <= 0) return ok(seen.value);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(POLL_MS, left));
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      if (!interrupted) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  } finally {
    process.off('SIGINT', stop);
    endPushes();
  }
}
