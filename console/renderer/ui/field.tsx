// A labelled input with help and a fault below it; a search input for filters.
import { Search, X } from 'lucide-react';
import { type InputHTMLAttributes, type ReactNode, type Ref, useId } from 'react';
import { useTyped } from './use-typed.ts';

type Native = Omit<InputHTMLAttributes<HTMLInputElement>, 'className'>;

export interface FieldProps extends Native {
  readonly label: string;
  readonly help?: ReactNode;
  readonly fault?: string | undefined;
  readonly ref?: Ref<HTMLInputElement>;
}

export function Field({ label, help, fault, ...input }: FieldProps) {
  const id = useId();
  const said = fault ?? help;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        {...input}
        id={id}
        className="input"
        aria-invalid={fault !== undefined}
        aria-describedby={said ? `${id}-said` : undefined}
      />
      {said && (
        <p id={`${id}-said`} className={fault ? 'field-fault' : 'field-help'}>
          {said}
        </p>
      )}
    </div>
  );
}

export interface SearchFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly placeholder?: string;
}

/** The screen's filter: `/` puts the cursor here (the shell looks for data-filter), Esc clears and leaves. */
export function SearchField({ label, value, onChange, placeholder }: SearchFieldProps) {
  const typed = useTyped(value, onChange);
  return (
    <div className="search">
      <Search size={14} aria-hidden="true" />
      <input
        type="text"
        className="input"
        aria-label={label}
        placeholder={placeholder}
        value={typed.text}
        data-filter
        spellCheck={false}
        onChange={(event) => typed.type(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          event.stopPropagation();
          if (typed.text === '') event.currentTarget.blur();
          else typed.put('');
        }}
      />
      {typed.text === '' ? (
        <span className="kbd" aria-hidden="true">
          /
        </span>
      ) : (
        <button
          type="button"
          className="search-clear"
          aria-label="Clear"
          onClick={() => typed.put('')}
        >
          <X size={13} />
        </button>
      )}
    </div>
  );
}
