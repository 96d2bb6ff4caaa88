// The fleet as a table: one row a machine, sections by label when grouped.
import { Link, useNavigate } from 'react-router';
import { LabelChips } from '#console/renderer/ui/label-chips.tsx';
import { StatusMark } from '#console/renderer/ui/status-mark.tsx';
import { type Column, DataTable } from '#console/renderer/ui/table.tsx';
import { Time } from '#console/renderer/ui/time.tsx';
import type { AgentRow } from '#console/views.ts';
import { type FleetFilter, type FleetSort, groupSizes, readSort, sortWord } from './query.ts';
import type { FleetRows } from './use-fleet-rows.ts';

/** What the core is known to have of the machine's schedule, in a few characters. */
function Revision({ row }: { readonly row: AgentRow }) {
  const { applied, wanted } = row.revision;
  if (wanted === null) return <span className="muted">nothing assigned</span>;
  if (row.coverage === 'refused' && applied === wanted)
    return <StatusMark status="refused">r{wanted}</StatusMark>;
  if (row.coverage === 'applied') return <StatusMark status="applied">r{wanted}</StatusMark>;
  return (
    <StatusMark status={row.coverage}>
      {applied === null ? `none → r${wanted}` : `r${applied} → r${wanted}`}
    </StatusMark>
  );
}

const count = (value: number, tone: string) =>
  value === 0 ? <span className="muted">0</span> : <strong className={tone}>{value}</strong>;

const COLUMNS: readonly Column<AgentRow>[] = [
  {
    id: 'name',
    header: 'Machine',
    width: 'minmax(130px, 1.2fr)',
    sortable: true,
    cell: (row) => <Link to={`/fleet/${row.agent}`}>{row.agent}</Link>,
  },
  {
    id: 'status',
    header: 'Status',
    width: '104px',
    sortable: true,
    cell: (row) => <StatusMark status={row.status} />,
  },
  {
    id: 'presence',
    header: 'Link',
    width: '92px',
    from: 980,
    cell: (row) => <StatusMark status={row.presence} />,
  },
  { id: 'revision', header: 'Schedule', width: '132px', cell: (row) => <Revision row={row} /> },
  {
    id: 'clock',
    header: 'Clock',
    width: '108px',
    from: 1120,
    cell: (row) => <StatusMark status={row.clock} />,
  },
  {
    id: 'lastReport',
    header: 'Last report',
    width: '100px',
    sortable: true,
    cell: (row) => <Time at={row.lastReportAt} />,
  },
  {
    id: 'next',
    header: 'Next run',
    width: 'minmax(150px, 1.2fr)',
    from: 860,
    cell: (row) =>
      row.next ? (
        <span className="pair">
          <Time at={row.next.at} />
          <span className="muted truncate">{row.next.schedule}</span>
        </span>
      ) : (
        <span className="muted">–</span>
      ),
  },
  {
    id: 'failed',
    header: 'Failed 24 h',
    width: '112px',
    align: 'end',
    sortable: true,
    cell: (row) => count(row.failed24h, 'tone-bad'),
  },
  {
    id: 'missed',
    header: 'Missed 24 h',
    width: '116px',
    align: 'end',
    sortable: true,
    cell: (row) => count(row.missed24h, 'tone-warn'),
  },
  {
    id: 'labels',
    header: 'Labels',
    width: 'minmax(120px, 1.4fr)',
    from: 1040,
    cell: (row) => <LabelChips labels={row.labels} />,
  },
];

export interface FleetTableProps {
  readonly rows: FleetRows;
  readonly filter: FleetFilter;
  readonly sort: FleetSort;
  readonly onSort: (sort: FleetSort) => void;
}

export function FleetTable({ rows, filter, sort, onSort }: FleetTableProps) {
  const go = useNavigate();
  const { head } = rows;
  const sections = filter.groupBy ? groupSizes(head?.groups ?? [], filter.status ?? []) : [];
  return (
    <DataTable
      label="Machines"
      columns={COLUMNS}
      count={head?.matched ?? 0}
      sections={sections.map(({ value, size }) => ({
        id: value ?? '',
        size,
        title: (
          <>
            <span className="mono">
              {value === null ? `no ${filter.groupBy}` : `${filter.groupBy}=${value}`}
            </span>
            <span className="count">{size.toLocaleString('en')}</span>
          </>
        ),
      }))}
      rowAt={rows.rowAt}
      rowKey={(row) => row.agent}
      resetKey={JSON.stringify([filter, sort])}
      onRange={rows.onRange}
      onOpen={(row) => void go(`/fleet/${row.agent}`)}
      sort={readSort(sort)}
      onSort={({ by, descending }) => onSort(sortWord(by, descending))}
      tone={(row) =>
        row.status === 'failed' || row.status === 'refused'
          ? 'bad'
          : row.status === 'missed'
            ? 'warn'
            : undefined
      }
    />
  );
}
