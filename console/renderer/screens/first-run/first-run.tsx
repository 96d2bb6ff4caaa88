// First run: from nothing to a run that arrived, in order, each step saying by itself that it is done.
import { useSearchParams } from 'react-router';
import { ProposalCard } from '#console/renderer/screens/change/proposal-card.tsx';
import { useApi } from '#console/renderer/transport/use-api.ts';
import { StatusGlyph } from '#console/renderer/ui/status-mark.tsx';
import { ArrivalStep } from './arrival-step.tsx';
import { ConsoleStep } from './console-step.tsx';
import { EXAMPLES, type Example } from './examples.ts';
import { MachineStep } from './machine-step.tsx';
import { ScheduleStep } from './schedule-step.tsx';
import '#console/renderer/screens/change/change.css';
import '#console/renderer/screens/runs/runs.css';
import '#console/renderer/screens/schedules/schedules.css';
import './first-run.css';

const EVERY_MS = 3_000;

export function FirstRunScreen() {
  const [params, setParams] = useSearchParams();
  const status = useApi('core.status', {});
  const machines = useApi('fleet.page', { limit: 1 }, { everyMs: EVERY_MS });
  const proposal = params.get('proposal');
  const example =
    EXAMPLES.find(({ id }) => id === params.get('example')) ?? (EXAMPLES[0] as Example);
  const proposed = useApi(
    'proposals.show',
    { proposal: proposal ?? 'P-1' },
    { enabled: proposal !== null, keep: false, everyMs: EVERY_MS },
  );
  const published = proposed.data?.state === 'published';
  const runs = useApi(
    'runs.list',
    { schedule: `${example.stream}/${example.schedule}`, limit: 1 },
    { enabled: published, keep: false, everyMs: EVERY_MS },
  );
  const known = (machines.data?.total ?? 0) > 0;
  const set = (changes: Readonly<Record<string, string | undefined>>): void =>
    setParams(
      (old) => {
        const next = new URLSearchParams(old);
        for (const [name, value] of Object.entries(changes)) {
          if (value === undefined) next.delete(name);
          else next.set(name, value);
        }
        return next;
      },
      { replace: true },
    );
  return (
    <div className="screen">
      <header className="screen-head">
        <h1>First run</h1>
        <span className="muted">from nothing to a job that ran, in about five minutes</span>
      </header>
      <div className="screen-body followed">
        <ol className="steps">
          <Step title="The console" done={status.data?.broker.online === true}>
            <ConsoleStep />
          </Step>
          <Step title="A machine" done={known}>
            <MachineStep />
          </Step>
          <Step title="A schedule" done={proposal !== null}>
            <ScheduleStep
              example={example}
              proposed={proposal !== null}
              canPropose={known}
              onExample={(id) => set({ example: id, proposal: undefined })}
              onProposed={(created) => set({ proposal: created })}
            />
          </Step>
          <Step title="A signature" done={published}>
            {proposal === null ? (
              <p className="muted">
                Machines act only on what a person signed; not even this console can change that.
              </p>
            ) : (
              <ProposalCard proposal={proposal} />
            )}
          </Step>
          <Step title="The run" done={(runs.data?.length ?? 0) > 0}>
            {published ? (
              <ArrivalStep stream={example.stream} schedule={example.schedule} />
            ) : (
              <p className="muted">It appears here seconds after it began, with what it wrote.</p>
            )}
          </Step>
        </ol>
      </div>
    </div>
  );
}

function Step({
  title,
  done,
  children,
}: {
  readonly title: string;
  readonly done: boolean;
  readonly children: React.ReactNode;
}) {
  return (
    <li className="step" aria-label={`${title}${done ? ', done' : ''}`}>
      <StatusGlyph status={done ? 'applied' : 'planned'} size={14} />
      <h2>{title}</h2>
      <div className="step-body">{children}</div>
    </li>
  );
}
