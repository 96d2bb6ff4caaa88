// A strip over the coming days: what starts stands above the line, what stops hangs below it, what moves lies on it.
import type { OccurrenceChange } from '#console/views/planning.ts';

export interface StripProps {
  readonly change: OccurrenceChange;
  readonly fromAt: number;
  readonly toAt: number;
}

const WIDTH = 600;
const HEIGHT = 34;
const MIDDLE = 17;
const DAY_MS = 86_400_000;

export function OccurrenceStrip({ change, fromAt, toAt }: StripProps) {
  const x = (at: string | number): number => {
    const ms = typeof at === 'number' ? at : Date.parse(at);
    return Math.round(((ms - fromAt) / (toAt - fromAt)) * WIDTH * 10) / 10;
  };
  const days: number[] = [];
  const first = new Date(fromAt);
  first.setHours(24, 0, 0, 0);
  for (let at = first.getTime(); at < toAt && days.length < 62; at += DAY_MS) days.push(at);
  const { starts, stops, moves } = change;
  const shown = starts.first.length + stops.first.length + moves.first.length;
  const all = starts.count + stops.count + moves.count;
  return (
    <figure className="strip">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${change.schedule}: ${starts.count} start, ${stops.count} stop, ${moves.count} move`}
      >
        {days.map((at) => (
          <path
            key={at}
            className={isWeekStart(at) ? 'strip-week' : 'strip-day'}
            d={`M${x(at)} 0V${HEIGHT}`}
          />
        ))}
        <path className="strip-axis" d={`M0 ${MIDDLE}H${WIDTH}`} />
        <path
          className="strip-start"
          d={starts.first.map((at) => `M${x(at)} ${MIDDLE - 2}V3`).join('')}
        />
        <path
          className="strip-stop"
          d={stops.first.map((at) => `M${x(at)} ${MIDDLE + 2}V${HEIGHT - 3}`).join('')}
        />
        <path
          className="strip-move"
          d={moves.first
            .map(({ from, to }) => `M${x(from)} ${MIDDLE + 6}L${x(to)} ${MIDDLE - 6}`)
            .join('')}
        />
      </svg>
      <figcaption>
        <span>{dayText(fromAt)}</span>
        {all > shown && (
          <span>
            the first {shown} of {all} drawn
          </span>
        )}
        <span>{dayText(toAt)}</span>
      </figcaption>
    </figure>
  );
}

const isWeekStart = (at: number): boolean => new Date(at).getDay() === 1;

const dayText = (at: number): string =>
  new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short' }).format(at);
