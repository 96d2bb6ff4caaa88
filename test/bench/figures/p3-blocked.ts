// P3: how long the agent's loop stands still during the burst of P2.
import type { Figure } from '../figure.ts';
import { measureBurst } from '../lab/burst.ts';

export const p3: Figure = {
  id: 'P3',
  name: '500 due at once: longest pause of the loop',
  unit: 'ms',
  goal: { kind: 'absolute', atMost: 50 },
  reference: 'loop of the bare Node that spawns',
  how: "Node's own event loop delay histogram at 1 ms, loaded into the unchanged agent (`--import`), from half a second before the burst of P2 to five seconds after; the same in the reference.",
  ifShort:
    'one turn of the loop vets, plans and records 125 and writes the script that starts them; from the second turn on it shares the cores with the jobs of the first',
  measure: async (lab) => {
    const { repeats, broken } = await measureBurst(lab);
    return {
      samples: repeats.map(({ ours, reference }) => ({
        ours: ours.blockedMs,
        reference: reference.blockedMs,
      })),
      notes: [],
      broken,
    };
  },
};
