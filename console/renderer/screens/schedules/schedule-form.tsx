// One schedule as a form over the file's text: every field reads from the YAML and writes into it.
import { POLICY_GROUPS } from './form-fields.ts';
import type { FormPart, ScheduleFormProps } from './form-part.ts';
import { JobFields } from './job-fields.tsx';
import { Naming } from './naming-fields.tsx';
import { PolicyInput } from './policy-input.tsx';
import { TriggerFields } from './trigger-fields.tsx';
import { type Path, setAt, valueAt } from './yaml-edit.ts';

export function ScheduleForm(props: ScheduleFormProps) {
  const { text, file, id, onText } = props;
  const base: Path = ['schedules', id];
  const part: FormPart = {
    ...props,
    get: (...path) => valueAt(file, [...base, ...path]),
    set: (path, value) => onText(setAt(text, [...base, ...path], value)),
  };
  return (
    <div className="form">
      <Naming {...part} />
      <TriggerFields {...part} />
      <JobFields {...part} />
      {POLICY_GROUPS.map((group) => (
        <fieldset key={group.title} className="group">
          <legend>{group.title}</legend>
          <div className="group-grid">
            {group.fields.map((field) => (
              <PolicyInput key={`${field.key}.${field.inner}`} {...part} field={field} />
            ))}
          </div>
        </fieldset>
      ))}
      <label className="check">
        <input
          type="checkbox"
          checked={part.get('paused') === true}
          disabled={props.disabled}
          onChange={(event) => part.set(['paused'], event.target.checked ? true : undefined)}
        />
        Paused on every machine
      </label>
    </div>
  );
}
