// Turns what the files of an ended attempt say into the one report the agent gets. Pure.
import type { AttemptExit, AttemptKey } from '#agent/ports.ts';
import type { DatedRecord, Output, StopNote } from './files.ts';

/** Own session and process group, no more: what can escape it is listed in SPEC.md. */
export const isolation = 'session';

/** `output` holds the tail. An ended attempt without an exit record is `lost`, unless it was being stopped. */
export function describeExit(
  key: AttemptKey,
  record: DatedRecord,
  stopped: StopNote['reason'] | undefined,
  output: Output,
  envTool: string,
): AttemptExit {
  const outputTail = new TextDecoder('utf-8', { ignoreBOM: true }).decode(output.bytes);
  const code = record.exit?.exitCode ?? null;
  // The program was there but could not be run, its interpreter is missing for one: env says so and nothing else is said.
  const unable =
    (code === 126 || code === 127) &&
    outputTail.startsWith(`${envTool}: `) &&
    outputTail.indexOf('\n') === outputTail.length - 1;
  const ended = ((): AttemptExit['ended'] => {
    if (stopped) return stopped;
    if (!record.exit) return 'lost';
    return record.exit.startFailed || unable ? 'start-failed' : 'exited';
  })();
  return {
    ...key,
    startedAt: record.startedAt,
    finishedAt: record.writtenAt,
    exitCode: code,
    signal: record.exit?.signal ?? null,
    ended,
    outputBytes: output.total,
    outputTail,
    truncated: output.truncated,
    isolation,
  };
}

/** For a request nobody claimed: it certainly did not start, and now it never will. `at` in epoch ms. */
export const neverStarted = (
  key: AttemptKey,
  ended: 'never-started' | 'cancelled',
  at: number,
): AttemptExit => ({
  run: key.run,
  attempt: key.attempt,
  startedAt: at,
  finishedAt: at,
  exitCode: null,
  signal: null,
  ended,
  outputBytes: 0,
  outputTail: '',
  truncated: false,
  isolation,
});
