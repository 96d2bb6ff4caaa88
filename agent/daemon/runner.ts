// From a run to what the launcher needs: argv, directories, and an environment built from empty (E26).
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { LaunchRequest } from '#agent/ports.ts';
import { formatInstant, splitScheduleKey } from '#shared/ids.ts';
import { toLaunch } from '#shared/jobs.ts';
import type { Schedule } from '#shared/schedule/schedule.ts';

export interface RunnerOptions {
  readonly directories: { readonly checkpoints: string; readonly work: string };
  /** Home directory told to jobs. */
  readonly home: string;
  readonly labels: () => Readonly<Record<string, string>>;
}

export interface AttemptToStart {
  readonly run: string;
  readonly attempt: number;
  readonly key: string;
  readonly spec: Schedule;
  readonly nominalAt: number | null;
  readonly dueAt: number | null;
}

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** `startedAt`: epoch milliseconds. Makes the schedule's directories when they are missing. */
export function launchRequest(
  start: AttemptToStart,
  startedAt: number,
  options: RunnerOptions,
): LaunchRequest {
  const launch = toLaunch(start.spec.job);
  const { checkpoints, work } = makeDirectories(start, options);
  return {
    run: start.run,
    attempt: start.attempt,
    launch,
    cwd: launch.cwd ?? work,
    timeoutMs: start.spec.timeoutMs,
    graceMs: start.spec.graceMs,
    outputCapBytes: start.spec.outputCapBytes,
    env: {
      PATH: DEFAULT_PATH,
      HOME: options.home,
      LANG: 'C.UTF-8',
      ...launch.env,
      ...labelEnv(options.labels()),
      MUSTER_RUN_ID: start.run,
      MUSTER_SCHEDULE: start.key,
      MUSTER_ATTEMPT: String(start.attempt),
      // A run by command belongs to no planned instant: the two are absent then.
      ...(start.nominalAt === null ? {} : { MUSTER_NOMINAL_AT: formatInstant(start.nominalAt) }),
      ...(start.dueAt === null ? {} : { MUSTER_DUE_AT: formatInstant(start.dueAt) }),
      MUSTER_STARTED_AT: formatInstant(startedAt),
      MUSTER_IDEMPOTENCY_KEY: start.run,
      MUSTER_CHECKPOINT_DIR: checkpoints,
    },
  };
}

/** `site-a` → MUSTER_LABEL_SITE_A. */
const labelEnv = (labels: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(labels).map(([name, value]) => [
      `MUSTER_LABEL_${name.toUpperCase().replaceAll('-', '_')}`,
      value,
    ]),
  );

/** The schedule's own directories. Making them is slow, so the scheduler does it before the due second if it can. */
export function makeDirectories(
  { key, spec }: Pick<AttemptToStart, 'key' | 'spec'>,
  { directories }: Pick<RunnerOptions, 'directories'>,
): { readonly checkpoints: string; readonly work: string } {
  const { stream, schedule } = splitScheduleKey(key);
  const checkpoints = join(directories.checkpoints, stream, schedule);
  const work = join(directories.work, stream, schedule);
  makeDirectory(checkpoints);
  if (spec.job.cwd === undefined) makeDirectory(work);
  return { checkpoints, work };
}

/** Looking first costs a tenth of making. A failure shows as the attempt's own: the launcher tells what it cannot enter. */
function makeDirectory(path: string): void {
  if (existsSync(path)) return;
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch {
    // Told by the launcher.
  }
}
