// Rows of a fleet of any size: only the pages around what is on screen are asked for and kept fresh.
import { useQueries } from '@tanstack/react-query';
import { useCallback, useRef, useState } from 'react';
import { type ApiFault, apiKey, ask, useTransport } from '#console/renderer/transport/use-api.ts';
import type { FleetPage } from '#console/views.ts';
import type { FleetFilter, FleetSort } from './query.ts';

const PAGE_ROWS = 100;

export interface FleetRows {
  /** The newest answer, whichever page it came with; undefined before the first. */
  readonly head: FleetPage | undefined;
  readonly rowAt: (index: number) => FleetPage['rows'][number] | undefined;
  readonly onRange: (from: number, to: number) => void;
  readonly fault: ApiFault | null;
  readonly retry: () => void;
}

export function useFleetRows(filter: FleetFilter, sort: FleetSort): FleetRows {
  const transport = useTransport();
  const [range, setRange] = useState({ from: 0, to: PAGE_ROWS - 1 });
  const first = Math.floor(range.from / PAGE_ROWS);
  const end = Math.floor(range.to / PAGE_ROWS);
  const pages = Array.from({ length: end - first + 1 }, (_, at) => first + at);
  const results = useQueries({
    queries: pages.map((page) => {
      const params = { ...filter, sort, offset: page * PAGE_ROWS, limit: PAGE_ROWS };
      return {
        queryKey: apiKey('fleet.page', params),
        queryFn: () => ask(transport, 'fleet.page', params),
        // Of another filter the same page may stand in; another page's rows never may.
        placeholderData: (
          before: FleetPage | undefined,
          query: { readonly queryKey: readonly unknown[] } | undefined,
        ) =>
          (query?.queryKey[2] as { readonly offset?: number } | undefined)?.offset === params.offset
            ? before
            : undefined,
      };
    }),
  });
  const onRange = useCallback((from: number, to: number) => {
    const near = { from: Math.max(0, from - 20), to: to + 20 };
    setRange((now) =>
      Math.floor(near.from / PAGE_ROWS) === Math.floor(now.from / PAGE_ROWS) &&
      Math.floor(near.to / PAGE_ROWS) === Math.floor(now.to / PAGE_ROWS)
        ? now
        : near,
    );
  }, []);
  // Counts hold while pages far away load: else a jump to the end would empty the table it jumps in.
  const last = useRef<FleetPage | undefined>(undefined);
  const head = newest(results) ?? last.current;
  last.current = head;
  return {
    head,
    rowAt: (index) => {
      const page = Math.floor(index / PAGE_ROWS);
      return results[page - first]?.data?.rows[index - page * PAGE_ROWS];
    },
    onRange,
    fault: (results.find((result) => result.error)?.error as ApiFault | undefined) ?? null,
    retry: () => {
      for (const result of results) void result.refetch();
    },
  };
}

function newest(
  results: readonly { readonly data?: FleetPage | undefined; readonly dataUpdatedAt: number }[],
): FleetPage | undefined {
  return results.filter((it) => it.data).toSorted((a, b) => b.dataUpdatedAt - a.dataUpdatedAt)[0]
    ?.data;
}
