// Review: what a draft would do to the coming days, before anybody is asked to sign it.
import { ArrowLeft, Send } from 'lucide-react';
import { useState } from 'react';
import { useNavigate, useParams, useSearchParams } from 'react-router';
import { inertLine } from '#console/renderer/screens/runs/inert-text.ts';
import { editPath, proposalPath } from '#console/renderer/screens/schedules/paths.ts';
import { useCommands } from '#console/renderer/shell/commands.ts';
import { useApi, useApiAction } from '#console/renderer/transport/use-api.ts';
import { Button } from '#console/renderer/ui/button.tsx';
import { Field } from '#console/renderer/ui/field.tsx';
import { Select } from '#console/renderer/ui/select.tsx';
import { EmptyState, ErrorState, FaultLine, SkeletonRows } from '#console/renderer/ui/states.tsx';
import type { OccurrenceDiff } from '#console/views/planning.ts';
import type { Plan } from '#console/views.ts';
import { ChangeRow } from './change-row.tsx';
import { NEW, saveDraft, useDraft } from './drafts.ts';
import './change.css';

const DAYS = ['1', '7', '14', '30', '60'] as const;
type Days = (typeof DAYS)[number];

/** What a review is of: an edited file, or the end of a whole stream. */
type Wanted =
  | { readonly files: readonly { name: string; text: string }[] }
  | { readonly remove: string };

export function ReviewScreen() {
  const { stream } = useParams();
  const [params] = useSearchParams();
  const draft = useDraft(stream ?? NEW);
  const go = useNavigate();
  if (params.get('remove') !== null && stream !== undefined) {
    return <Review key="remove" stream={stream} wanted={{ remove: stream }} />;
  }
  if (draft === undefined) {
    return (
      <EmptyState
        title="Nothing is being changed here"
        actions={<Button onClick={() => void go(editPath(stream))}>Open the editor</Button>}
      >
        The draft lives in the browser session that wrote it.
      </EmptyState>
    );
  }
  const files = [{ name: `${stream ?? 'new'}.yaml`, text: draft }];
  return <Review key="files" stream={stream} wanted={{ files }} />;
}

function Review({
  stream,
  wanted,
}: {
  readonly stream: string | undefined;
  readonly wanted: Wanted;
}) {
  const [params, setParams] = useSearchParams();
  const asked = params.get('days');
  const days: Days = DAYS.find((it) => it === asked) ?? '14';
  const removing = 'remove' in wanted;
  const prepared = useApi(
    'plan.prepare',
    removing ? { files: [] as never } : { files: [...wanted.files] },
    {
      enabled: !removing,
      keep: false,
    },
  );
  const removal = useApi(
    'plan.remove',
    { stream: stream ?? '' },
    { enabled: removing, keep: false },
  );
  const plan = removing ? removal : prepared;
  const occurrences = useApi('plan.occurrences', {
    ...(removing ? { remove: wanted.remove } : { files: [...wanted.files] }),
    days: Number(days),
  });
  const go = useNavigate();
  const title = removing ? `Remove ${stream}` : `Review ${stream ?? 'a new stream'}`;
  return (
    <div className="screen">
      <header className="screen-head">
        <Button kind="quiet" icon={ArrowLeft} onClick={() => void go(editPath(stream))}>
          Back to the editor
        </Button>
        <h1>{title}</h1>
        <span className="spacer" />
        <Select
          label="Look ahead"
          inline
          value={days}
          options={DAYS.map((it) => ({ value: it, label: it === '1' ? '1 day' : `${it} days` }))}
          onChange={(next) =>
            setParams((old) => ({ ...Object.fromEntries(old), days: next }), { replace: true })
          }
        />
      </header>
      {plan.data ? (
        <Reviewed plan={plan.data} diff={occurrences.data} wanted={wanted} stream={stream} />
      ) : plan.error ? (
        <ErrorState fault={plan.error.fault} onRetry={() => void plan.refetch()} />
      ) : (
        <SkeletonRows rows={10} />
      )}
      {occurrences.error && <FaultLine fault={occurrences.error.fault} />}
    </div>
  );
}

interface ReviewedProps {
  readonly plan: Plan;
  readonly diff: OccurrenceDiff | undefined;
  readonly wanted: Wanted;
  readonly stream: string | undefined;
}

function Reviewed({ plan, diff, wanted, stream }: ReviewedProps) {
  const go = useNavigate();
  if (plan.faults.length > 0) {
    return (
      <div className="screen-body review-faults">
        <h2>The file has mistakes</h2>
        {plan.faults.map((fault) => (
          <FaultLine key={`${fault.at}${fault.code}`} fault={fault} />
        ))}
        <Button onClick={() => void go(editPath(stream))}>Mend them</Button>
      </div>
    );
  }
  if (plan.documents.length === 0) {
    return (
      <EmptyState
        title="Nothing would change"
        actions={<Button onClick={() => void go(editPath(stream))}>Back to the editor</Button>}
      >
        The newest revision says exactly this already.
      </EmptyState>
    );
  }
  const fromAt = diff ? Date.parse(diff.from) : 0;
  const toAt = diff ? Date.parse(diff.to) : 1;
  const changed = plan.changes.filter(({ change }) => change !== 'unchanged');
  const audienceOnly = plan.changes.filter(
    ({ change, stream: of, schedule }) =>
      change === 'unchanged' &&
      diff?.schedules.some(
        (it) =>
          it.stream === of &&
          it.schedule === schedule &&
          it.machines.joining + it.machines.leaving > 0,
      ),
  );
  return (
    <div className="review">
      <div className="review-main">
        <Totals diff={diff} />
        {plan.warnings.map((warning) => (
          <p key={warning} className="review-warning">
            {inertLine(warning)}
          </p>
        ))}
        {[...changed, ...audienceOnly].map((change) => (
          <ChangeRow
            key={`${change.stream}/${change.schedule}`}
            change={change}
            occurrences={diff?.schedules.find(
              (it) => it.stream === change.stream && it.schedule === change.schedule,
            )}
            fromAt={fromAt}
            toAt={toAt}
            text={'files' in wanted ? wanted.files[0]?.text : undefined}
          />
        ))}
        <p className="muted">
          {plan.changes.length - changed.length} of {plan.changes.length} schedules stay as they
          are.
        </p>
      </div>
      <ReviewSide plan={plan} wanted={wanted} stream={stream} />
    </div>
  );
}

function Totals({ diff }: { readonly diff: OccurrenceDiff | undefined }) {
  if (!diff) return <p className="totals muted">Counting occurrences …</p>;
  const { starts, stops, moves, machines } = diff.total;
  const number = new Intl.NumberFormat('en');
  const days = Math.round((Date.parse(diff.to) - Date.parse(diff.from)) / 86_400_000);
  return (
    <div className="totals">
      <dl
        className="totals-list"
        aria-label={`In the next ${days} days, over ${machines} machines`}
      >
        <Total
          name="runs start"
          value={`${starts > 0 ? '+' : ''}${number.format(starts)}`}
          kind="start"
        />
        <Total
          name="runs stop"
          value={`${stops > 0 ? '−' : ''}${number.format(stops)}`}
          kind="stop"
        />
        <Total name="runs move" value={number.format(moves)} kind="move" />
        <Total
          name={machines === 1 ? 'machine' : 'machines'}
          value={number.format(machines)}
          kind="machines"
        />
      </dl>
      <p className="muted totals-when">
        in the next {days === 1 ? 'day' : `${days} days`}, over all machines
      </p>
    </div>
  );
}

function Total({
  name,
  value,
  kind,
}: {
  readonly name: string;
  readonly value: string;
  readonly kind: string;
}) {
  return (
    <div className={`total total-${kind}`}>
      <dd>{value}</dd>
      <dt>{name}</dt>
    </div>
  );
}

function ReviewSide({ plan, wanted, stream }: Omit<ReviewedProps, 'diff'>) {
  const [note, setNote] = useState('');
  const create = useApiAction('proposals.create');
  const go = useNavigate();
  const propose = (): void =>
    create.mutate(
      {
        ...('remove' in wanted ? wanted : { files: [...wanted.files] }),
        ...(note.trim() === '' ? {} : { note: note.trim() }),
      },
      {
        onSuccess: ({ proposal }) => {
          if ('files' in wanted) saveDraft(stream ?? NEW, undefined);
          void go(proposalPath(proposal));
        },
      },
    );
  useCommands([
    {
      id: 'propose',
      title: 'Propose this change',
      group: 'Change',
      keys: 'mod Enter',
      run: propose,
    },
  ]);
  const persons = Math.max(...plan.documents.map(({ personsNeeded }) => personsNeeded));
  return (
    <aside className="review-side" aria-label="Proposal">
      {plan.streams.map(({ stream: name, revision, audience, joining, leaving }) => (
        <section key={name}>
          <h3>
            {name} becomes r{revision}
          </h3>
          <p>
            {audience.length} {audience.length === 1 ? 'machine' : 'machines'}
          </p>
          <Names word="join" names={joining} />
          <Names word="leave" names={leaving} />
        </section>
      ))}
      <section>
        <h3>To be signed</h3>
        <p>
          {plan.documents.length === 1 ? '1 document' : `${plan.documents.length} documents`}, by{' '}
          {persons === 1 ? '1 person' : `${persons} persons`}
        </p>
        <details>
          <summary>What the bytes say</summary>
          {plan.documents.map((document) => (
            <pre key={document.docId} className="bytes">
              {document.summary.join('\n')}
            </pre>
          ))}
        </details>
      </section>
      <Field
        label="Note for those who sign"
        value={note}
        maxLength={500}
        placeholder="why this change"
        onChange={(event) => setNote(event.target.value)}
      />
      {create.error && <FaultLine fault={create.error.fault} />}
      <Button kind="primary" icon={Send} busy={create.isPending} onClick={propose}>
        Propose
      </Button>
    </aside>
  );
}

const NAMED = 12;

function Names({ word, names }: { readonly word: string; readonly names: readonly string[] }) {
  if (names.length === 0) return null;
  return (
    <div className="names">
      <span className={word === 'join' ? 'count-start' : 'count-stop'}>
        {names.length} {word}
      </span>
      {names.slice(0, NAMED).map((name) => (
        <span key={name} className="chip">
          {name}
        </span>
      ))}
      {names.length > NAMED && <span className="muted">and {names.length - NAMED} more</span>}
    </div>
  );
}
