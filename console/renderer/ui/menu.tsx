// A button with a list of actions.
import { Menu as Base } from '@base-ui/react/menu';
import type { LucideIcon } from 'lucide-react';
import type { ReactElement } from 'react';
import { Kbd } from './kbd.tsx';

export interface MenuEntry {
  readonly label: string;
  readonly icon?: LucideIcon;
  readonly keys?: string;
  readonly danger?: boolean;
  readonly disabled?: boolean;
  readonly onSelect: () => void;
}
export interface MenuProps {
  /** The button itself. */
  readonly trigger: ReactElement<Record<string, unknown>>;
  readonly label: string;
  readonly entries: readonly (MenuEntry | 'separator')[];
}

export function Menu({ trigger, label, entries }: MenuProps) {
  return (
    <Base.Root>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner className="layer" sideOffset={4} align="end">
          <Base.Popup className="popup" aria-label={label}>
            {entries.map((entry, at) =>
              entry === 'separator' ? (
                // biome-ignore lint/suspicious/noArrayIndexKey: separators have no identity but their place.
                <Base.Separator key={at} className="menu-line" />
              ) : (
                <Base.Item
                  key={entry.label}
                  className={entry.danger ? 'menu-item menu-danger' : 'menu-item'}
                  disabled={entry.disabled ?? false}
                  onClick={entry.onSelect}
                >
                  {entry.icon && <entry.icon size={14} />}
                  <span>{entry.label}</span>
                  {entry.keys && <Kbd keys={entry.keys} />}
                </Base.Item>
              ),
            )}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
