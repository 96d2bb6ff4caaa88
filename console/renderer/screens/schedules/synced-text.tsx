// Text that means something else to the file (a list, a map): kept as typed while the meaning is the same.
import { type TextareaHTMLAttributes, useId, useState } from 'react';

export interface SyncedTextProps {
  readonly label: string;
  readonly help?: string;
  readonly fault?: string | undefined;
  /** As the file has it, written as text. */
  readonly value: string;
  /** Text → the text the file would give back; equal means nothing to take over. */
  readonly normal: (text: string) => string;
  readonly onChange: (text: string) => void;
  readonly rows: number;
  readonly placeholder?: string;
  readonly disabled?: boolean;
}

export function SyncedText(props: SyncedTextProps) {
  const { label, help, fault, value, normal, onChange, rows, placeholder, disabled } = props;
  const id = useId();
  const [typed, setTyped] = useState(value);
  const shown = normal(typed) === value ? typed : value;
  const native: TextareaHTMLAttributes<HTMLTextAreaElement> = { rows, disabled: disabled ?? false };
  const said = fault ?? help;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <textarea
        {...native}
        id={id}
        className="input area mono"
        spellCheck={false}
        placeholder={placeholder}
        value={shown}
        aria-invalid={fault !== undefined}
        aria-describedby={said ? `${id}-said` : undefined}
        onChange={(event) => {
          setTyped(event.target.value);
          onChange(event.target.value);
        }}
      />
      {said && (
        <p id={`${id}-said`} className={fault ? 'field-fault' : 'field-help'}>
          {said}
        </p>
      )}
    </div>
  );
}
