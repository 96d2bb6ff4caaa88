// When: the kind of trigger, its expression, and the zone whose clocks it follows.
import { PickField } from '#console/renderer/screens/runs/pick-field.tsx';
import { Field } from '#console/renderer/ui/field.tsx';
import { type FormPart, textOf } from './form-part.ts';
import { Segments } from './segments.tsx';
import { setAt, valueAt } from './yaml-edit.ts';

const TRIGGERS = ['cron', 'every', 'at'] as const;
type TriggerKind = (typeof TRIGGERS)[number];
const TRIGGER_WORDS: Readonly<
  Record<TriggerKind, { readonly word: string; readonly start: string; readonly help: string }>
> = {
  cron: { word: 'Cron', start: '0 3 * * *', help: '5 fields, or 6 with seconds first' },
  every: { word: 'Every', start: '15m', help: '30s, 5m, 2h, 1d' },
  at: { word: 'Once', start: '2027-01-01T03:00:00', help: 'local date and time, or with Z' },
};

export function TriggerFields({ get, set, faultOf, disabled, text, id, onText, file }: FormPart) {
  const kind = TRIGGERS.find((it) => get(it) !== undefined) ?? 'cron';
  const change = (next: TriggerKind): void => {
    if (next === kind) return;
    const without = setAt(text, ['schedules', id, kind], undefined);
    onText(setAt(without, ['schedules', id, next], TRIGGER_WORDS[next].start));
  };
  const { help, word } = TRIGGER_WORDS[kind];
  const zone = textOf(valueAt(file, ['defaults', 'zone'])) || 'UTC';
  return (
    <fieldset className="group">
      <legend>When</legend>
      <Segments
        label="Kind of trigger"
        values={TRIGGERS.map((it) => ({ value: it, label: TRIGGER_WORDS[it].word }))}
        value={kind}
        disabled={disabled}
        onChange={change}
      />
      <div className="group-grid">
        <Field
          label={word}
          value={textOf(get(kind))}
          help={help}
          fault={faultOf(kind)}
          disabled={disabled}
          spellCheck={false}
          onChange={({ target }) => set([kind], target.value)}
        />
        {kind === 'every' ? (
          <Field
            label="Counted from"
            value={textOf(get('anchor'))}
            placeholder="1970-01-01T00:00:00Z"
            fault={faultOf('anchor')}
            disabled={disabled}
            onChange={({ target }) =>
              set(['anchor'], target.value === '' ? undefined : target.value)
            }
          />
        ) : (
          <Zone
            value={textOf(get('zone'))}
            standard={zone}
            fault={faultOf('zone')}
            disabled={disabled}
            onPick={(next) => set(['zone'], next === '' ? undefined : next)}
          />
        )}
      </div>
    </fieldset>
  );
}

const ZONES = ['UTC', ...Intl.supportedValuesOf('timeZone')];

function Zone({
  value,
  standard,
  fault,
  disabled,
  onPick,
}: {
  readonly value: string;
  readonly standard: string;
  readonly fault: string | undefined;
  readonly disabled: boolean;
  readonly onPick: (zone: string) => void;
}) {
  return (
    <div className="field">
      <span className="field-label" aria-hidden="true">
        Zone
      </span>
      <PickField
        label="Zone"
        value={value}
        names={ZONES}
        placeholder={standard}
        disabled={disabled}
        onPick={onPick}
      />
      {fault ? (
        <p className="field-fault">{fault}</p>
      ) : (
        <p className="field-help">clocks of this place</p>
      )}
    </div>
  );
}
