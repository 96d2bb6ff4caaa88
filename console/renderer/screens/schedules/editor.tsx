// The editor of a stream's file: form and YAML side by side and in step, faults at their place, and when it will run.
import { ArrowLeft, Eye, Plus, Trash2, Undo2 } from 'lucide-react';
import { useMemo, useRef, useState } from 'react';
import { useNavigate, useParams, useSearchParams } from 'react-router';
import { draftBase, NEW, saveDraft, useDraft } from '#console/renderer/screens/change/drafts.ts';
import { useCommands } from '#console/renderer/shell/commands.ts';
import { useApi } from '#console/renderer/transport/use-api.ts';
import { Button, IconButton } from '#console/renderer/ui/button.tsx';
import { Field } from '#console/renderer/ui/field.tsx';
import { Select } from '#console/renderer/ui/select.tsx';
import {
  EmptyState,
  ErrorState,
  FaultLine,
  OfflineBanner,
  SkeletonRows,
} from '#console/renderer/ui/states.tsx';
import type { Plan } from '#console/views.ts';
import type { Fault } from '#shared/result.ts';
import { AudienceForm } from './audience-form.tsx';
import { placeOf } from './faults.ts';
import { reviewPath } from './paths.ts';
import { ScheduleForm } from './schedule-form.tsx';
import { useDebounced } from './use-debounced.ts';
import { WhenPanel } from './when-panel.tsx';
import { addSchedule, openFile, removeSchedule, setAt } from './yaml-edit.ts';
import { YamlEditor } from './yaml-editor.tsx';
import './schedules.css';

const CHECK_MS = 400;

export const BLANK = `# The whole desired state of one stream. Comments stay.
stream: my-stream
audience: all
defaults:
  zone: ${Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC'}
schedules:
  hello:
    description: says that it is there
    cron: "*/5 * * * *"
    exec: [/bin/echo, hello]
`;

export function EditorScreen() {
  const { stream } = useParams();
  const source = useApi(
    'streams.yaml',
    { stream: stream ?? 'none' },
    { enabled: stream !== undefined, keep: false },
  );
  const draft = useDraft(stream ?? NEW);
  if (stream === undefined)
    return <Editor key="new" stream={undefined} base={BLANK} revision={0} />;
  if (source.data) {
    const { yaml, revision } = source.data;
    return <Editor key={stream} stream={stream} base={yaml} revision={revision} />;
  }
  if (source.error && draft === undefined) {
    return <ErrorState fault={source.error.fault} onRetry={() => void source.refetch()} />;
  }
  if (draft !== undefined) return <Editor key={stream} stream={stream} base={draft} revision={0} />;
  return <SkeletonRows rows={12} />;
}

interface EditorProps {
  readonly stream: string | undefined;
  readonly base: string;
  readonly revision: number;
}

function Editor({ stream, base, revision }: EditorProps) {
  const [params, setParams] = useSearchParams();
  const name = stream ?? NEW;
  const draft = useDraft(name);
  const text = draft ?? base;
  const go = useNavigate();
  const onText = (next: string): void =>
    saveDraft(name, next === base ? undefined : next, revision);
  const file = useMemo(() => openFile(text), [text]);
  const asked = params.get('schedule') ?? undefined;
  const selected = file.schedules.find((id) => id === asked) ?? file.schedules[0];
  const select = (id: string): void =>
    setParams((old) => ({ ...Object.fromEntries(old), schedule: id }), { replace: true });
  const checked = useCheck(`${stream ?? 'new'}.yaml`, text);
  const review = (): void => void go(reviewPath(stream));
  const changed = draft !== undefined || stream === undefined;
  useCommands([
    {
      id: 'review',
      title: 'Review this change',
      group: 'Editor',
      keys: 'mod Enter',
      icon: Eye,
      run: review,
    },
  ]);
  return (
    <div className="screen">
      <header className="screen-head">
        <IconButton
          icon={ArrowLeft}
          label="Back to schedules"
          onClick={() => void go('/schedules')}
        />
        <h1>{stream === undefined ? 'New stream' : stream}</h1>
        {revision > 0 && <span className="chip">r{revision}</span>}
        <span className="muted" role="status">
          {draft === undefined ? 'as published' : 'edited in this browser, nothing is published'}
        </span>
        <span className="spacer" />
        {draft !== undefined && (
          <Button kind="quiet" icon={Undo2} onClick={() => saveDraft(name, undefined)}>
            Discard
          </Button>
        )}
        <Button
          kind="primary"
          icon={Eye}
          disabled={!changed || checked.faults.length > 0}
          onClick={() => {
            if (draft === undefined) saveDraft(name, text);
            review();
          }}
        >
          Review change
        </Button>
      </header>
      {draft !== undefined && revision > 0 && draftBase(name) < revision && (
        <OfflineBanner>
          Revision {revision} was published after this draft began. What it changed is undone by the
          draft unless you take it over: the review shows it. Discard to begin from it.
        </OfflineBanner>
      )}
      <EditorBody
        stream={stream}
        text={text}
        file={file}
        selected={selected}
        checked={checked}
        onSelect={select}
        onText={onText}
      />
    </div>
  );
}

interface Checked {
  readonly faults: readonly Fault[];
  readonly fault: Fault | undefined;
  readonly plan: Plan | undefined;
}

/** What the core says of the text, a moment after typing stops. */
function useCheck(name: string, text: string): Checked {
  const settled = useDebounced(text, CHECK_MS);
  const plan = useApi('plan.prepare', { files: [{ name, text: settled }] });
  // Faults of an older text point to wrong places; none are better for that moment.
  const stale = settled !== text || plan.isPlaceholderData;
  const faults = useMemo(() => (stale ? [] : (plan.data?.faults ?? [])), [stale, plan.data]);
  return { faults, fault: plan.error?.fault, plan: plan.data };
}

interface BodyProps {
  readonly stream: string | undefined;
  readonly text: string;
  readonly file: ReturnType<typeof openFile>;
  readonly selected: string | undefined;
  readonly checked: Checked;
  readonly onSelect: (id: string) => void;
  readonly onText: (text: string) => void;
}

function EditorBody({ stream, text, file, selected, checked, onSelect, onText }: BodyProps) {
  const [goTo, setGoTo] = useState<{ line: number; column: number; nth: number }>();
  const nth = useRef(0);
  // While the grammar is broken the form shows the last file that could be read, and waits.
  const readable = useRef(file);
  if (file.value !== undefined) readable.current = file;
  const shown = readable.current;
  const waiting = file.value === undefined;
  // A file with mistakes has no audience: the last known number stands.
  const counted = useRef(1);
  counted.current = checked.plan?.streams[0]?.audience.length ?? counted.current;
  return (
    <>
      <div className="editor">
        <div className="editor-form" role="region" aria-label="Form">
          {waiting && (
            <p className="waiting" role="status">
              The YAML cannot be read at line {file.brokenLine}: the form waits until it can.
            </p>
          )}
          <FormSide
            stream={stream}
            text={text}
            file={shown}
            selected={selected ?? shown.schedules[0]}
            waiting={waiting}
            faults={checked.faults}
            onSelect={onSelect}
            onText={onText}
          />
        </div>
        <div className="editor-yaml">
          <YamlEditor
            label="YAML"
            value={text}
            faults={checked.faults}
            onChange={onText}
            goTo={goTo}
            show={selected === undefined ? undefined : file.lineOf(selected)}
          />
          <FaultList
            checked={checked}
            onGo={(line, column) => {
              nth.current++;
              setGoTo({ line, column, nth: nth.current });
            }}
          />
        </div>
      </div>
      <WhenPanel file={shown.value ?? {}} selected={selected} machines={counted.current} />
    </>
  );
}

function FormSide({
  stream,
  text,
  file,
  selected,
  waiting,
  faults,
  onSelect,
  onText,
}: Omit<BodyProps, 'checked'> & { readonly waiting: boolean; readonly faults: readonly Fault[] }) {
  const faultAt = (...path: readonly string[]): string | undefined =>
    faults.find((fault) => {
      const place = placeOf(fault);
      const found = place ? file.pathAt(place.line, place.column) : [];
      return path.every((key, at) => found[at] === key);
    })?.message;
  const add = (): void => {
    const id = freeName(file.schedules);
    onText(addSchedule(text, id, { cron: '0 3 * * *', exec: ['/bin/true'] }));
    onSelect(id);
  };
  const value = file.value ?? {};
  return (
    <>
      {stream === undefined && (
        <Field
          label="Stream"
          help="one file, one stream: a name for this set of schedules"
          value={typeof value.stream === 'string' ? value.stream : ''}
          fault={faultAt('stream')}
          disabled={waiting}
          spellCheck={false}
          onChange={({ target }) => onText(setAt(text, ['stream'], target.value))}
        />
      )}
      <AudienceForm
        text={text}
        file={value}
        disabled={waiting}
        fault={faultAt('audience')}
        onText={onText}
      />
      <div className="pick-schedule">
        {file.schedules.length > 0 && (
          <Select
            label="Schedule"
            inline
            value={selected ?? ''}
            options={file.schedules.map((id) => ({ value: id, label: id }))}
            onChange={onSelect}
          />
        )}
        <span className="spacer" />
        <Button kind="quiet" icon={Plus} disabled={waiting} onClick={add}>
          Add schedule
        </Button>
        {selected !== undefined && (
          <IconButton
            icon={Trash2}
            label={`Take ${selected} out of the file`}
            disabled={waiting}
            onClick={() => onText(removeSchedule(text, selected))}
          />
        )}
      </div>
      {selected === undefined ? (
        <EmptyState title="No schedule in this file">
          An empty file ends the stream’s schedules everywhere.
        </EmptyState>
      ) : (
        <ScheduleForm
          key={selected}
          text={text}
          file={value}
          id={selected}
          disabled={waiting}
          faultOf={(key) => faultAt('schedules', selected, key)}
          onText={onText}
          onRename={onSelect}
        />
      )}
    </>
  );
}

function freeName(taken: readonly string[]): string {
  for (let n = 1; ; n++) {
    const name = `schedule-${n}`;
    if (!taken.includes(name)) return name;
  }
}

function FaultList({
  checked,
  onGo,
}: {
  readonly checked: Checked;
  readonly onGo: (line: number, column: number) => void;
}) {
  const { faults, fault, plan } = checked;
  if (fault) return <FaultLine fault={fault} />;
  if (faults.length === 0) {
    const documents = plan?.documents.length ?? 0;
    return (
      <p className="fault-none muted" role="status">
        {plan === undefined
          ? 'Checking …'
          : documents === 0
            ? 'Valid, and as published.'
            : 'Valid.'}
      </p>
    );
  }
  return (
    <ul
      className="fault-list"
      aria-label={faults.length === 1 ? '1 mistake' : `${faults.length} mistakes`}
    >
      {faults.map((it) => {
        const place = placeOf(it);
        return (
          <li key={`${it.at}${it.code}${it.message}`}>
            <button
              type="button"
              className="fault-go"
              onClick={() => place && onGo(place.line, place.column)}
            >
              <span className="mono fault-place">
                {place ? `${place.line}:${place.column}` : '–'}
              </span>
              <span>
                {it.message}
                {it.hint && <span className="muted"> — {it.hint}</span>}
              </span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}
