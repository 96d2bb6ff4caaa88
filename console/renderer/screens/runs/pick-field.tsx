// A text field that offers known names while typing, and takes any other text on Enter.
import { Autocomplete } from '@base-ui/react/autocomplete';
import { X } from 'lucide-react';
import { useEffect, useState } from 'react';

export interface PickFieldProps {
  readonly label: string;
  readonly value: string;
  readonly names: readonly string[];
  readonly placeholder?: string;
  readonly onPick: (name: string) => void;
  /** Each keystroke, for asking the core for names that match. */
  readonly onType?: (text: string) => void;
  /** `/` puts the cursor here. */
  readonly filter?: boolean;
  readonly id?: string;
  readonly disabled?: boolean;
}

export function PickField(props: PickFieldProps) {
  const { label, value, names, placeholder, onPick, onType, filter = false } = props;
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const commit = (next: string): void => {
    if (next.trim() !== value) onPick(next.trim());
  };
  return (
    <Autocomplete.Root
      items={names as string[]}
      value={text}
      limit={50}
      onValueChange={(next, details) => {
        setText(next);
        onType?.(next);
        if (details.reason === 'item-press') commit(next);
      }}
    >
      <div className="pick">
        <Autocomplete.Input
          className="input"
          aria-label={label}
          placeholder={placeholder}
          spellCheck={false}
          id={props.id}
          disabled={props.disabled ?? false}
          {...(filter ? { 'data-filter': '' } : {})}
          onBlur={() => commit(text)}
          onKeyDown={(event) => {
            if (event.key === 'Enter') commit(text);
          }}
        />
        {value !== '' && !props.disabled && (
          <button
            type="button"
            className="search-clear"
            aria-label={`Clear ${label.toLowerCase()}`}
            onClick={() => onPick('')}
          >
            <X size={13} />
          </button>
        )}
      </div>
      <Autocomplete.Portal>
        <Autocomplete.Positioner className="layer" sideOffset={4}>
          <Autocomplete.Popup className={names.length === 0 ? 'popup popup-none' : 'popup'}>
            <Autocomplete.List aria-label={`${label}: known names`}>
              {(name: string) => (
                <Autocomplete.Item key={name} value={name} className="menu-item mono">
                  {name}
                </Autocomplete.Item>
              )}
            </Autocomplete.List>
          </Autocomplete.Popup>
        </Autocomplete.Positioner>
      </Autocomplete.Portal>
    </Autocomplete.Root>
  );
}
