// One of a few values.
import { Select as Base } from '@base-ui/react/select';
import { Check, ChevronDown } from 'lucide-react';

export interface SelectOption<V extends string> {
  readonly value: V;
  readonly label: string;
}
export interface SelectProps<V extends string> {
  readonly label: string;
  readonly value: V;
  readonly options: readonly SelectOption<V>[];
  readonly onChange: (value: V) => void;
  /** Puts the label inside the button: `Group: site`. */
  readonly inline?: boolean;
  readonly disabled?: boolean;
}

export function Select<V extends string>({
  label,
  value,
  options,
  onChange,
  inline = false,
  disabled = false,
}: SelectProps<V>) {
  const shown = options.find((option) => option.value === value)?.label ?? value;
  return (
    <Base.Root
      value={value}
      disabled={disabled}
      onValueChange={(next) => {
        if (next !== null) onChange(next as V);
      }}
    >
      <Base.Trigger className="btn btn-plain select" aria-label={`${label}: ${shown}`}>
        {inline && <span className="muted">{label}</span>}
        <Base.Value>{() => shown}</Base.Value>
        <Base.Icon className="select-icon">
          <ChevronDown size={13} />
        </Base.Icon>
      </Base.Trigger>
      <Base.Portal>
        <Base.Positioner className="layer" sideOffset={4} alignItemWithTrigger={false}>
          <Base.Popup className="popup" aria-label={label}>
            {options.map((option) => (
              <Base.Item key={option.value} value={option.value} className="menu-item">
                <Base.ItemText>{option.label}</Base.ItemText>
                <Base.ItemIndicator className="menu-check">
                  <Check size={13} />
                </Base.ItemIndicator>
              </Base.Item>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
