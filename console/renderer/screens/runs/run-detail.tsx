// One run beside the list: when it was planned, due, started and over, why it stands as it does, and what it wrote.
import { Link2, Play, Square, X } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { copyText } from '#console/renderer/screens/change/copy-line.tsx';
import { schedulePath } from '#console/renderer/screens/schedules/paths.ts';
import { useCommands } from '#console/renderer/shell/commands.ts';
import { useApi } from '#console/renderer/transport/use-api.ts';
import { Button, IconButton } from '#console/renderer/ui/button.tsx';
import { useNow } from '#console/renderer/ui/clock.ts';
import { ErrorState, SkeletonRows } from '#console/renderer/ui/states.tsx';
import { StatusMark } from '#console/renderer/ui/status-mark.tsx';
import { Duration, Time } from '#console/renderer/ui/time.tsx';
import type { RunDetail } from '#console/views.ts';
import { Attempts } from './attempts.tsx';
import { CommandDialog, type LiveCommand } from './command-dialog.tsx';
import { inertLine } from './inert-text.ts';

const LIVE = new Set(['starting', 'running', 'retrying']);
export const isLive = (state: string): boolean => LIVE.has(state);

export interface RunPanelProps {
  readonly run: string;
  readonly onClose: () => void;
  /** Shows another run, such as the one just asked for. */
  readonly onOpen: (run: string) => void;
}

export function RunPanel({ run, onClose, onOpen }: RunPanelProps) {
  const detail = useApi('runs.show', { run }, { keep: false });
  return (
    <aside className="run-panel" aria-label="Run">
      {detail.isPending ? (
        <SkeletonRows rows={8} />
      ) : detail.data ? (
        <RunBody key={run} detail={detail.data} onClose={onClose} onOpen={onOpen} />
      ) : (
        <>
          <div className="run-close">
            <IconButton icon={X} label="Close" keys="Esc" onClick={onClose} />
          </div>
          {detail.error && (
            <ErrorState fault={detail.error.fault} onRetry={() => void detail.refetch()} />
          )}
        </>
      )}
    </aside>
  );
}

function RunBody({
  detail,
  onClose,
  onOpen,
}: {
  readonly detail: RunDetail;
  readonly onClose: () => void;
  readonly onOpen: (run: string) => void;
}) {
  const [command, setCommand] = useState<LiveCommand>();
  const { agent, schedule, run } = detail;
  const live = isLive(detail.state);
  const runNow = (): void => setCommand({ verb: 'run', schedule });
  const cancel = (): void => setCommand({ verb: 'cancel', run });
  useCommands([
    {
      id: 'run-now',
      title: `Run ${schedule} now on ${agent}`,
      group: 'This run',
      keys: 'n',
      run: runNow,
    },
    ...(live
      ? [{ id: 'run-cancel', title: 'Cancel this run', group: 'This run', keys: 'x', run: cancel }]
      : []),
  ]);
  return (
    <>
      <header className="run-head">
        <div className="run-title">
          <StatusMark status={detail.state} />
          <h2>
            <Link to={schedulePath(schedule)}>{schedule}</Link> <span className="muted">on</span>{' '}
            <Link to={`/fleet/${encodeURIComponent(agent)}`}>{agent}</Link>
          </h2>
          <span className="mono muted run-id">{run}</span>
        </div>
        <IconButton
          icon={Link2}
          label="Copy the run’s address"
          onClick={() => void copyText(location.href)}
        />
        <IconButton icon={X} label="Close" keys="Esc" onClick={onClose} />
      </header>
      <div className="run-scroll">
        <Why detail={detail} />
        <RunTimes detail={detail} />
        <div className="run-actions">
          <Button icon={Play} onClick={runNow}>
            Run now
          </Button>
          {live && (
            <Button icon={Square} kind="danger" onClick={cancel}>
              Cancel
            </Button>
          )}
        </div>
        <Attempts detail={detail} live={live} />
      </div>
      {command && (
        <CommandDialog
          agent={agent}
          command={command}
          onClose={() => setCommand(undefined)}
          onOpenRun={(found) => {
            setCommand(undefined);
            onOpen(found);
          }}
        />
      )}
    </>
  );
}

function RunTimes({ detail }: { readonly detail: RunDetail }) {
  const now = useNow();
  const ran =
    detail.startedAt === null
      ? null
      : (detail.finishedAt === null ? now : Date.parse(detail.finishedAt)) -
        Date.parse(detail.startedAt);
  return (
    <dl className="facts run-times">
      <Fact name="Planned">
        {detail.nominal === null ? (
          <span className="muted">{detail.cause}</span>
        ) : (
          <Time at={detail.nominal} as="clock" />
        )}
      </Fact>
      <Fact name="Due">
        <Time at={detail.due} as="clock" />
      </Fact>
      <Fact name="Started">
        <Time at={detail.startedAt} as="clock" />
      </Fact>
      <Fact name="Finished">
        <Time at={detail.finishedAt} as="clock" />
      </Fact>
      <Fact name="Late by">
        <Duration ms={detail.latenessMs} />
      </Fact>
      <Fact name="Took">
        <Duration ms={ran === null ? null : Math.max(0, ran)} />
      </Fact>
      <Fact name="Cause">{detail.cause}</Fact>
      <Fact name="Exit code">
        <span className="mono">{detail.exitCode ?? '–'}</span>
      </Fact>
    </dl>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: React.ReactNode }) {
  return (
    <div className="fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** The sentence that `muster why` says; a run by command answers for no occurrence and has none. */
function Why({ detail }: { readonly detail: RunDetail }) {
  const { agent, schedule, nominal } = detail;
  const why = useApi(
    'why',
    { agent, schedule, at: nominal ?? '' },
    { enabled: nominal !== null, keep: false },
  );
  if (nominal === null) {
    return <p className="why">Started by a signed command, not by the clock.</p>;
  }
  if (!why.data) return <p className="why muted">{why.error ? why.error.fault.message : '…'}</p>;
  return <p className="why">{inertLine(why.data.sentence)}</p>;
}
