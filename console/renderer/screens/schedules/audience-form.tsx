// Which machines a file is for: all, those with labels, or named ones.
import { Field } from '#console/renderer/ui/field.tsx';
import { Segments } from './segments.tsx';
import { isRecord, setAt } from './yaml-edit.ts';

const KINDS = ['all', 'labels', 'agents'] as const;
type Kind = (typeof KINDS)[number];
const WORDS: Readonly<Record<Kind, string>> = {
  all: 'All machines',
  labels: 'By label',
  agents: 'By name',
};

export interface AudienceFormProps {
  readonly text: string;
  readonly file: Readonly<Record<string, unknown>>;
  readonly disabled: boolean;
  readonly fault: string | undefined;
  readonly onText: (text: string) => void;
}

export function AudienceForm({ text, file, disabled, fault, onText }: AudienceFormProps) {
  const { audience } = file;
  const kind: Kind = isRecord(audience)
    ? isRecord(audience.labels)
      ? 'labels'
      : 'agents' in audience
        ? 'agents'
        : 'all'
    : 'all';
  const change = (next: Kind): void => {
    if (next === 'all') onText(setAt(text, ['audience'], 'all'));
    else if (next === 'labels') onText(setAt(text, ['audience'], { labels: { role: 'shop' } }));
    else onText(setAt(text, ['audience'], { agents: ['machine-1'] }));
  };
  return (
    <fieldset className="group">
      <legend>Machines</legend>
      <Segments
        label="Which machines"
        values={KINDS.map((it) => ({ value: it, label: WORDS[it] }))}
        value={kind}
        disabled={disabled}
        onChange={change}
      />
      {kind === 'labels' && isRecord(audience) && (
        <Listed
          label="Labels, all of them"
          value={pairsText(audience.labels)}
          placeholder="site=berlin, role=shop"
          fault={fault}
          disabled={disabled}
          onCommit={(typed) => onText(setAt(text, ['audience', 'labels'], readPairs(typed)))}
        />
      )}
      {kind === 'agents' && isRecord(audience) && (
        <Listed
          label="Names"
          value={Array.isArray(audience.agents) ? audience.agents.map(String).join(', ') : ''}
          placeholder="till-1, till-2"
          fault={fault}
          disabled={disabled}
          onCommit={(typed) => onText(setAt(text, ['audience', 'agents'], items(typed)))}
        />
      )}
      {kind === 'all' && fault && <p className="field-fault">{fault}</p>}
    </fieldset>
  );
}

/** Committed when left or on Enter: half a name is no machine. */
function Listed({
  label,
  value,
  placeholder,
  fault,
  disabled,
  onCommit,
}: {
  readonly label: string;
  readonly value: string;
  readonly placeholder: string;
  readonly fault: string | undefined;
  readonly disabled: boolean;
  readonly onCommit: (typed: string) => void;
}) {
  const commit = (typed: string): void => {
    if (typed.trim() !== value) onCommit(typed);
  };
  return (
    <Field
      key={value}
      label={label}
      defaultValue={value}
      placeholder={placeholder}
      fault={fault}
      disabled={disabled}
      spellCheck={false}
      onBlur={({ target }) => commit(target.value)}
      onKeyDown={(event) => event.key === 'Enter' && commit(event.currentTarget.value)}
    />
  );
}

const items = (typed: string): readonly string[] =>
  typed.split(/[\s,]+/).filter((item) => item !== '');

const pairsText = (labels: unknown): string =>
  isRecord(labels)
    ? Object.entries(labels)
        .map(([name, value]) => `${name}=${value}`)
        .join(', ')
    : '';

const readPairs = (typed: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    items(typed).map((item) => {
      const at = item.indexOf('=');
      return at < 0 ? [item, ''] : [item.slice(0, at), item.slice(at + 1)];
    }),
  );
