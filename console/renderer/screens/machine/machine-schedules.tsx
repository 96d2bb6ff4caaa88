// Schedules of one machine with last run and next run.
import { Pause, Play } from 'lucide-react';
import { useMemo } from 'react';
import { Link, useNavigate } from 'react-router';
import { wordsOfTrigger } from '#console/renderer/screens/schedules/words.ts';
import { useApi } from '#console/renderer/transport/use-api.ts';
import { IconButton } from '#console/renderer/ui/button.tsx';
import { EmptyState, FaultLine, SkeletonRows } from '#console/renderer/ui/states.tsx';
import { StatusMark } from '#console/renderer/ui/status-mark.tsx';
import { type Column, DataTable } from '#console/renderer/ui/table.tsx';
import { Time } from '#console/renderer/ui/time.tsx';
import type { AgentDetail, RunSummary, ScheduleSummary } from '#console/views.ts';
import type { Pausing } from './machine.tsx';

interface Line extends ScheduleSummary {
  readonly last: RunSummary | undefined;
  readonly stopped: boolean;
}

export interface MachineSchedulesProps {
  readonly machine: AgentDetail;
  readonly onPause: (pausing: Pausing) => void;
}

export function MachineSchedules({ machine, onPause }: MachineSchedulesProps) {
  const go = useNavigate();
  const { agent } = machine;
  const schedules = useApi('schedules.list', { agent });
  const runs = useApi('runs.list', { agent, limit: 200 });
  const lines = useMemo(() => {
    const lastOf = new Map<string, RunSummary>();
    for (const run of runs.data ?? []) {
      if (!lastOf.has(run.schedule)) lastOf.set(run.schedule, run);
    }
    return (schedules.data ?? []).map(
      (it): Line => ({
        ...it,
        last: lastOf.get(it.schedule),
        stopped: it.paused || machine.paused.includes(it.schedule) || machine.paused.includes('*'),
      }),
    );
  }, [schedules.data, runs.data, machine.paused]);
  const columns = useMemo(() => columnsFor(onPause), [onPause]);
  return (
    <section className="panel">
      <header className="panel-head">
        <h2>Schedules</h2>
        <span className="count">{lines.length}</span>
      </header>
      {schedules.error && <FaultLine fault={schedules.error.fault} />}
      {schedules.data ? (
        <DataTable
          inline
          label="Schedules of this machine"
          columns={columns}
          count={lines.length}
          rowAt={(index) => lines[index]}
          rowKey={(line) => line.schedule}
          onOpen={(line) => void go(`/schedules/${line.schedule}`)}
          empty={
            <EmptyState title="Nothing is scheduled here">
              No published stream names this machine or its labels.
            </EmptyState>
          }
        />
      ) : (
        <SkeletonRows rows={4} />
      )}
    </section>
  );
}

function Trigger({ text }: { readonly text: string }) {
  const { when, zone } = wordsOfTrigger(text);
  return (
    <span className="soft" title={text}>
      {when}
      {zone && <span className="muted"> {zone}</span>}
    </span>
  );
}

const columnsFor = (onPause: (pausing: Pausing) => void): readonly Column<Line>[] => [
  {
    id: 'schedule',
    header: 'Schedule',
    width: 'minmax(140px, 1.2fr)',
    cell: (line) => <Link to={`/schedules/${line.schedule}`}>{line.schedule}</Link>,
  },
  {
    id: 'trigger',
    header: 'When',
    width: 'minmax(130px, 1.2fr)',
    cell: (line) => <Trigger text={line.trigger} />,
  },
  {
    id: 'job',
    header: 'Job',
    width: 'minmax(120px, 1fr)',
    from: 800,
    cell: (line) => <span className="mono soft">{line.job}</span>,
  },
  {
    id: 'last',
    header: 'Last run',
    width: '188px',
    cell: ({ last }) =>
      last ? (
        <Link to={`/runs/${last.run}`} className="pair plain-link">
          <StatusMark status={last.state} />
          <span className="muted">
            <Time at={last.finishedAt ?? last.startedAt ?? last.nominal} />
          </span>
        </Link>
      ) : (
        <span className="muted">none yet</span>
      ),
  },
  {
    id: 'next',
    header: 'Next run',
    width: '104px',
    cell: (line) => (line.stopped ? <StatusMark status="paused" /> : <Time at={line.next} />),
  },
  {
    id: 'act',
    header: 'Act',
    width: '48px',
    cell: (line) => (
      <IconButton
        icon={line.stopped ? Play : Pause}
        label={`${line.stopped ? 'Resume' : 'Pause'} ${line.schedule} on this machine`}
        onClick={() =>
          onPause({ verb: line.stopped ? 'resume' : 'pause', schedule: line.schedule })
        }
      />
    ),
  },
];
