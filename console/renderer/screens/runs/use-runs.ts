// Pages of runs by key: the head stays live, older pages come as the person scrolls to them.
import { useCallback, useEffect, useRef, useState } from 'react';
import type { Params } from '#console/api.ts';
import { type ApiFault, ask, useApi, useTransport } from '#console/renderer/transport/use-api.ts';
import type { Fault } from '#shared/result.ts';
import { appendPage, EMPTY_LIST, mergeHead, type RunList, updateInPlace } from './run-list.ts';

const PAGE_ROWS = 100;
/** Ask for the next page when the end is this near. */
const AHEAD_ROWS = 40;
const TOP_ROWS = 2;

export type RunQuery = Omit<Params<'runs.list'>, 'limit' | 'before'>;

export interface Runs {
  readonly list: RunList;
  readonly loading: boolean;
  readonly fault: Fault | undefined;
  /** New runs that wait above while the person reads further down. */
  readonly waiting: number;
  readonly onRange: (from: number, to: number) => void;
  readonly retry: () => void;
}

/** `query` must keep its text from render to render: it is the key of what is held. */
export function useRuns(query: RunQuery): Runs {
  const key = JSON.stringify(query);
  const transport = useTransport();
  const head = useApi(
    'runs.list',
    { ...query, limit: PAGE_ROWS },
    { keep: false, everyMs: 15_000 },
  );
  const [held, setHeld] = useState({ key, list: EMPTY_LIST, waiting: 0 });
  const [pageFault, setPageFault] = useState<Fault>();
  const busy = useRef(false);
  const reading = useRef(false);
  const current = held.key === key ? held : { key, list: EMPTY_LIST, waiting: 0 };

  const takeHead = useCallback(
    (data: typeof head.data): void => {
      if (!data) return;
      setHeld((old) => {
        const list = old.key === key ? old.list : EMPTY_LIST;
        if (reading.current && list.rows.length > 0) return { key, ...updateInPlace(list, data) };
        return { key, list: mergeHead(list, data, PAGE_ROWS), waiting: 0 };
      });
    },
    [key],
  );
  useEffect(() => takeHead(head.data), [head.data, takeHead]);

  const more = async (): Promise<void> => {
    const before = current.list.rows.at(-1)?.run;
    if (busy.current || current.list.whole || before === undefined) return;
    busy.current = true;
    try {
      const page = await ask(transport, 'runs.list', { ...query, before, limit: PAGE_ROWS });
      setPageFault(undefined);
      setHeld((old) =>
        old.key === key ? { ...old, list: appendPage(old.list, page, PAGE_ROWS) } : old,
      );
    } catch (error) {
      setPageFault((error as ApiFault).fault);
    } finally {
      busy.current = false;
    }
  };
  const latestMore = useRef(more);
  latestMore.current = more;
  const rowCount = useRef(0);
  rowCount.current = current.list.rows.length;
  const onRange = useCallback(
    (from: number, to: number): void => {
      const wasReading = reading.current;
      reading.current = from > TOP_ROWS;
      if (wasReading && !reading.current) takeHead(head.data);
      if (to >= rowCount.current - AHEAD_ROWS) void latestMore.current();
    },
    [takeHead, head.data],
  );
  return {
    list: current.list,
    loading: head.isPending,
    fault: head.error?.fault ?? pageFault,
    waiting: current.waiting,
    onRange,
    retry: () => void head.refetch(),
  };
}
