// A long history as the screen holds it: a live head, older pages below it, joined without a gap or a double.
import type { RunSummary } from '#console/views.ts';

export interface RunList {
  readonly rows: readonly RunSummary[];
  /** Nothing older exists. */
  readonly whole: boolean;
}

export const EMPTY_LIST: RunList = { rows: [], whole: false };

/** Puts a newly read head over what is there. When they do not touch, the old rows go: a gap must never look whole. */
export function mergeHead(list: RunList, head: readonly RunSummary[], pageSize: number): RunList {
  const last = head.at(-1);
  if (last === undefined || head.length < pageSize) return { rows: head, whole: true };
  const touches = list.rows.findIndex(({ run }) => run === last.run);
  if (touches < 0) return { rows: head, whole: false };
  return { rows: [...head, ...list.rows.slice(touches + 1)], whole: list.whole };
}

/** Adds the page that follows the last row. */
export function appendPage(list: RunList, page: readonly RunSummary[], pageSize: number): RunList {
  const known = new Set(list.rows.map(({ run }) => run));
  const fresh = page.filter(({ run }) => !known.has(run));
  return { rows: [...list.rows, ...fresh], whole: page.length < pageSize };
}

/** While a person reads further down: states move on in place, no row comes or goes. Second: how many wait above. */
export function updateInPlace(
  list: RunList,
  head: readonly RunSummary[],
): { readonly list: RunList; readonly waiting: number } {
  const fresh = new Map(head.map((row) => [row.run, row]));
  const known = new Set(list.rows.map(({ run }) => run));
  return {
    list: { ...list, rows: list.rows.map((row) => fresh.get(row.run) ?? row) },
    waiting: head.filter(({ run }) => !known.has(run)).length,
  };
}
