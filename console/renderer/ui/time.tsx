// Instants and durations on screen: short where they stand, whole (local, the schedule's zone, UTC) on demand.

import { useNow } from './clock.ts';
import { ageText, clockText, durationText, fullText } from './time-text.ts';
import { Hint } from './tooltip.tsx';

export interface TimeProps {
  /** RFC 3339; null shows a dash. */
  readonly at: string | null;
  /** `age`: 4 min ago; `clock`: 14:02:10, with the date when it is another day. */
  readonly as?: 'age' | 'clock';
  /** The schedule's own zone, shown besides local and UTC. */
  readonly zone?: string;
}

export function Time({ at, as = 'age', zone }: TimeProps) {
  const now = useNow();
  if (at === null) return <span className="muted">–</span>;
  const ms = Date.parse(at);
  if (Number.isNaN(ms)) return <span className="muted">{at}</span>;
  return (
    <Hint text={<TimeTable ms={ms} zone={zone} />}>
      <time dateTime={at} className="time">
        {as === 'age' ? ageText(ms, now) : clockText(ms, now)}
      </time>
    </Hint>
  );
}

function TimeTable({ ms, zone }: { readonly ms: number; readonly zone: string | undefined }) {
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['Here', undefined],
    ...(zone ? ([['Schedule', zone]] as const) : []),
    ['UTC', 'UTC'],
  ];
  return (
    <span className="time-table">
      {rows.map(([name, where]) => (
        <span key={name} className="time-row">
          <span className="muted">{name}</span>
          <span className="mono">{fullText(ms, where)}</span>
        </span>
      ))}
    </span>
  );
}

/** Milliseconds in words; null shows a dash. */
export function Duration({ ms }: { readonly ms: number | null }) {
  if (ms === null) return <span className="muted">–</span>;
  return <span>{durationText(ms)}</span>;
}
