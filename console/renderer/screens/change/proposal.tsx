// A proposal followed to its end: signatures, publishing, and coverage to the last machine.
import { ArrowLeft, Undo2 } from 'lucide-react';
import { Link, useNavigate, useParams } from 'react-router';
import { runsPath } from '#console/renderer/screens/schedules/paths.ts';
import { useApi, useApiAction } from '#console/renderer/transport/use-api.ts';
import { Button } from '#console/renderer/ui/button.tsx';
import { ErrorState, FaultLine, SkeletonRows } from '#console/renderer/ui/states.tsx';
import { StatusGlyph } from '#console/renderer/ui/status-mark.tsx';
import { Time } from '#console/renderer/ui/time.tsx';
import type { ProposalDetail } from '#console/views/planning.ts';
import { CoveragePanel } from './coverage-panel.tsx';
import { ProposalBody } from './proposal-card.tsx';
import './change.css';

const EVERY_MS = 3_000;

export function ProposalScreen() {
  const { proposal = '' } = useParams();
  const go = useNavigate();
  const shown = useApi('proposals.show', { proposal }, { keep: false, everyMs: EVERY_MS });
  const withdraw = useApiAction('proposals.withdraw');
  return (
    <div className="screen">
      <header className="screen-head">
        <Button kind="quiet" icon={ArrowLeft} onClick={() => void go('/change')}>
          Changes
        </Button>
        <h1>
          <span className="mono">{proposal}</span> {shown.data?.title}
        </h1>
        <span className="spacer" />
        {shown.data?.state === 'open' && (
          <Button
            icon={Undo2}
            busy={withdraw.isPending}
            onClick={() => withdraw.mutate({ proposal }, { onSuccess: () => void shown.refetch() })}
          >
            Withdraw
          </Button>
        )}
      </header>
      {withdraw.error && <FaultLine fault={withdraw.error.fault} />}
      {shown.data ? (
        <Followed detail={shown.data} />
      ) : shown.error ? (
        <ErrorState fault={shown.error.fault} onRetry={() => void shown.refetch()} />
      ) : (
        <SkeletonRows rows={8} />
      )}
    </div>
  );
}

function Followed({ detail }: { readonly detail: ProposalDetail }) {
  const published = detail.state === 'published';
  return (
    <div className="screen-body followed">
      <ol className="steps">
        <li className="step">
          <StatusGlyph status="applied" size={14} />
          <h2>Proposed</h2>
          <div className="step-body">
            <p className="soft">
              <Time at={detail.createdAt} /> {detail.note && <span>· “{detail.note}”</span>}
            </p>
            <details>
              <summary>
                {detail.documents.length === 1
                  ? 'What the bytes say'
                  : `What the bytes of ${detail.documents.length} documents say`}
              </summary>
              {detail.documents.map((document) => (
                <div key={document.docId}>
                  <p className="mono muted digest">{document.docId}</p>
                  <pre className="bytes">{document.summary.join('\n')}</pre>
                </div>
              ))}
            </details>
          </div>
        </li>
        <li className="step">
          <StatusGlyph
            status={published ? 'applied' : detail.state === 'open' ? 'pending' : 'cancelled'}
            size={14}
          />
          <h2>Signed</h2>
          <div className="step-body">
            <ProposalBody detail={detail} />
          </div>
        </li>
        <li className="step">
          <StatusGlyph status={published ? 'applied' : 'planned'} size={14} />
          <h2>{detail.kind === 'command' ? 'Sent' : 'On the machines'}</h2>
          <div className="step-body">
            {!published ? (
              <p className="muted">Begins when enough persons have signed.</p>
            ) : detail.kind === 'command' ? (
              <p>
                The machine acts on it at once.{' '}
                <Link to={runsPath({ range: 'hour' })}>Runs of the last hour</Link>
              </p>
            ) : (
              detail.streams.map((stream) => <CoveragePanel key={stream} stream={stream} />)
            )}
          </div>
        </li>
      </ol>
    </div>
  );
}
