// A small choice shown whole: views, time windows.
import type { LucideIcon } from 'lucide-react';

export interface Segment<V extends string> {
  readonly value: V;
  readonly label: string;
  readonly icon?: LucideIcon;
}
export interface SegmentsProps<V extends string> {
  readonly label: string;
  readonly value: V;
  readonly options: readonly Segment<V>[];
  readonly onChange: (value: V) => void;
}

export function Segments<V extends string>({ label, value, options, onChange }: SegmentsProps<V>) {
  return (
    <fieldset className="segments" aria-label={label}>
      {options.map(({ value: own, label: text, icon: Icon }) => (
        <button
          key={own}
          type="button"
          className="segment"
          aria-pressed={own === value}
          onClick={() => onChange(own)}
        >
          {Icon && <Icon size={13} aria-hidden="true" />}
          {text}
        </button>
      ))}
    </fieldset>
  );
}
