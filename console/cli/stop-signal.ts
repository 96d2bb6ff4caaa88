// The end of a long-running verb: SIGINT, SIGTERM, or the terminal that closes.

/** A launcher passes on the Ctrl-C that the terminal sent here too: the second one within this time is the same. */
const SAME_MS = 2_000;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Resolves at the first signal. A later one, from somebody who does not want to wait, ends the process at once. */
export function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let firstAt: number | undefined;
    const heard = (): void => {
      const now = performance.now();
      if (firstAt !== undefined && now - firstAt > SAME_MS) process.exit(130);
      firstAt ??= now;
      resolve();
    };
    for (const signal of SIGNALS) process.on(signal, heard);
  });
}
