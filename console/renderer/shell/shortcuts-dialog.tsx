// `?`: every key that does something now.
import { Dialog } from '#console/renderer/ui/dialog.tsx';
import { Kbd } from '#console/renderer/ui/kbd.tsx';
import { useAllCommands } from './commands.ts';

const LIST_KEYS: readonly (readonly [string, string])[] = [
  ['/', 'Filter this screen'],
  ['j', 'Next row'],
  ['k', 'Previous row'],
  ['Enter', 'Open the row'],
  ['Esc', 'Close, or leave the filter'],
];

export interface ShortcutsDialogProps {
  readonly open: boolean;
  readonly onClose: () => void;
}

export function ShortcutsDialog({ open, onClose }: ShortcutsDialogProps) {
  const commands = useAllCommands().filter((command) => command.keys);
  const groups = [...new Set(commands.map((command) => command.group))];
  return (
    <Dialog open={open} onClose={onClose} title="Keyboard shortcuts" wide>
      <div className="shortcuts">
        {groups.map((group) => (
          <KeyGroup
            key={group}
            title={group}
            rows={commands
              .filter((it) => it.group === group)
              .map((it) => [it.keys ?? '', it.title] as const)}
          />
        ))}
        <KeyGroup title="Lists" rows={LIST_KEYS} />
      </div>
    </Dialog>
  );
}

interface KeyGroupProps {
  readonly title: string;
  readonly rows: readonly (readonly [keys: string, what: string])[];
}

function KeyGroup({ title, rows }: KeyGroupProps) {
  return (
    <section>
      <h3>{title}</h3>
      <dl className="key-rows">
        {rows.map(([keys, what]) => (
          <div key={`${keys} ${what}`} className="key-row">
            <dt>{what}</dt>
            <dd>
              <Kbd keys={keys} />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
