// Agent and reference started in turn: the one measurement behind P6 and P8.
import type { AgentHome } from './agent-home.ts';
import { restingHome } from './homes.ts';
import type { Lab } from './lab.ts';
import { launcherOf, memoryMb, type Started, startAgent, startReference } from './processes.ts';
import { sleep } from './runs.ts';

export interface Start {
  readonly readyMs: number;
  readonly rssMb: number;
  readonly anonymousMb: number;
}

/** Repeats of both sides, the first one changing. Measured once a run. */
export const measureStartup = (
  lab: Lab,
): Promise<readonly { readonly ours: Start; readonly reference: Start }[]> =>
  lab.once('startup', () => measure(lab));

async function measure(lab: Lab) {
  const home = await restingHome(lab, 'startup');
  const sides = { ours: () => agentStart(home), reference: () => referenceStart() };
  // Once unmeasured, so that both find their files in the system's cache.
  await sides.ours();
  await sides.reference();
  const pairs: { ours: Start; reference: Start }[] = [];
  for (let repeat = 0; repeat < lab.repeats; repeat++) {
    lab.say(`starting with 10,000 schedules, ${repeat + 1} of ${lab.repeats}`);
    const order =
      repeat % 2 === 0 ? (['ours', 'reference'] as const) : (['reference', 'ours'] as const);
    const pair: Partial<Record<'ours' | 'reference', Start>> = {};
    for (const side of order) pair[side] = await sides[side]();
    pairs.push(pair as { ours: Start; reference: Start });
  }
  return pairs;
}

async function agentStart(home: AgentHome): Promise<Start> {
  const agent = await startAgent(home.path);
  return settle(agent, () => launcherOf(agent.pid));
}

const referenceStart = async (): Promise<Start> => settle(await startReference('libraries.mjs'));

/** Memory two seconds after ready: the agent is connected and has announced itself by then. */
async function settle(started: Started, alsoOf?: () => number): Promise<Start> {
  try {
    await sleep(2_000);
    const own = memoryMb(started.pid);
    const more = alsoOf ? memoryMb(alsoOf()) : { rss: 0, anonymous: 0 };
    return {
      readyMs: started.readyMs,
      rssMb: own.rss + more.rss,
      anonymousMb: own.anonymous + more.anonymous,
    };
  } finally {
    await started.stop();
  }
}
