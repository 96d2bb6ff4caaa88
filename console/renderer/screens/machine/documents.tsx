// What the machine should have, what it has, and what it refused with the reason it gave.

import { EmptyState } from '#console/renderer/ui/states.tsx';
import { StatusMark } from '#console/renderer/ui/status-mark.tsx';
import { type Column, DataTable } from '#console/renderer/ui/table.tsx';
import { Time } from '#console/renderer/ui/time.tsx';
import type { AgentDetail } from '#console/views.ts';

type Held = AgentDetail['documents'][number];
type Refused = AgentDetail['refused'][number];

const HELD: readonly Column<Held>[] = [
  {
    id: 'coverage',
    header: 'State',
    width: '112px',
    cell: (it) => <StatusMark status={it.coverage} />,
  },
  { id: 'kind', header: 'Kind', width: '96px', cell: (it) => it.desired.kind },
  { id: 'name', header: 'Name', width: 'minmax(120px, 1fr)', cell: (it) => it.desired.name },
  {
    id: 'wanted',
    header: 'Newest',
    width: '84px',
    align: 'end',
    cell: (it) => `r${it.desired.revision}`,
  },
  {
    id: 'applied',
    header: 'Applied',
    width: '84px',
    align: 'end',
    cell: (it) => (it.applied ? `r${it.applied.revision}` : <span className="muted">none</span>),
  },
  {
    id: 'digest',
    header: 'Digest',
    width: 'minmax(160px, 2fr)',
    cell: (it) => (
      <span className="mono muted" title={it.desired.docId}>
        {it.desired.docId}
      </span>
    ),
  },
];

const REFUSED: readonly Column<Refused>[] = [
  {
    id: 'code',
    header: 'Refused because',
    width: 'minmax(150px, 1fr)',
    cell: (it) => (
      <StatusMark status="refused">
        <span className="mono">{it.code}</span>
      </StatusMark>
    ),
  },
  {
    id: 'topic',
    header: 'Came on',
    width: 'minmax(140px, 1.5fr)',
    cell: (it) => <span className="mono soft">{it.topic}</span>,
  },
  { id: 'at', header: 'Last', width: '110px', cell: (it) => <Time at={it.at} /> },
  { id: 'count', header: 'Times', width: '64px', align: 'end', cell: (it) => it.count },
  {
    id: 'digest',
    header: 'Digest',
    width: 'minmax(120px, 1.5fr)',
    from: 900,
    cell: (it) => <span className="mono muted">{it.docId ?? '–'}</span>,
  },
];

export function Documents({ machine }: { readonly machine: AgentDetail }) {
  const { documents, refused } = machine;
  return (
    <div className="machine-main machine-single">
      <section className="panel">
        <header className="panel-head">
          <h2>Signed documents</h2>
          <span className="muted">
            what this console asks of the machine, and what it attests to run
          </span>
        </header>
        <DataTable
          inline
          label="Documents"
          columns={HELD}
          count={documents.length}
          rowAt={(index) => documents[index]}
          rowKey={(it) => `${it.desired.kind} ${it.desired.name}`}
          empty={<EmptyState title="Nothing is asked of this machine yet" />}
        />
      </section>
      <section className="panel">
        <header className="panel-head">
          <h2>Refused</h2>
          <span className="muted">the machine verified these itself and would not take them</span>
        </header>
        <DataTable
          inline
          label="Refused documents"
          columns={REFUSED}
          count={refused.length}
          rowAt={(index) => refused[index]}
          rowKey={(it) => `${it.code} ${it.docId} ${it.topic}`}
          tone={() => 'bad'}
          empty={<EmptyState title="It refused nothing" />}
        />
      </section>
    </div>
  );
}
