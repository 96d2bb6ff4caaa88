// Coverage of a stream's newest revision, live to the last machine: how many have it, and who does not.
import { Link } from 'react-router';
import { useApi } from '#console/renderer/transport/use-api.ts';
import { ErrorState, SkeletonRows } from '#console/renderer/ui/states.tsx';
import { StatusGlyph, StatusMark } from '#console/renderer/ui/status-mark.tsx';
import { type Column, DataTable } from '#console/renderer/ui/table.tsx';
import { Time } from '#console/renderer/ui/time.tsx';
import type { StreamCoverage } from '#console/views/planning.ts';
import type { Coverage } from '#console/views.ts';

const ORDER: readonly Coverage[] = ['applied', 'pending', 'unknown', 'refused'];
const EVERY_MS = 2_000;
const SHOWN = 500;

type Row = StreamCoverage['agents'][number];

const COLUMNS: readonly Column<Row>[] = [
  {
    id: 'state',
    header: 'State',
    width: '110px',
    cell: (row) => <StatusMark status={row.state} />,
  },
  {
    id: 'agent',
    header: 'Machine',
    width: 'minmax(120px, 1fr)',
    cell: (row) => <Link to={`/fleet/${encodeURIComponent(row.agent)}`}>{row.agent}</Link>,
  },
  {
    id: 'applied',
    header: 'Has',
    width: '80px',
    cell: (row) =>
      row.applied === null ? <span className="muted">nothing</span> : `r${row.applied}`,
  },
  {
    id: 'note',
    header: '',
    width: 'minmax(100px, 1fr)',
    cell: (row) =>
      row.code !== null ? (
        <code>{row.code}</code>
      ) : row.leaving ? (
        <span className="muted">leaves the stream</span>
      ) : null,
  },
  {
    id: 'report',
    header: 'Last report',
    width: '110px',
    cell: (row) => <Time at={row.lastReportAt} />,
  },
];

export function CoveragePanel({ stream }: { readonly stream: string }) {
  const coverage = useApi('coverage.show', { stream, limit: SHOWN }, { everyMs: EVERY_MS });
  if (!coverage.data) {
    return coverage.error ? (
      <ErrorState fault={coverage.error.fault} onRetry={() => void coverage.refetch()} />
    ) : (
      <SkeletonRows rows={4} />
    );
  }
  const { counts, agents, revision } = coverage.data;
  const total = ORDER.reduce((sum, state) => sum + counts[state], 0);
  const whole = counts.applied === total;
  return (
    <section className="coverage" aria-label={`Coverage of ${stream}`}>
      <p className="coverage-line" role="status">
        <strong>
          {haveIt(counts.applied, total)} {stream} r{revision}
        </strong>
        <span className="muted">
          published <Time at={coverage.data.since} />
        </span>
      </p>
      <CoverageBar counts={counts} total={total} />
      {!whole && counts.pending + counts.unknown > 0 && (
        <p className="soft">
          Machines that are away apply it when they are back; nothing has to be done here.
        </p>
      )}
      <DataTable
        label={`Machines of ${stream}`}
        columns={COLUMNS}
        count={agents.length}
        rowAt={(index) => agents[index]}
        rowKey={(row) => row.agent}
        tone={(row) => (row.state === 'refused' ? 'bad' : undefined)}
        inline={agents.length <= 40}
      />
      {total > agents.length && (
        <p className="muted">
          The first {agents.length} of {total}, worst first.
        </p>
      )}
    </section>
  );
}

function haveIt(applied: number, total: number): string {
  if (total === 0) return 'No machine is to have';
  if (total === 1) return applied === 1 ? 'The machine has' : 'The machine does not have yet';
  return applied === total ? `All ${total} machines have` : `${applied} of ${total} machines have`;
}

/** Proportions as one bar; the words below carry the numbers. */
export function CoverageBar({
  counts,
  total,
}: {
  readonly counts: StreamCoverage['counts'];
  readonly total: number;
}) {
  const present = ORDER.filter((state) => counts[state] > 0);
  return (
    <div>
      <div className="coverage-bar" aria-hidden="true">
        {present.map((state) => (
          <span
            key={state}
            className={`fill-${state}`}
            style={{ flexGrow: counts[state] / total }}
          />
        ))}
      </div>
      <ul className="coverage-words">
        {present.map((state) => (
          <li key={state}>
            <StatusGlyph status={state} /> {counts[state]} {state}
          </li>
        ))}
      </ul>
    </div>
  );
}
