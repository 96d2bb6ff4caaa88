// One schedule: what it does and when, its coming times, its machines with their commands, and how it went lately.
import { ArrowLeft, EllipsisVertical, Pause, Pencil, Play, RotateCcw } from 'lucide-react';
import { useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import { CommandDialog, type LiveCommand } from '#console/renderer/screens/runs/command-dialog.tsx';
import { InertText } from '#console/renderer/screens/runs/output-view.tsx';
import { useApi } from '#console/renderer/transport/use-api.ts';
import { Button, IconButton } from '#console/renderer/ui/button.tsx';
import { Menu } from '#console/renderer/ui/menu.tsx';
import { EmptyState, ErrorState, SkeletonRows } from '#console/renderer/ui/states.tsx';
import { StatusMark } from '#console/renderer/ui/status-mark.tsx';
import { type Column, DataTable } from '#console/renderer/ui/table.tsx';
import { Duration, Time } from '#console/renderer/ui/time.tsx';
import { durationText } from '#console/renderer/ui/time-text.ts';
import type { ScheduleDetail } from '#console/views/planning.ts';
import type { RunSummary } from '#console/views.ts';
import type { Schedule } from '#shared/schedule/schedule.ts';
import { editPath, runsPath } from './paths.ts';
import { OccurrenceList } from './when-panel.tsx';
import { wordsOfTrigger } from './words.ts';
import '#console/renderer/screens/runs/runs.css';
import './schedules.css';

const NEXT = 12;

export function ScheduleScreen() {
  const { stream = '', schedule = '' } = useParams();
  const key = `${stream}/${schedule}`;
  const detail = useApi('schedules.show', { schedule: key, count: NEXT }, { keep: false });
  if (detail.data) return <Shown detail={detail.data} />;
  if (detail.error) {
    return <ErrorState fault={detail.error.fault} onRetry={() => void detail.refetch()} />;
  }
  return <SkeletonRows rows={12} />;
}

interface Command {
  readonly agent: string;
  readonly command: LiveCommand;
}

function Shown({ detail }: { readonly detail: ScheduleDetail }) {
  const go = useNavigate();
  const [asked, setAsked] = useState<Command>();
  const { spec, stream, trigger } = detail;
  const { when, zone } = wordsOfTrigger(trigger);
  return (
    <div className="screen">
      <header className="screen-head">
        <IconButton
          icon={ArrowLeft}
          label="Back to schedules"
          onClick={() => void go('/schedules')}
        />
        <h1>
          <span>
            <span className="muted">{stream}/</span>
            {spec.id}
          </span>
        </h1>
        <span className="chip">r{detail.revision}</span>
        {spec.paused && <StatusMark status="paused">paused everywhere</StatusMark>}
        <span className="spacer" />
        <Button onClick={() => void go(runsPath({ schedule: detail.schedule }))}>All runs</Button>
        <Button kind="primary" icon={Pencil} onClick={() => void go(editPath(stream, spec.id))}>
          Edit
        </Button>
      </header>
      <div className="screen-body schedule-page">
        <div className="schedule-main">
          <section>
            <p className="schedule-when">
              {when}
              {zone && <span className="muted"> · {zone}</span>}
            </p>
            {spec.description && <p className="soft">{spec.description}</p>}
            <JobText spec={spec} words={detail.job} />
            <Policies spec={spec} />
          </section>
          <section>
            <h2>Lately</h2>
            <Lately runs={detail.runs} />
          </section>
          <section>
            <h2>Machines</h2>
            <Machines detail={detail} onAsk={setAsked} />
          </section>
        </div>
        <aside className="schedule-side">
          <h2>Next</h2>
          {spec.paused ? (
            <p className="muted">Nothing while it is paused.</p>
          ) : detail.next.length === 0 ? (
            <p className="muted">It will never run again.</p>
          ) : (
            <OccurrenceList occurrences={detail.next} />
          )}
          {spec.splayMs > 0 && (
            <p className="muted">
              Each machine begins at its own moment in the {durationText(spec.splayMs)} after.
            </p>
          )}
        </aside>
      </div>
      {asked && (
        <CommandDialog
          agent={asked.agent}
          command={asked.command}
          onClose={() => setAsked(undefined)}
          onOpenRun={(run) => void go(`/runs?run=${run}`)}
        />
      )}
    </div>
  );
}

/** A script as it was written; a program quoted as a shell would read it. */
function JobText({ spec, words }: { readonly spec: Schedule; readonly words: string }) {
  const script = spec.job.kind === 'shell' ? spec.job.script : words;
  return (
    <pre
      className="job-line"
      role="region"
      aria-label={spec.job.kind === 'shell' ? 'Script' : 'Program'}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so it must be reachable by keyboard.
      tabIndex={0}
    >
      <InertText text={script.trimEnd()} />
    </pre>
  );
}

function Policies({ spec }: { readonly spec: Schedule }) {
  const { catchUp, retry } = spec;
  const rows: readonly (readonly [string, string])[] = [
    [
      'Catch up',
      `${catchUp.policy}${catchUp.policy === 'all' ? `, at most ${catchUp.limit}` : ''}${catchUp.startDeadlineMs === undefined ? '' : `, within ${durationText(catchUp.startDeadlineMs)}`}`,
    ],
    ['Overlap', spec.overlap],
    ['Timeout', `${durationText(spec.timeoutMs)}, then ${durationText(spec.graceMs)} grace`],
    [
      'Retry',
      retry.maxAttempts === 1
        ? 'one attempt'
        : `${retry.maxAttempts} attempts, first after ${durationText(retry.initialIntervalMs)}`,
    ],
    ['If power fails', spec.onInterrupted],
    ['Output kept', `${Math.round(spec.outputCapBytes / 1_024)} KB`],
  ];
  return (
    <dl className="facts policies">
      {rows.map(([name, value]) => (
        <div key={name} className="fact">
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

const RUN_COLUMNS: readonly Column<RunSummary>[] = [
  {
    id: 'state',
    header: 'Status',
    width: '120px',
    cell: (run) => <StatusMark status={run.state} />,
  },
  { id: 'agent', header: 'Machine', width: 'minmax(90px, 1fr)', cell: (run) => run.agent },
  {
    id: 'planned',
    header: 'Planned',
    width: '150px',
    cell: (run) =>
      run.nominal ? (
        <Time at={run.nominal} as="clock" />
      ) : (
        <span className="chip">{run.cause}</span>
      ),
  },
  {
    id: 'late',
    header: 'Late by',
    width: '100px',
    align: 'end',
    from: 480,
    cell: (run) => <Duration ms={run.latenessMs} />,
  },
  {
    id: 'exit',
    header: 'Exit',
    width: '60px',
    align: 'end',
    cell: (run) => <span className="mono">{run.exitCode ?? '–'}</span>,
  },
];
const LATELY = 8;

function Lately({ runs }: { readonly runs: readonly RunSummary[] }) {
  const go = useNavigate();
  const shown = runs.slice(0, LATELY);
  return (
    <div className="boxed">
      <DataTable
        label="Recent runs"
        columns={RUN_COLUMNS}
        count={shown.length}
        rowAt={(index) => shown[index]}
        rowKey={(run) => run.run}
        onOpen={(run) =>
          void go(`/runs?schedule=${encodeURIComponent(run.schedule)}&run=${run.run}`)
        }
        inline
        empty={<EmptyState title="No run was reported yet" />}
      />
    </div>
  );
}

const MACHINES_INLINE = 12;

function Machines({
  detail,
  onAsk,
}: {
  readonly detail: ScheduleDetail;
  readonly onAsk: (asked: Command) => void;
}) {
  const { agents, agentCount, schedule } = detail;
  const columns: readonly Column<string>[] = [
    {
      id: 'agent',
      header: 'Machine',
      width: 'minmax(120px, 1fr)',
      cell: (agent) => <Link to={`/fleet/${encodeURIComponent(agent)}`}>{agent}</Link>,
    },
    {
      id: 'last',
      header: 'Last run',
      width: '170px',
      cell: (agent) => <LastOn agent={agent} schedule={schedule} />,
    },
    {
      id: 'do',
      header: '',
      width: '150px',
      align: 'end',
      cell: (agent) => (
        <span className="row-actions">
          <button
            type="button"
            className="link-btn"
            onClick={() => onAsk({ agent, command: { verb: 'run', schedule } })}
          >
            Run now
          </button>
          <Menu
            label={`More for ${agent}`}
            trigger={
              <button type="button" className="row-more" aria-label={`More for ${agent}`}>
                <EllipsisVertical size={14} />
              </button>
            }
            entries={[
              {
                label: 'Run now',
                icon: Play,
                onSelect: () => onAsk({ agent, command: { verb: 'run', schedule } }),
              },
              {
                label: 'Pause here',
                icon: Pause,
                onSelect: () => onAsk({ agent, command: { verb: 'pause', schedule } }),
              },
              {
                label: 'Resume here',
                icon: RotateCcw,
                onSelect: () => onAsk({ agent, command: { verb: 'resume', schedule } }),
              },
            ]}
          />
        </span>
      ),
    },
  ];
  return (
    <div className={agents.length > MACHINES_INLINE ? 'boxed boxed-tall' : 'boxed'}>
      <DataTable
        label="Machines of this schedule"
        columns={columns}
        count={agents.length}
        rowAt={(index) => agents[index]}
        rowKey={(agent) => agent}
        inline={agents.length <= MACHINES_INLINE}
        empty={<EmptyState title="No machine has it" />}
      />
      {agentCount > agents.length && (
        <p className="muted boxed-foot">
          The first {agents.length} of {agentCount} by name.
        </p>
      )}
    </div>
  );
}

function LastOn({ agent, schedule }: { readonly agent: string; readonly schedule: string }) {
  const runs = useApi('runs.list', { agent, schedule, limit: 1 }, { keep: false });
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
