// A few choices side by side, one of them pressed.
export interface SegmentsProps<V extends string> {
  readonly label: string;
  readonly values: readonly { readonly value: V; readonly label: string }[];
  readonly value: V;
  readonly onChange: (value: V) => void;
  readonly disabled?: boolean;
}

export function Segments<V extends string>(props: SegmentsProps<V>) {
  const { label, values, value, onChange, disabled = false } = props;
  return (
    <div className="segments" role="group" aria-label={label}>
      {values.map((it) => (
        <button
          key={it.value}
          type="button"
          className="segment"
          aria-pressed={it.value === value}
          disabled={disabled}
          onClick={() => onChange(it.value)}
        >
          {it.label}
        </button>
      ))}
    </div>
  );
}
