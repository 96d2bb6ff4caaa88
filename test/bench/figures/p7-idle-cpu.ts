// P7: what a connected agent with ten thousand schedules costs while nothing is due.
import type { Figure } from '../figure.ts';
import { restingHome } from '../lab/homes.ts';
import type { Lab } from '../lab/lab.ts';
import { cpuMs, launcherOf, startAgent, startReference } from '../lab/processes.ts';
import { sleep } from '../lab/runs.ts';

/** Long enough that the agent's timers of ten and thirty seconds fall into the whole, if not into each window. */
const WINDOW_MS = 18_000;
const QUICK_WINDOW_MS = 6_000;
const SETTLE_MS = 4_000;

export const p7: Figure = {
  id: 'P7',
  name: 'idle CPU with 10,000 schedules, connected',
  unit: 's/min',
  goal: { kind: 'absolute', atMost: 0.1 },
  reference: 'Node with the same libraries loaded, idle',
  how: 'CPU of all threads of the agent and of its launcher, from the kernel scheduler, over windows of the same idle minutes for both, scaled to a minute. The broker is the embedded one; no console acknowledges, so the agent sends its few entries again every 30 s, which is the dearer case.',
  ifShort: 'the agent wakes to look for ended runs, for changed status and for the clock',
  measure,
};

async function measure(lab: Lab) {
  const home = await restingHome(lab, 'idle');
  const agent = await startAgent(home.path);
  const reference = await startReference('libraries.mjs');
  const windowMs = lab.quick ? QUICK_WINDOW_MS : WINDOW_MS;
  const samples: { ours: number; reference: number }[] = [];
  try {
    const launcher = launcherOf(agent.pid);
    const read = () => ({
      ours: cpuMs(agent.pid) + cpuMs(launcher),
      reference: cpuMs(reference.pid),
      atMs: performance.now(),
    });
    await sleep(SETTLE_MS);
    for (let repeat = 0; repeat < lab.repeats; repeat++) {
      lab.say(`idle, window ${repeat + 1} of ${lab.repeats}`);
      const before = read();
      await sleep(windowMs);
      const after = read();
      const minutes = (after.atMs - before.atMs) / 60_000;
      samples.push({
        ours: (after.ours - before.ours) / 1_000 / minutes,
        reference: (after.reference - before.reference) / 1_000 / minutes,
      });
    }
  } finally {
    await Promise.all([agent.stop(), reference.stop()]);
  }
  const mean = samples.reduce((sum, { ours }) => sum + ours, 0) / samples.length;
  return { samples, notes: [`mean over all windows ${mean.toFixed(3)} s/min`], broken: [] };
}
