// P5: the CPU the burst of P2 costs, jobs included on both sides.
import type { Figure } from '../figure.ts';
import { measureBurst } from '../lab/burst.ts';
import { spread } from '../measure.ts';

export const p5: Figure = {
  id: 'P5',
  name: '500 due at once: CPU of the burst',
  unit: 'ms',
  goal: { kind: 'ratio', atMost: 1 },
  reference: 'raw spawn loop of a bare Node',
  how: 'Agent (all threads), launcher and everything the launcher started and waited for, jobs included, from half a second before the burst of P2 to seven seconds after it, so with the commits of all ends and the signed reports; the reference is the bare Node with its jobs from half a second before, too.',
  ifShort:
    'a job that outlives its agent costs a supervisor shell, a session of its own and a reader of its output: four forks and four execs instead of one of each, which is two and a half times the reference before the agent has recorded anything; a bare spawn keeps no exit code beyond its own life',
  measure: async (lab) => {
    const { repeats, broken } = await measureBurst(lab);
    const part = (of: 'agentMs' | 'launcherMs'): string =>
      spread(repeats.map(({ share }) => share[of])).median.toFixed(0);
    return {
      samples: repeats.map(({ ours, reference }) => ({
        ours: ours.cpuMs,
        reference: reference.cpuMs,
      })),
      notes: [`agent ${part('agentMs')} ms, launcher with its jobs ${part('launcherMs')} ms`],
      broken,
    };
  },
};
