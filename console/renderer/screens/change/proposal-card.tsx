// One proposal as it stands: the line that signs it, who signed, and that it is published; it follows by itself.
import { PenLine } from 'lucide-react';
import { useState } from 'react';
import { shellBridge } from '#console/renderer/transport/host.ts';
import { useApi } from '#console/renderer/transport/use-api.ts';
import { Button } from '#console/renderer/ui/button.tsx';
import { ErrorState, SkeletonRows } from '#console/renderer/ui/states.tsx';
import { StatusMark } from '#console/renderer/ui/status-mark.tsx';
import { Time } from '#console/renderer/ui/time.tsx';
import type { ProposalDetail, ProposalSummary } from '#console/views/planning.ts';
import { CopyLine } from './copy-line.tsx';
import './change.css';

const EVERY_MS = 3_000;

export function ProposalCard({ proposal }: { readonly proposal: string }) {
  const shown = useApi('proposals.show', { proposal }, { keep: false, everyMs: EVERY_MS });
  if (shown.data) return <ProposalBody detail={shown.data} />;
  if (shown.error) {
    return <ErrorState fault={shown.error.fault} onRetry={() => void shown.refetch()} />;
  }
  return <SkeletonRows rows={3} />;
}

export function ProposalBody({ detail }: { readonly detail: ProposalDetail }) {
  const { state, personsNeeded, signedBy } = detail;
  return (
    <div className="proposal">
      <p className="proposal-state" role="status">
        <ProposalMark proposal={detail} />
        <span className="muted">
          {signedBy.length} of {personsNeeded} {personsNeeded === 1 ? 'signature' : 'signatures'}
          {signedBy.length > 0 && `: ${signedBy.join(', ')}`}
        </span>
        {detail.closedAt !== null && <Time at={detail.closedAt} />}
      </p>
      {state === 'open' && <Sign detail={detail} />}
      {state === 'outdated' && (
        <p className="soft">
          Something newer came in between: another revision, new trust, or the machine began a new
          session. Propose it again.
        </p>
      )}
    </div>
  );
}

function Sign({ detail }: { readonly detail: ProposalDetail }) {
  const sign = shellBridge()?.sign;
  const [busy, setBusy] = useState(false);
  const [answer, setAnswer] = useState<string>();
  const ask = async (): Promise<void> => {
    if (!sign) return;
    setBusy(true);
    const { message } = await sign(detail.proposal).finally(() => setBusy(false));
    setAnswer(message);
  };
  return (
    <>
      {sign && (
        <div className="proposal-sign">
          <Button kind="primary" icon={PenLine} busy={busy} onClick={() => void ask()}>
            Sign …
          </Button>
          <span className="soft" role="status">
            {answer ?? 'Opens a window of its own that shows the very bytes.'}
          </span>
        </div>
      )}
      <div>
        <p className="soft proposal-how">
          {sign ? 'Or in a terminal,' : 'Keys never come into a browser. In a terminal,'} where a
          person’s key is:
        </p>
        <CopyLine label="sign this proposal" text={detail.command} />
      </div>
    </>
  );
}

/** A proposal's state in words: what it waits for, or how it ended. */
export function ProposalMark({ proposal }: { readonly proposal: ProposalSummary }) {
  const { state, signedBy, personsNeeded } = proposal;
  if (state === 'published') return <StatusMark status="applied">published</StatusMark>;
  if (state === 'withdrawn') return <StatusMark status="cancelled">withdrawn</StatusMark>;
  if (state === 'outdated') return <StatusMark status="expired">outdated</StatusMark>;
  const missing = personsNeeded - signedBy.length;
  return (
    <StatusMark status="pending">
      {signedBy.length === 0
        ? 'waiting for a signature'
        : `waiting for ${missing} more ${missing === 1 ? 'signature' : 'signatures'}`}
    </StatusMark>
  );
}
