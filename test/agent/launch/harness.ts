// A launcher over a fresh directory, with each attempt's exit as a promise, and the run ids to find its processes by.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openProcessLauncher } from '#agent/launch/process.ts';
import type { AttemptExit, AttemptKey, Launcher, LaunchRequest } from '#agent/ports.ts';

export const newRun = (): string => randomBytes(16).toString('hex');
export const sleep = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));

/** A request with everything ordinary; `more` overrides. */
export function request(argv: readonly string[], more: Partial<LaunchRequest> = {}): LaunchRequest {
  return {
    run: newRun(),
    attempt: 1,
    launch: { argv, env: {} },
    env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
    cwd: tmpdir(),
    timeoutMs: 60_000,
    graceMs: 2_000,
    outputCapBytes: 1_000_000,
    ...more,
  };
}

export const shell = (script: string, more: Partial<LaunchRequest> = {}): LaunchRequest =>
  request(['/bin/sh', '-c', script], more);

export interface Bench {
  readonly directory: string;
  readonly launcher: Launcher;
  /** Every report, in order of arrival. */
  readonly exits: readonly AttemptExit[];
  readonly exitOf: (key: AttemptKey) => Promise<AttemptExit>;
  readonly runOne: (request: LaunchRequest) => Promise<AttemptExit>;
  readonly end: () => Promise<void>;
}

/** Opens a launcher; `directory` given: an earlier one's, which is then kept. */
export async function openBench(directory?: string): Promise<Bench> {
  const place = directory ?? mkdtempSync(join(tmpdir(), 'muster-launch-'));
  const exits: AttemptExit[] = [];
  const waiting = new Map<string, (exit: AttemptExit) => void>();
  const launcher = await openProcessLauncher({
    directory: place,
    onExit: (exit) => {
      exits.push(exit);
      waiting.get(`${exit.run}-${exit.attempt}`)?.(exit);
    },
  });
  const exitOf = (key: AttemptKey): Promise<AttemptExit> =>
    new Promise((resolve) => {
      const seen = exits.find((exit) => exit.run === key.run && exit.attempt === key.attempt);
      if (seen) resolve(seen);
      else waiting.set(`${key.run}-${key.attempt}`, resolve);
    });
  return {
    directory: place,
    launcher,
    exits,
    exitOf,
    runOne: (one) => {
      launcher.start([one]);
      return exitOf(one);
    },
    end: async () => {
      await launcher.close();
      if (directory === undefined) rmSync(place, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

/** Pids of living processes that carry the run's marker. */
export function marked(run: string): readonly number[] {
  return pids().filter((pid) => read(`/proc/${pid}/environ`).includes(`MUSTER_RUN_ID=${run}`));
}

/** Pids of living processes whose command line contains `text`. */
export const commanded = (text: string): readonly number[] =>
  pids().filter((pid) => read(`/proc/${pid}/cmdline`).includes(text));

/** The launcher shell serving `directory`. */
export function launcherPid(parent: number): number {
  const found = pids().find(
    (pid) =>
      read(`/proc/${pid}/cmdline`).includes('launcher.sh') &&
      read(`/proc/${pid}/stat`).split(') ')[1]?.split(' ')[1] === String(parent),
  );
  if (found === undefined) throw new Error('no launcher is running');
  return found;
}

export const childrenOf = (parent: number): readonly number[] =>
  pids().filter(
    (pid) => read(`/proc/${pid}/stat`).split(') ')[1]?.split(' ')[1] === String(parent),
  );

const pids = (): readonly number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

/** Waits until `holds` is true; fails with `what` after ten seconds. */
export async function until(holds: () => boolean, what: string): Promise<void> {
  for (const startedAt = Date.now(); !holds(); await sleep(20)) {
    if (Date.now() - startedAt > 10_000) throw new Error(`never happened: ${what}`);
  }
}
