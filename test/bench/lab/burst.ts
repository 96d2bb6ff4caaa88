// 500 jobs due at once, on a real agent and on a bare Node in turn: the one measurement behind P2, P3 and P5.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { percentile } from '../measure.ts';
import { installSchedules } from './agent-home.ts';
import { restingHome } from './homes.ts';
import type { Lab } from './lab.ts';
import {
  cpuMs,
  cpuWithChildrenMs,
  launcherOf,
  memoryMb,
  runReference,
  startAgent,
} from './processes.ts';
import { recordedRuns, saidAt, sleep, until } from './runs.ts';
import { dueTogether, JOB, schedule } from './schedules.ts';

export const JOBS = 500;
const PERIOD_S = 20;
/** The references' bursts lie between two of the agent's. */
const REFERENCE_AFTER_MS = 9_000;
const HEAVY_AFTER_MS = 14_000;
/** One more job after each burst: its start lets the launcher take the times of the ended jobs. */
const REAPER_AFTER_MS = 6_000;

export interface Side {
  readonly p50: number;
  readonly p99: number;
  readonly blockedMs: number;
  readonly cpuMs: number;
}
/** Where the agent's part of the CPU went. */
export interface Share {
  readonly agentMs: number;
  readonly launcherMs: number;
}
export interface Burst {
  readonly repeats: readonly {
    readonly ours: Side;
    readonly share: Share;
    readonly reference: Side;
    /** The same loop in a Node of the agent's memory: what a fork costs the agent itself. */
    readonly heavy: Side;
  }[];
  readonly notes: readonly string[];
  readonly broken: readonly string[];
}

/** Measured once a run, however many figures ask. */
export const measureBurst = (lab: Lab): Promise<Burst> => lab.once('burst', () => measure(lab));

async function measure(lab: Lab): Promise<Burst> {
  const home = await restingHome(lab, 'burst');
  const firstAt = Math.ceil(Date.now() / 1_000) * 1_000 + 10_000;
  installSchedules(home, 'burst', dueTogether(JOBS, firstAt, PERIOD_S));
  const anchor = new Date(firstAt + REAPER_AFTER_MS).toISOString().replace('.000Z', 'Z');
  installSchedules(home, 'reap', [
    schedule('r', { kind: 'every', period: `PT${PERIOD_S}S`, anchor }),
  ]);
  const loopFile = join(lab.directory('loop'), 'pauses');
  const agent = await startAgent(home.path, loopFile);
  const memory = memoryMb(agent.pid);
  const repeats: Burst['repeats'][number][] = [];
  const broken: string[] = [];
  try {
    const launcher = launcherOf(agent.pid);
    const cpu = (): Share => ({
      agentMs: cpuMs(agent.pid),
      launcherMs: cpuWithChildrenMs(launcher),
    });
    for (let repeat = 0; repeat < lab.repeats; repeat++) {
      const dueAt = firstAt + repeat * PERIOD_S * 1_000;
      lab.say(`${JOBS} at once, ${repeat + 1} of ${lab.repeats}`);
      await sleep(dueAt - 500 - Date.now());
      process.kill(agent.pid, 'SIGUSR2');
      const before = cpu();
      await sleep(dueAt + 5_000 - Date.now());
      process.kill(agent.pid, 'SIGUSR2');
      await sleep(dueAt + REAPER_AFTER_MS + 1_000 - Date.now());
      const after = cpu();
      const share = {
        agentMs: after.agentMs - before.agentMs,
        launcherMs: after.launcherMs - before.launcherMs,
      };
      const starts = readStarts(home.path, dueAt, broken);
      const cpuOurs = share.agentMs + share.launcherMs;
      const ours = sideOf(starts, dueAt, lastLine(loopFile), cpuOurs);
      const reference = await bareLoop(lab, dueAt + REFERENCE_AFTER_MS, 0);
      const heavy = await bareLoop(lab, dueAt + HEAVY_AFTER_MS, memory.anonymous);
      repeats.push({ ours, share, reference, heavy });
    }
    await until('the last run to be recorded', 20, () =>
      recordedRuns(home.path, firstAt, Date.now()).every((run) => run.state === 'succeeded'),
    );
  } finally {
    await agent.stop();
  }
  const notes = [
    `agent ${memory.rss.toFixed(0)} MB before the first burst, ${memory.anonymous.toFixed(0)} MB of it anonymous`,
  ];
  return { repeats, notes, broken };
}

/** Checks as it reads: each schedule once, durably, succeeded, never early. */
function readStarts(home: string, dueAt: number, broken: string[]): readonly number[] {
  const runs = recordedRuns(home, dueAt, dueAt);
  const schedules = new Set(runs.map((run) => run.schedule));
  if (schedules.size !== JOBS) broken.push(`${schedules.size} of ${JOBS} schedules have a run`);
  if (runs.length !== schedules.size) broken.push(`${runs.length - schedules.size} doubled runs`);
  const starts = runs.flatMap(({ saidAt: at }) => (at === undefined ? [] : [at]));
  if (starts.length !== runs.length) {
    broken.push(`${runs.length - starts.length} runs without a start after 7 s`);
  }
  const early = starts.filter((at) => at < dueAt).length;
  if (early > 0) broken.push(`${early} started early`);
  return starts;
}

const referenceSchema = z.object({ blockedMs: z.number(), cpuMs: z.number() });

/** `anonymousMb`: what the process grows to first; 0 leaves it bare. */
async function bareLoop(lab: Lab, dueAt: number, anonymousMb: number): Promise<Side> {
  const directory = join(lab.directory('bare'), 'out');
  mkdirSync(directory);
  const args = [dueAt, JOBS, Math.round(anonymousMb), directory, ...JOB];
  const told = referenceSchema.parse(await runReference('spawn-loop.mjs', args));
  const starts = Array.from({ length: JOBS }, (_, n) => saidAt(join(directory, String(n))) ?? 0);
  return sideOf(starts, dueAt, told.blockedMs, told.cpuMs);
}

const sideOf = (starts: readonly number[], dueAt: number, blockedMs: number, cpu: number): Side => {
  const late = starts.map((at) => at - dueAt);
  return { p50: percentile(late, 0.5), p99: percentile(late, 0.99), blockedMs, cpuMs: cpu };
};

const lastLine = (file: string): number =>
  Number(readFileSync(file, 'latin1').trimEnd().split('\n').at(-1));
