// What the Runs screen looks for, as it stands in the address, and as it is asked.

import { formatInstant } from '#shared/ids.ts';
import { RUN_STATES, type RunState } from '#shared/run/ledger.ts';
import type { RunQuery } from './use-runs.ts';

export const RANGES = {
  any: { label: 'any time', ms: undefined },
  hour: { label: 'last hour', ms: 3_600_000 },
  day: { label: 'last 24 hours', ms: 86_400_000 },
  week: { label: 'last 7 days', ms: 7 * 86_400_000 },
  custom: { label: 'from … to …', ms: undefined },
} as const;
export type RangeName = keyof typeof RANGES;
export const RANGE_NAMES = Object.keys(RANGES) as readonly RangeName[];

export interface RunFilter {
  readonly agent: string;
  readonly schedule: string;
  readonly state: RunState | '';
  readonly range: RangeName;
  /** Local date-times as the browser's own input writes them, for `custom`. */
  readonly from: string;
  readonly to: string;
}

export function readFilter(params: URLSearchParams): RunFilter {
  const text = (name: string): string => params.get(name)?.trim() ?? '';
  const state = text('status');
  const range = text('range');
  return {
    agent: text('agent'),
    schedule: text('schedule'),
    state: (RUN_STATES as readonly string[]).includes(state) ? (state as RunState) : '',
    range: range in RANGES ? (range as RangeName) : 'any',
    from: text('from'),
    to: text('to'),
  };
}

/** `nowAt`: rounded by the caller, so that the same question keeps the same words for a while. */
export function queryOf(filter: RunFilter, nowAt: number): RunQuery {
  const { agent, schedule, state, range } = filter;
  const since =
    range === 'custom' ? instantOf(filter.from) : instantBefore(nowAt, RANGES[range].ms);
  const until = range === 'custom' ? instantOf(filter.to) : undefined;
  return {
    ...(agent === '' ? {} : { agent }),
    ...(schedule === '' ? {} : { schedule }),
    ...(state === '' ? {} : { state }),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
  };
}

export const isFiltered = ({ agent, schedule, state, range }: RunFilter): boolean =>
  agent !== '' || schedule !== '' || state !== '' || range !== 'any';

const instantBefore = (nowAt: number, ms: number | undefined): string | undefined =>
  ms === undefined ? undefined : formatInstant(nowAt - ms);

function instantOf(local: string): string | undefined {
  const ms = Date.parse(local);
  return local === '' || Number.isNaN(ms) ? undefined : formatInstant(ms);
}
