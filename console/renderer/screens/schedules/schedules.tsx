// Schedules: everything that is in force, by stream, with its words, its next time and how it last went.
import { FilePlus2, Pencil } from 'lucide-react';
import { useNavigate, useSearchParams } from 'react-router';
import { useDraftNames } from '#console/renderer/screens/change/drafts.ts';
import { useCommands } from '#console/renderer/shell/commands.ts';
import { useApi } from '#console/renderer/transport/use-api.ts';
import { Button } from '#console/renderer/ui/button.tsx';
import { SearchField } from '#console/renderer/ui/field.tsx';
import { Select } from '#console/renderer/ui/select.tsx';
import { EmptyState, ErrorState, FaultLine, SkeletonRows } from '#console/renderer/ui/states.tsx';
import { StatusMark } from '#console/renderer/ui/status-mark.tsx';
import { type Column, DataTable } from '#console/renderer/ui/table.tsx';
import { Time } from '#console/renderer/ui/time.tsx';
import type { ScheduleSummary } from '#console/views.ts';
import { splitScheduleKey } from '#shared/ids.ts';
import { editPath, reviewPath, schedulePath } from './paths.ts';
import { wordsOfTrigger } from './words.ts';
import './schedules.css';

const COLUMNS: readonly Column<ScheduleSummary>[] = [
  {
    id: 'schedule',
    header: 'Schedule',
    width: 'minmax(170px, 1.3fr)',
    cell: ({ schedule }) => {
      const { stream, schedule: id } = splitScheduleKey(schedule);
      return (
        <span title={schedule}>
          <span className="muted">{stream}/</span>
          {id}
        </span>
      );
    },
  },
  {
    id: 'when',
    header: 'When',
    width: 'minmax(170px, 1.5fr)',
    cell: ({ trigger }) => {
      const { when, zone } = wordsOfTrigger(trigger);
      return (
        <span title={trigger}>
          {when} {zone && <span className="muted">· {zone}</span>}
        </span>
      );
    },
  },
  {
    id: 'job',
    header: 'Job',
    width: 'minmax(120px, 2fr)',
    from: 860,
    cell: ({ job }) => (
      <span className="mono soft" title={job}>
        {job}
      </span>
    ),
  },
  {
    id: 'machines',
    header: 'Machines',
    width: '76px',
    align: 'end',
    from: 560,
    cell: ({ agents }) => agents,
  },
  {
    id: 'next',
    header: 'Next',
    width: '92px',
    cell: ({ next, paused }) => (paused ? <StatusMark status="paused" /> : <Time at={next} />),
  },
  {
    id: 'last',
    header: 'Last run',
    width: '190px',
    from: 480,
    cell: ({ schedule }) => <LastRun schedule={schedule} />,
  },
];

/** Asked for rows on screen only. */
function LastRun({ schedule }: { readonly schedule: string }) {
  const runs = useApi('runs.list', { schedule, limit: 1 }, { keep: false });
  const last = runs.data?.[0];
  if (!last) return <span className="muted">{runs.isPending ? '' : 'none yet'}</span>;
  return (
    <span className="last-run">
      <StatusMark status={last.state} />
      <span className="muted">
        <Time at={last.finishedAt ?? last.startedAt} />
      </span>
    </span>
  );
}

export function SchedulesScreen() {
  const [params, setParams] = useSearchParams();
  const go = useNavigate();
  const q = params.get('q') ?? '';
  const stream = params.get('stream') ?? '';
  const schedules = useApi('schedules.list', {});
  const change = (name: string, value: string): void =>
    setParams(
      (old) => {
        const next = new URLSearchParams(old);
        if (value === '') next.delete(name);
        else next.set(name, value);
        return next;
      },
      { replace: true },
    );
  const all = schedules.data ?? [];
  const streams = [...new Set(all.map(({ schedule }) => splitScheduleKey(schedule).stream))].sort();
  const words = q
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const list = all.filter(
    ({ schedule, trigger, job }) =>
      (stream === '' || splitScheduleKey(schedule).stream === stream) &&
      words.every((word) => `${schedule} ${trigger} ${job}`.toLowerCase().includes(word)),
  );
  return (
    <div className="screen">
      <Head stream={stream} count={all.length} />
      <div className="toolbar">
        <SearchField
          label="Filter schedules"
          placeholder="Name, job or time"
          value={q}
          onChange={(value) => change('q', value)}
        />
        <Select
          label="Stream"
          inline
          value={stream}
          options={[
            { value: '', label: 'all' },
            ...streams.map((it) => ({ value: it, label: it })),
          ]}
          onChange={(value) => change('stream', value)}
        />
        <DraftNote />
      </div>
      {schedules.error && schedules.data && <FaultLine fault={schedules.error.fault} />}
      {schedules.data ? (
        <DataTable
          label="Schedules"
          columns={COLUMNS}
          count={list.length}
          rowAt={(index) => list[index]}
          rowKey={({ schedule }) => schedule}
          onOpen={({ schedule }) => void go(schedulePath(schedule))}
          empty={<NoSchedules any={all.length > 0} onClear={() => setParams({})} />}
        />
      ) : schedules.error ? (
        <ErrorState fault={schedules.error.fault} onRetry={() => void schedules.refetch()} />
      ) : (
        <SkeletonRows rows={12} />
      )}
    </div>
  );
}

function Head({ stream, count }: { readonly stream: string; readonly count: number }) {
  const go = useNavigate();
  useCommands([
    {
      id: 'new-stream',
      title: 'Write a new stream',
      group: 'Schedules',
      keys: 'n',
      icon: FilePlus2,
      run: () => void go(editPath()),
    },
  ]);
  return (
    <header className="screen-head">
      <h1>Schedules</h1>
      <span className="count">{count}</span>
      <span className="spacer" />
      {stream !== '' && (
        <Button kind="quiet" onClick={() => void go(`${reviewPath(stream)}?remove`)}>
          End {stream} …
        </Button>
      )}
      {stream !== '' && (
        <Button icon={Pencil} onClick={() => void go(editPath(stream))}>
          Edit {stream}
        </Button>
      )}
      <Button kind="primary" icon={FilePlus2} onClick={() => void go(editPath())}>
        New stream
      </Button>
    </header>
  );
}

function DraftNote() {
  const go = useNavigate();
  const names = useDraftNames();
  if (names.length === 0) return null;
  return (
    <Button kind="quiet" onClick={() => void go('/change')}>
      {names.length === 1 ? '1 draft in this browser' : `${names.length} drafts in this browser`}
    </Button>
  );
}

function NoSchedules({ any, onClear }: { readonly any: boolean; readonly onClear: () => void }) {
  const go = useNavigate();
  if (any) {
    return (
      <EmptyState
        title="No schedule matches"
        actions={<Button onClick={onClear}>Show all</Button>}
      />
    );
  }
  return (
    <EmptyState
      title="Nothing is scheduled yet"
      actions={
        <>
          <Button kind="primary" onClick={() => void go('/start')}>
            Begin with an example
          </Button>
          <Button onClick={() => void go(editPath())}>Write one</Button>
        </>
      }
    >
      Schedules are kept in streams: one file each, signed as a whole.
    </EmptyState>
  );
}
