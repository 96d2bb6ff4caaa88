// The newest runs of one machine.
import { Link, useNavigate } from 'react-router';
import { useApi } from '#console/renderer/transport/use-api.ts';
import { EmptyState, FaultLine, SkeletonRows } from '#console/renderer/ui/states.tsx';
import { StatusMark } from '#console/renderer/ui/status-mark.tsx';
import { type Column, DataTable } from '#console/renderer/ui/table.tsx';
import { Duration, Time } from '#console/renderer/ui/time.tsx';
import type { RunSummary } from '#console/views.ts';

const SHOWN = 12;

const took = (run: RunSummary): number | null =>
  run.startedAt && run.finishedAt ? Date.parse(run.finishedAt) - Date.parse(run.startedAt) : null;

const COLUMNS: readonly Column<RunSummary>[] = [
  {
    id: 'state',
    header: 'State',
    width: '116px',
    cell: (run) => <StatusMark status={run.state} />,
  },
  {
    id: 'schedule',
    header: 'Schedule',
    width: 'minmax(140px, 1.4fr)',
    cell: (run) => <Link to={`/runs/${run.run}`}>{run.schedule}</Link>,
  },
  {
    id: 'planned',
    header: 'Planned',
    width: '100px',
    from: 760,
    cell: (run) => <Time at={run.nominal} as="clock" />,
  },
  {
    id: 'started',
    header: 'Started',
    width: '100px',
    cell: (run) => <Time at={run.startedAt} as="clock" />,
  },
  {
    id: 'late',
    header: 'Late by',
    width: '92px',
    align: 'end',
    from: 640,
    cell: (run) => <Duration ms={run.latenessMs} />,
  },
  {
    id: 'took',
    header: 'Took',
    width: '92px',
    align: 'end',
    cell: (run) => <Duration ms={took(run)} />,
  },
  {
    id: 'exit',
    header: 'Exit',
    width: '56px',
    align: 'end',
    cell: (run) => <span className="mono">{run.exitCode ?? '–'}</span>,
  },
  {
    id: 'attempts',
    header: 'Tries',
    width: '60px',
    align: 'end',
    from: 700,
    cell: (run) => run.attempts,
  },
];

export function MachineRuns({ agent }: { readonly agent: string }) {
  const go = useNavigate();
  const runs = useApi('runs.list', { agent, limit: 200 });
  const shown = runs.data?.slice(0, SHOWN);
  return (
    <section className="panel">
      <header className="panel-head">
        <h2>Newest runs</h2>
        <span className="spacer" />
        <Link to={`/runs?agent=${agent}`}>All runs</Link>
      </header>
      {runs.error && <FaultLine fault={runs.error.fault} />}
      {shown ? (
        <DataTable
          inline
          label="Newest runs of this machine"
          columns={COLUMNS}
          count={shown.length}
          rowAt={(index) => shown[index]}
          rowKey={(run) => run.run}
          onOpen={(run) => void go(`/runs/${run.run}`)}
          tone={(run) =>
            run.state === 'failed' || run.state === 'timed-out' || run.state === 'lost'
              ? 'bad'
              : undefined
          }
          empty={<EmptyState title="This machine has reported no run yet" />}
        />
      ) : (
        <SkeletonRows rows={6} />
      )}
    </section>
  );
}
