// One line of text to anywhere: screens, actions, and things found in the core.
import { Dialog as Base } from '@base-ui/react/dialog';
import type { LucideIcon } from 'lucide-react';
import { type KeyboardEvent, useEffect, useId, useState } from 'react';
import { Kbd } from './kbd.tsx';
import { matches } from './match.ts';

export interface PaletteItem {
  readonly id: string;
  readonly title: string;
  readonly group: string;
  readonly detail?: string;
  readonly keys?: string | undefined;
  readonly icon?: LucideIcon | undefined;
  readonly run: () => void;
}
export interface CommandPaletteProps {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly items: readonly PaletteItem[];
  /** Things that fit the text, found elsewhere; shown below the items. */
  readonly found: readonly PaletteItem[];
  readonly onText: (text: string) => void;
}

const MOST_SHOWN = 60;

export function CommandPalette({ open, onClose, items, found, onText }: CommandPaletteProps) {
  const id = useId();
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState(0);
  useEffect(() => {
    if (open) return;
    setText('');
    setChosen(0);
    onText('');
  }, [open, onText]);
  const shown = [
    ...items.filter((item) => matches(`${item.group} ${item.title}`, text)),
    ...found,
  ].slice(0, MOST_SHOWN);
  const at = Math.min(chosen, shown.length - 1);
  const run = (item: PaletteItem | undefined): void => {
    if (!item) return;
    onClose();
    item.run();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && shown.length > 0) {
      event.preventDefault();
      const next = (at + step + shown.length) % shown.length;
      setChosen(next);
      document.getElementById(`${id}-${next}`)?.scrollIntoView({ block: 'nearest' });
    }
    if (event.key === 'Enter') {
      event.preventDefault();
      run(shown[at]);
    }
  };
  return (
    <Base.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Base.Portal>
        <Base.Backdrop className="scrim" />
        <Base.Popup className="palette" aria-label="Command palette">
          <input
            className="palette-input"
            role="combobox"
            aria-expanded="true"
            aria-controls={`${id}-list`}
            aria-activedescendant={at >= 0 ? `${id}-${at}` : undefined}
            aria-label="Go to a screen, a machine, or an action"
            placeholder="Go to a screen, a machine, or an action"
            spellCheck={false}
            value={text}
            onChange={(event) => {
              setText(event.target.value);
              setChosen(0);
              onText(event.target.value);
            }}
            onKeyDown={onKeyDown}
          />
          <div id={`${id}-list`} role="listbox" aria-label="Results" className="palette-list">
            {shown.map((item, index) => (
              <div
                key={item.id}
                id={`${id}-${index}`}
                role="option"
                aria-selected={index === at}
                className="palette-item"
                onMouseMove={() => setChosen(index)}
                onClick={() => run(item)}
              >
                <span className="palette-icon">{item.icon && <item.icon size={14} />}</span>
                <span className="palette-title">{item.title}</span>
                <span className="palette-detail muted">{item.detail ?? item.group}</span>
                {item.keys && <Kbd keys={item.keys} />}
              </div>
            ))}
          </div>
          {shown.length === 0 && <p className="palette-none muted">Nothing fits “{text}”.</p>}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
