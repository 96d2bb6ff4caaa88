// Run now, cancel, pause, resume: the console proposes, a person signs, and the machine's answer is shown as it comes.
import { useEffect, useRef } from 'react';
import type { Params } from '#console/api.ts';
import { ProposalCard } from '#console/renderer/screens/change/proposal-card.tsx';
import { useApi, useApiAction } from '#console/renderer/transport/use-api.ts';
import { Button } from '#console/renderer/ui/button.tsx';
import { Dialog } from '#console/renderer/ui/dialog.tsx';
import { ErrorState, SkeletonRows } from '#console/renderer/ui/states.tsx';
import { StatusMark } from '#console/renderer/ui/status-mark.tsx';

export type LiveCommand = NonNullable<Params<'proposals.create'>['command']>['command'];

const SIGN_WITHIN_MS = 15 * 60_000;

export interface CommandDialogProps {
  readonly agent: string;
  readonly command: LiveCommand;
  readonly onClose: () => void;
  readonly onOpenRun?: (run: string) => void;
}

/** Proposes as it opens: asking was the first click, signing is the second. */
export function CommandDialog({ agent, command, onClose, onOpenRun }: CommandDialogProps) {
  const create = useApiAction('proposals.create');
  const withdraw = useApiAction('proposals.withdraw');
  const asked = useRef(false);
  const propose = (): void => create.mutate({ command: { agent, command, ttlMs: SIGN_WITHIN_MS } });
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each opening, also in strict mode.
  useEffect(() => {
    if (asked.current) return;
    asked.current = true;
    propose();
  }, []);
  const proposal = create.data?.proposal;
  const state = useApi(
    'proposals.show',
    { proposal: proposal ?? 'P-1' },
    { enabled: proposal !== undefined, keep: false },
  ).data?.state;
  return (
    <Dialog
      open
      onClose={onClose}
      title={titleOf(command, agent)}
      actions={
        <>
          {proposal !== undefined && state === 'open' && (
            <Button
              kind="quiet"
              onClick={() => {
                withdraw.mutate({ proposal });
                onClose();
              }}
            >
              Withdraw
            </Button>
          )}
          <Button onClick={onClose}>{state === 'published' ? 'Done' : 'Leave it open'}</Button>
        </>
      }
    >
      {create.error ? (
        <ErrorState fault={create.error.fault} onRetry={propose} />
      ) : proposal === undefined ? (
        <SkeletonRows rows={3} />
      ) : (
        <>
          <ProposalCard proposal={proposal} />
          {state === 'published' && command.verb === 'run' && (
            <ArrivingRun agent={agent} schedule={command.schedule} onOpen={onOpenRun} />
          )}
        </>
      )}
    </Dialog>
  );
}

/** The run that the command makes, once the machine says so. */
function ArrivingRun({
  agent,
  schedule,
  onOpen,
}: {
  readonly agent: string;
  readonly schedule: string;
  readonly onOpen: ((run: string) => void) | undefined;
}) {
  const since = useRef(new Date(Date.now() - 60_000).toISOString().slice(0, 19));
  const runs = useApi(
    'runs.list',
    { agent, schedule, since: `${since.current}Z`, limit: 20 },
    { everyMs: 2_000 },
  );
  const run = runs.data?.find(({ cause, nominal }) => cause === 'manual' || nominal === null);
  if (!run) {
    return (
      <p role="status">
        <StatusMark status="pending">Sent. Waiting for {agent} to begin …</StatusMark>
      </p>
    );
  }
  return (
    <p className="arriving" role="status">
      <StatusMark status={run.state} />
      {onOpen && (
        <Button kind="primary" onClick={() => onOpen(run.run)}>
          Open the run
        </Button>
      )}
    </p>
  );
}

function titleOf(command: LiveCommand, agent: string): string {
  if (command.verb === 'cancel') return `Cancel this run on ${agent}`;
  const what = command.schedule ?? 'everything';
  if (command.verb === 'run') return `Run ${what} now on ${agent}`;
  return `${command.verb === 'pause' ? 'Pause' : 'Resume'} ${what} on ${agent}`;
}
