// P1: one job at a time on an idle agent: how late it starts, and that it never starts early.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Figure } from '../figure.ts';
import { installSchedules } from '../lab/agent-home.ts';
import { restingHome } from '../lab/homes.ts';
import type { Lab } from '../lab/lab.ts';
import { runReference, startAgent } from '../lab/processes.ts';
import { recordedRuns, saidAt, sleep } from '../lab/runs.ts';
import { dueInTurn, JOB } from '../lab/schedules.ts';
import { percentile, spread } from '../measure.ts';

const SCHEDULES = 5;
const PERIOD_MS = 1_000 / SCHEDULES;

export const p1: Figure = {
  id: 'P1',
  name: 'one job, idle: start lateness p99',
  unit: 'ms',
  goal: { kind: 'ratio', atMost: 2 },
  reference: 'timer and spawn of a bare Node',
  how: `The real agent with 10,000 resting schedules runs one \`date +%s%N\` every ${PERIOD_MS} ms; a bare Node with a timer does the same half a period later. A repeat is the p99 of one stretch of starts, from the due instant to the job's own word. One start before its instant makes the figure short.`,
  ifShort:
    'between the due instant and the job lie a commit with synchronous=FULL and the launcher: a shell woken by its pipe, three forks (supervisor, job, reader of the output) and two execs (session, clean environment with default signals) before the job itself; a bare spawn is one fork and one exec',
  measure,
};

async function measure(lab: Lab) {
  const home = await restingHome(lab, 'one');
  const perRepeat = lab.quick ? 20 : 100;
  const stretchMs = perRepeat * PERIOD_MS;
  const firstAt = Math.ceil(Date.now() / 1_000) * 1_000 + 5_000;
  installSchedules(home, 'turn', dueInTurn(SCHEDULES, firstAt));
  const agent = await startAgent(home.path);
  const directory = join(lab.directory('one-bare'), 'out');
  mkdirSync(directory);
  const total = perRepeat * lab.repeats;
  const reference = runReference('timer-spawn.mjs', [
    ...[firstAt + PERIOD_MS / 2, PERIOD_MS, total, directory],
    ...JOB,
  ]);
  const ours: (readonly number[])[] = [];
  const broken: string[] = [];
  try {
    for (let repeat = 0; repeat < lab.repeats; repeat++) {
      lab.say(`one job at a time, ${repeat + 1} of ${lab.repeats}`);
      const fromAt = firstAt + repeat * stretchMs;
      await sleep(fromAt + stretchMs + 1_000 - Date.now());
      const runs = recordedRuns(home.path, fromAt, fromAt + stretchMs - 1);
      const late = runs.flatMap((run) =>
        run.saidAt === undefined ? [] : run.saidAt - run.nominalAt,
      );
      if (late.length !== perRepeat) broken.push(`${late.length} of ${perRepeat} starts`);
      const early = late.filter((ms) => ms < 0).length;
      if (early > 0) broken.push(`${early} started early`);
      ours.push(late);
    }
    await reference;
  } finally {
    await agent.stop();
  }
  const theirs = Array.from({ length: total }, (_, n) => {
    const dueAt = firstAt + PERIOD_MS / 2 + n * PERIOD_MS;
    return (saidAt(join(directory, String(n))) ?? Number.NaN) - dueAt;
  });
  const stretch = (repeat: number) => theirs.slice(repeat * perRepeat, (repeat + 1) * perRepeat);
  const p50 = (all: readonly (readonly number[])[]): string =>
    spread(all.map((one) => percentile(one, 0.5))).median.toFixed(1);
  return {
    samples: ours.map((late, repeat) => ({
      ours: percentile(late, 0.99),
      reference: percentile(stretch(repeat), 0.99),
    })),
    notes: [
      `p50 ${p50(ours)} against ${p50(ours.map((_, repeat) => stretch(repeat)))} ms`,
      `${perRepeat} starts a repeat, earliest ${Math.min(...ours.flat()).toFixed(1)} ms after its instant`,
    ],
    broken,
  };
}
