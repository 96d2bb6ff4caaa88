// The end of the way: machines take the schedule over, and the first run arrives.
import { Play } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { CoveragePanel } from '#console/renderer/screens/change/coverage-panel.tsx';
import { CommandDialog } from '#console/renderer/screens/runs/command-dialog.tsx';
import { OutputView } from '#console/renderer/screens/runs/output-view.tsx';
import { useApi } from '#console/renderer/transport/use-api.ts';
import { Button } from '#console/renderer/ui/button.tsx';
import { FaultLine } from '#console/renderer/ui/states.tsx';
import { StatusMark } from '#console/renderer/ui/status-mark.tsx';
import { Time } from '#console/renderer/ui/time.tsx';

const EVERY_MS = 2_000;

export function ArrivalStep({
  stream,
  schedule,
}: {
  readonly stream: string;
  readonly schedule: string;
}) {
  const key = `${stream}/${schedule}`;
  const [asking, setAsking] = useState(false);
  const detail = useApi('schedules.show', { schedule: key, count: 1 }, { everyMs: EVERY_MS * 5 });
  const runs = useApi('runs.list', { schedule: key, limit: 1 }, { everyMs: EVERY_MS });
  const run = runs.data?.[0];
  const agent = detail.data?.agents[0];
  return (
    <>
      <CoveragePanel stream={stream} />
      {run ? (
        <FirstRun run={run.run} />
      ) : (
        <p className="broker-line" role="status">
          <StatusMark status="pending">
            The first run is planned for <Time at={detail.data?.next[0]?.at ?? null} />
          </StatusMark>
          {agent !== undefined && (
            <Button icon={Play} onClick={() => setAsking(true)}>
              Run it now
            </Button>
          )}
        </p>
      )}
      {runs.error && !run && detail.data && <FaultLine fault={runs.error.fault} />}
      {asking && agent !== undefined && (
        <CommandDialog
          agent={agent}
          command={{ verb: 'run', schedule: key }}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}

function FirstRun({ run }: { readonly run: string }) {
  const detail = useApi('runs.show', { run }, { everyMs: EVERY_MS });
  const last = detail.data?.attemptList.at(-1);
  if (!detail.data) return null;
  return (
    <div className="first-run">
      <p className="broker-line" role="status">
        <StatusMark status={detail.data.state} />
        <span>
          on <strong>{detail.data.agent}</strong>
        </span>
        <Link to={`/runs?run=${run}`}>Open the run</Link>
      </p>
      {last && <OutputView text={last.output} none="It wrote nothing." follow={false} />}
    </div>
  );
}
