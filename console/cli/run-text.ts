// A run in words.
import type { RunDetail } from '#console/views.ts';
import type { RunState } from '#shared/run/ledger.ts';
import { paint, type Style } from './output.ts';

const STYLES: Readonly<Record<RunState, Style>> = {
  starting: 'dim',
  running: 'bold',
  retrying: 'yellow',
  succeeded: 'green',
  failed: 'red',
  'timed-out': 'red',
  cancelled: 'yellow',
  lost: 'red',
};

export const stateText = (state: RunState): string => paint(STYLES[state], state);

export const runHeadLines = (run: RunDetail): readonly string[] => [
  `Run       ${run.run}`,
  `Machine   ${run.agent}`,
  `Schedule  ${run.schedule}`,
  `Nominal   ${run.nominal ?? `- (${run.cause})`}`,
  `Due       ${run.due ?? '-'}`,
];
