// Changes: what waits for signatures, what is still being written in this browser, and what came before.
import { Link, useNavigate, useSearchParams } from 'react-router';
import { editPath, proposalPath, reviewPath } from '#console/renderer/screens/schedules/paths.ts';
import { useApi } from '#console/renderer/transport/use-api.ts';
import { Button } from '#console/renderer/ui/button.tsx';
import { EmptyState, ErrorState, SkeletonRows } from '#console/renderer/ui/states.tsx';
import { type Column, DataTable } from '#console/renderer/ui/table.tsx';
import { Time } from '#console/renderer/ui/time.tsx';
import type { ProposalSummary } from '#console/views/planning.ts';
import { NEW, saveDraft, useDraftNames } from './drafts.ts';
import { ProposalMark } from './proposal-card.tsx';
import './change.css';

const COLUMNS: readonly Column<ProposalSummary>[] = [
  {
    id: 'proposal',
    header: '',
    width: '64px',
    cell: (it) => (
      <Link className="mono" to={proposalPath(it.proposal)}>
        {it.proposal}
      </Link>
    ),
  },
  { id: 'title', header: 'Change', width: 'minmax(180px, 3fr)', cell: (it) => it.title },
  {
    id: 'state',
    header: 'State',
    width: 'minmax(180px, 1fr)',
    cell: (it) => <ProposalMark proposal={it} />,
  },
  {
    id: 'signed',
    header: 'Signed by',
    width: 'minmax(90px, 1fr)',
    from: 640,
    cell: (it) =>
      it.signedBy.length === 0 ? <span className="muted">nobody yet</span> : it.signedBy.join(', '),
  },
  {
    id: 'note',
    header: 'Note',
    width: 'minmax(80px, 2fr)',
    from: 820,
    cell: (it) => <span className="soft">{it.note}</span>,
  },
  { id: 'created', header: 'Proposed', width: '100px', cell: (it) => <Time at={it.createdAt} /> },
];

export function ChangesScreen() {
  const [params, setParams] = useSearchParams();
  const go = useNavigate();
  const state = params.get('state') === 'all' ? 'all' : 'open';
  const proposals = useApi('proposals.list', { state });
  const list = proposals.data ?? [];
  return (
    <div className="screen">
      <header className="screen-head">
        <h1>Changes</h1>
        <fieldset className="segments" aria-label="Which changes">
          {(['open', 'all'] as const).map((it) => (
            <button
              key={it}
              type="button"
              className="segment"
              aria-pressed={it === state}
              onClick={() => setParams(it === 'open' ? {} : { state: it }, { replace: true })}
            >
              {it === 'open' ? 'Open' : 'All'}
            </button>
          ))}
        </fieldset>
        <span className="spacer" />
        <Button onClick={() => void go('/schedules')}>Change a schedule</Button>
      </header>
      <Drafts />
      {proposals.data ? (
        <DataTable
          label="Changes"
          columns={COLUMNS}
          count={list.length}
          rowAt={(index) => list[index]}
          rowKey={(it) => it.proposal}
          onOpen={(it) => void go(proposalPath(it.proposal))}
          empty={
            <EmptyState
              title={
                state === 'open'
                  ? 'Nothing waits for a signature'
                  : 'Nothing was ever proposed here'
              }
            >
              Edit a schedule and propose it: machines act only on what persons have signed.
            </EmptyState>
          }
        />
      ) : proposals.error ? (
        <ErrorState fault={proposals.error.fault} onRetry={() => void proposals.refetch()} />
      ) : (
        <SkeletonRows rows={6} />
      )}
    </div>
  );
}

function Drafts() {
  const names = useDraftNames();
  if (names.length === 0) return null;
  return (
    <section className="drafts" aria-label="Drafts in this browser">
      {names.map((name) => {
        const stream = name === NEW ? undefined : name;
        return (
          <p key={name} className="draft">
            <strong>{stream ?? 'A new stream'}</strong>
            <span className="muted">edited here, not proposed</span>
            <span className="spacer" />
            <Link to={editPath(stream)}>Edit</Link>
            <Link to={reviewPath(stream)}>Review</Link>
            <Button kind="quiet" onClick={() => saveDraft(name, undefined)}>
              Discard
            </Button>
          </p>
        );
      })}
    </section>
  );
}
