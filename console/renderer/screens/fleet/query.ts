// The fleet screen's state in its address, and what it asks of the core from it. Pure.
import type { Params } from '#console/api.ts';

export const VIEWS = ['grid', 'table'] as const;
export type View = (typeof VIEWS)[number];

/** Worst first, as the core sorts them. */
export const STATUSES_SHOWN = [
  'refused',
  'failed',
  'missed',
  'offline',
  'unknown',
  'pending',
  'running',
  'ok',
  'revoked',
] as const;

export const TROUBLES = ['failed', 'missed', 'refused', 'silent'] as const;
export type Trouble = (typeof TROUBLES)[number];

export type FleetFilter = Params<'fleet.grid'>;
export type FleetSort = NonNullable<Params<'fleet.page'>['sort']>;

const SORT_COLUMNS = {
  name: 'name',
  status: 'status',
  lastReport: 'lastReport',
  failed: 'failed',
  missed: 'missed',
} as const;

/** Unknown words in an address are left out: an old link still opens. */
export function readFilter(get: (name: string) => string): FleetFilter {
  const statuses = get('status').split(',');
  const status = STATUSES_SHOWN.filter((it) => statuses.includes(it));
  const trouble = TROUBLES.find((it) => it === get('trouble'));
  const text = get('q').trim();
  const group = get('group');
  return {
    ...(text ? { filter: text } : {}),
    ...(status.length > 0 ? { status } : {}),
    ...(trouble ? { trouble } : {}),
    ...(group ? { groupBy: group } : {}),
  };
}

export function readSort(word: string): { readonly by: string; readonly descending: boolean } {
  const by = word.replace(/^-/, '');
  return by in SORT_COLUMNS
    ? { by, descending: word.startsWith('-') }
    : { by: 'name', descending: false };
}

export const sortWord = (by: string, descending: boolean): FleetSort =>
  `${descending ? '-' : ''}${by}` as FleetSort;

/** How many rows each group has once statuses are filtered. */
export function groupSizes(
  groups: readonly {
    readonly value: string | null;
    readonly total: number;
    readonly counts: Readonly<Record<string, number>>;
  }[],
  status: readonly string[],
): readonly { readonly value: string | null; readonly size: number }[] {
  return groups
    .map(({ value, total, counts }) => ({
      value,
      size: status.length === 0 ? total : status.reduce((sum, it) => sum + (counts[it] ?? 0), 0),
    }))
    .filter(({ size }) => size > 0);
}
