// The marks of one lane: a bar from start to finish with the state's shape, a thin line from due to start, gaps as shapes alone.
import { statusOf } from '#console/renderer/ui/status.ts';
import { StatusGlyph } from '#console/renderer/ui/status-mark.tsx';
import type { LaneMark } from './lanes.ts';
import type { Placed } from './timeline-scale.ts';

type Mark = LaneMark & Placed & { readonly more: number };

export interface LaneMarksProps {
  readonly marks: readonly Mark[];
  readonly xOf: (instant: number) => number;
  readonly onPick: (mark: LaneMark) => void;
  readonly onOpen: (run: string) => void;
}

const MIDDLE = 14;
const SHAPE = 10;

export function LaneMarks({ marks, xOf, onPick, onOpen }: LaneMarksProps) {
  return marks.map((mark) => {
    const { tone } = statusOf(mark.status);
    const dueX = mark.due ? xOf(Date.parse(mark.due)) : mark.x;
    const length = mark.end - mark.x;
    return (
      // biome-ignore lint/a11y/noStaticElementInteractions: the same runs are links in the table of runs below.
      <g
        key={`${mark.kind} ${mark.beginAt}`}
        className={`mark-${mark.kind} tone-${tone}${mark.run ? ' mark-opens' : ''}`}
        onMouseEnter={() => onPick(mark)}
        onClick={() => {
          if (mark.run) onOpen(mark.run);
        }}
      >
        {mark.kind === 'run' && mark.x - dueX > 2 && (
          <line x1={dueX} x2={mark.x} y1={MIDDLE} y2={MIDDLE} className="late-line" />
        )}
        {length > SHAPE && (
          <rect x={mark.x} y={MIDDLE - 4} width={length} height="8" rx="2" className="mark-bar" />
        )}
        <svg
          x={mark.x - SHAPE / 2}
          y={MIDDLE - SHAPE / 2}
          width={SHAPE}
          height={SHAPE}
          aria-hidden="true"
        >
          <StatusGlyph status={mark.status} size={SHAPE} />
        </svg>
        <rect
          x={mark.x - 5}
          y="2"
          width={Math.max(SHAPE, length)}
          height="24"
          className="mark-hit"
        />
      </g>
    );
  });
}
