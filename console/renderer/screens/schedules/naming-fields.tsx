// Name and description of a schedule; the name is taken over when it is whole.
import { useState } from 'react';
import { Field } from '#console/renderer/ui/field.tsx';
import { type FormPart, textOf } from './form-part.ts';
import { isRecord, renameSchedule } from './yaml-edit.ts';

const NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/;

export function Naming({ id, text, disabled, get, set, onText, onRename, file }: FormPart) {
  const [typed, setTyped] = useState<string>();
  const taken =
    typed !== undefined && typed !== id && isRecord(file.schedules) && typed in file.schedules;
  const fault =
    typed === undefined
      ? undefined
      : taken
        ? 'another schedule has this name'
        : NAME.test(typed)
          ? undefined
          : 'a-z 0-9 _ - only';
  const commit = (): void => {
    if (typed !== undefined && typed !== id && fault === undefined) {
      onText(renameSchedule(text, id, typed));
      onRename(typed);
    }
    setTyped(undefined);
  };
  return (
    <div className="group-grid">
      <Field
        label="Name"
        value={typed ?? id}
        fault={fault}
        disabled={disabled}
        spellCheck={false}
        onChange={(event) => setTyped(event.target.value)}
        onBlur={commit}
        onKeyDown={(event) => event.key === 'Enter' && commit()}
      />
      <Field
        label="Description"
        value={textOf(get('description'))}
        placeholder="what it is for"
        disabled={disabled}
        onChange={({ target }) =>
          set(['description'], target.value === '' ? undefined : target.value)
        }
      />
    </div>
  );
}
