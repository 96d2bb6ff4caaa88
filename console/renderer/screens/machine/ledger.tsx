// The machine's ledger, newest first: every occurrence and how it ended; older rows load as they come near.
import { useInfiniteQuery } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { Link } from 'react-router';
import { type ApiFault, apiKey, ask, useTransport } from '#console/renderer/transport/use-api.ts';
import { EmptyState, ErrorState, SkeletonRows } from '#console/renderer/ui/states.tsx';
import { StatusMark } from '#console/renderer/ui/status-mark.tsx';
import { type Column, DataTable } from '#console/renderer/ui/table.tsx';
import { Time } from '#console/renderer/ui/time.tsx';
import type { LedgerEntry } from '#console/views.ts';
import { reasonWords } from './reasons.ts';

const PAGE_ROWS = 200;

const COLUMNS: readonly Column<LedgerEntry>[] = [
  {
    id: 'disposition',
    header: 'How it ended',
    width: '124px',
    cell: (row) => <StatusMark status={row.disposition} />,
  },
  {
    id: 'schedule',
    header: 'Schedule',
    width: 'minmax(140px, 1fr)',
    cell: (row) => row.schedule,
  },
  {
    id: 'from',
    header: 'Planned',
    width: '156px',
    cell: (row) => <Time at={row.from} as="clock" />,
  },
  {
    id: 'to',
    header: 'Until',
    width: '156px',
    from: 900,
    cell: (row) =>
      row.count > 1 ? <Time at={row.to} as="clock" /> : <span className="muted">–</span>,
  },
  { id: 'count', header: 'Count', width: '72px', align: 'end', cell: (row) => row.count },
  {
    id: 'reason',
    header: 'Reason',
    width: 'minmax(160px, 2fr)',
    cell: (row) =>
      row.reason ? (
        <span className="soft">{reasonWords(row.disposition, row.reason, row.detail)}</span>
      ) : row.run ? (
        <Link to={`/runs/${row.run}`}>see the run</Link>
      ) : (
        <span className="muted">–</span>
      ),
  },
];

export function LedgerTab({ agent }: { readonly agent: string }) {
  const transport = useTransport();
  const query = useInfiniteQuery({
    queryKey: apiKey('ledger.list', { agent, pages: true }),
    queryFn: ({ pageParam }) =>
      ask(transport, 'ledger.list', {
        agent,
        limit: PAGE_ROWS,
        ...(pageParam === '' ? {} : { until: pageParam }),
      }),
    initialPageParam: '',
    getNextPageParam: (last: readonly LedgerEntry[]) =>
      last.length === PAGE_ROWS ? last.at(-1)?.from : undefined,
  });
  const rows = useMemo(() => distinct(query.data?.pages.flat() ?? []), [query.data]);
  const { hasNextPage, isFetching, fetchNextPage } = query;
  const onRange = useCallback(
    (_from: number, to: number) => {
      if (to > rows.length - 50 && hasNextPage && !isFetching) void fetchNextPage();
    },
    [rows.length, hasNextPage, isFetching, fetchNextPage],
  );
  if (!query.data && query.error) return <ErrorState fault={(query.error as ApiFault).fault} />;
  if (!query.data) return <SkeletonRows rows={12} />;
  return (
    <div className="ledger">
      <DataTable
        label="Ledger"
        columns={COLUMNS}
        count={rows.length}
        rowAt={(index) => rows[index]}
        rowKey={(row) => `${row.schedule} ${row.from}`}
        onRange={onRange}
        tone={(row) => (row.disposition === 'expired' ? 'warn' : undefined)}
        empty={
          <EmptyState title="Nothing in the ledger yet">
            The first planned occurrence writes the first row, whether it runs or not.
          </EmptyState>
        }
      />
    </div>
  );
}

/** Pages meet at an instant that several schedules may share; a row is its schedule and its first instant. */
function distinct(rows: readonly LedgerEntry[]): readonly LedgerEntry[] {
  return [...new Map(rows.map((row) => [`${row.schedule} ${row.from}`, row])).values()];
}
