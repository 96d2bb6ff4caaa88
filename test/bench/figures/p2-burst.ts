// P2: 500 jobs due at once, from the due instant to the job's own word, with every run durable before it starts.
import type { Figure } from '../figure.ts';
import { measureBurst } from '../lab/burst.ts';
import { spread } from '../measure.ts';

export const p2: Figure = {
  id: 'P2',
  name: '500 due at once, durably recorded: start p99',
  unit: 'ms',
  goal: { kind: 'ratio', atMost: 1 },
  reference: 'raw spawn loop of a bare Node',
  how:
    'The real `muster-agent run`, connected, with 10,000 resting schedules and 500 that come due together, committed with synchronous=FULL before their start. ' +
    'The job is `date +%s%N`: its own output is the start instant. The reference starts the same 500 in a loop of a bare Node at its own instant between two bursts, ' +
    'with an empty environment and output straight to files, and records nothing.',
  ifShort:
    'the runs are recorded before they start, 125 in a transaction, and each job costs four forks and four execs (supervisor, session, clean environment, reader of its output), about 0.2 ms of CPU an exec, where the bare spawn, which keeps nothing, costs one of each. What is bought: the cost does not grow with the agent, as it does for a spawn loop in a Node of its size (see below)',
  measure: async (lab) => {
    const { repeats, notes, broken } = await measureBurst(lab);
    const median = (of: (repeat: (typeof repeats)[number]) => number): string =>
      spread(repeats.map(of)).median.toFixed(0);
    const p50 = (side: 'ours' | 'reference'): string => median((repeat) => repeat[side].p50);
    return {
      samples: repeats.map(({ ours, reference }) => ({ ours: ours.p99, reference: reference.p99 })),
      notes: [
        `p50 ${p50('ours')} against ${p50('reference')} ms`,
        ...notes,
        `the spawn loop in a Node with as much anonymous memory: p99 ${median((repeat) => repeat.heavy.p99)} ms, loop blocked ${median((repeat) => repeat.heavy.blockedMs)} ms`,
      ],
      broken,
    };
  },
};
