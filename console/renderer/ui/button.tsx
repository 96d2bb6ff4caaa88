// Buttons: one primary a view, quiet ones for the rest, icon buttons that always have a name.
import type { LucideIcon } from 'lucide-react';
import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react';
import { Hint } from './tooltip.tsx';

type Native = Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'className'>;

export interface ButtonProps extends Native {
  readonly kind?: 'primary' | 'plain' | 'quiet' | 'danger';
  readonly icon?: LucideIcon;
  /** Shows progress and refuses a second press. */
  readonly busy?: boolean;
  readonly children: ReactNode;
  readonly ref?: Ref<HTMLButtonElement>;
}

export function Button({
  kind = 'plain',
  icon: Icon,
  busy = false,
  children,
  ...rest
}: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      className={`btn btn-${kind}`}
      aria-busy={busy}
      disabled={busy || rest.disabled}
    >
      {busy ? <span className="spinner" aria-hidden="true" /> : Icon && <Icon size={14} />}
      {children}
    </button>
  );
}

export interface IconButtonProps extends Native {
  readonly icon: LucideIcon;
  /** Read by screen readers and shown as a tooltip. */
  readonly label: string;
  /** Keys that do the same, for the tooltip: `Ctrl K`. */
  readonly keys?: string;
  readonly ref?: Ref<HTMLButtonElement>;
}

export function IconButton({ icon: Icon, label, keys, ...rest }: IconButtonProps) {
  return (
    <Hint text={label} keys={keys}>
      <button type="button" {...rest} className="icon-btn" aria-label={label}>
        <Icon size={15} />
      </button>
    </Hint>
  );
}
