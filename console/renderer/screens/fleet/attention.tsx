// The strip on top of the fleet: what needs a person now, in four numbers, with the first machines by name.
import { Link } from 'react-router';
import { StatusGlyph } from '#console/renderer/ui/status-mark.tsx';
import { Time } from '#console/renderer/ui/time.tsx';
import type { AttentionItem, FleetAttention } from '#console/views.ts';
import type { Trouble } from './query.ts';

const TITLES: Readonly<Record<Trouble, string>> = {
  failed: 'failed',
  missed: 'missed runs',
  refused: 'refused a document',
  silent: 'silent for an hour',
};

export interface AttentionProps {
  readonly items: FleetAttention;
  readonly chosen: string;
  readonly onChoose: (trouble: Trouble | '') => void;
}

export function Attention({ items, chosen, onChoose }: AttentionProps) {
  const trouble = items.filter((item) => item.machines > 0);
  if (trouble.length === 0) {
    return (
      <p className="attention attention-calm">
        <StatusGlyph status="ok" />
        Nothing failed, nothing was missed, nothing was refused, and nobody is silent.
      </p>
    );
  }
  return (
    <ul className="attention" aria-label="Needs a look">
      {items.map((item) => (
        <Tile
          key={item.kind}
          item={item}
          chosen={item.kind === chosen}
          onChoose={() => onChoose(item.kind === chosen ? '' : item.kind)}
        />
      ))}
    </ul>
  );
}

interface TileProps {
  readonly item: AttentionItem;
  readonly chosen: boolean;
  readonly onChoose: () => void;
}

function Tile({ item, chosen, onChoose }: TileProps) {
  const { kind, machines, first } = item;
  const none = machines === 0;
  return (
    <li className={none ? 'tile tile-none' : 'tile'}>
      <button
        type="button"
        className="tile-head"
        aria-pressed={chosen}
        disabled={none && !chosen}
        onClick={onChoose}
      >
        <StatusGlyph status={none ? 'cancelled' : kind} size={14} />
        <span className="tile-number">{machines.toLocaleString('en')}</span>
        <span>{TITLES[kind]}</span>
      </button>
      <ul className="tile-first">
        {first.slice(0, 2).map((machine) => (
          <li key={machine.agent} className="tile-row">
            <Link to={`/fleet/${machine.agent}`}>{machine.agent}</Link>
            <span className="muted truncate">{machine.schedule ?? machine.detail ?? ''}</span>
            <span className="muted tile-when">
              <Time at={machine.at} />
            </span>
          </li>
        ))}
        {none && <li className="tile-row muted">none</li>}
      </ul>
    </li>
  );
}
