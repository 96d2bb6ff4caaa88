// P6: memory of an idle, connected agent with ten thousand schedules.
import type { Figure } from '../figure.ts';
import { measureStartup } from '../lab/startup.ts';
import { spread } from '../measure.ts';

export const p6: Figure = {
  id: 'P6',
  name: 'memory (RSS) with 10,000 schedules',
  unit: 'MB',
  goal: { kind: 'ratio', atMost: 1.5 },
  reference: 'Node with the same libraries loaded',
  how: "VmRSS of `muster-agent run` and its launcher two seconds after ready, connected to the embedded broker; the reference imports the agent's libraries and does nothing.",
  ifShort:
    'above the libraries lie the modules of the agent, the page cache of SQLite and the parsed documents; where the compile cache beside the code cannot be written, the compiler that strips the types comes on top',
  measure: async (lab) => {
    const starts = await measureStartup(lab);
    const anonymous = (side: 'ours' | 'reference'): string =>
      spread(starts.map((start) => start[side].anonymousMb)).median.toFixed(0);
    return {
      samples: starts.map(({ ours, reference }) => ({
        ours: ours.rssMb,
        reference: reference.rssMb,
      })),
      notes: [`anonymous memory ${anonymous('ours')} against ${anonymous('reference')} MB`],
      broken: [],
    };
  },
};
