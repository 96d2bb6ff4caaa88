// P8: from the command to ready, with ten thousand schedules stored.
import type { Figure } from '../figure.ts';
import { measureStartup } from '../lab/startup.ts';

export const p8: Figure = {
  id: 'P8',
  name: 'ready with 10,000 stored schedules',
  unit: 'ms',
  goal: { kind: 'ratio', atMost: 4 },
  reference: 'Node with the same libraries loaded',
  how: 'From the spawn of `muster-agent run` to its log line `ready`, which follows the first planning pass; the reference from its spawn to the line it prints after its imports.',
  ifShort:
    'the agent opens its store, verifies its documents and plans once; where the compile cache beside the code cannot be written, every file is also stripped of its types at each start',
  measure: async (lab) => {
    const starts = await measureStartup(lab);
    return {
      samples: starts.map(({ ours, reference }) => ({
        ours: ours.readyMs,
        reference: reference.readyMs,
      })),
      notes: [],
      broken: [],
    };
  },
};
