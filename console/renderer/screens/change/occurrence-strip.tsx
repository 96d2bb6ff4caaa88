// A strip over the coming days: what starts stands above the line, what stops hangs below it.
import type { OccurrenceChange } from '#console/views/planning.ts';
import type { Marks } from './marks.ts';

export interface StripProps {
  readonly change: OccurrenceChange;
  /** Undefined while they are being asked for. */
  readonly marks: Marks | undefined;
  readonly fromAt: number;
  readonly toAt: number;
}

const WIDTH = 600;
const HEIGHT = 34;
const MIDDLE = 17;
const MOST_DAYS = 62;

export function OccurrenceStrip({ change, marks, fromAt, toAt }: StripProps) {
  const x = (at: number): number => Math.round(((at - fromAt) / (toAt - fromAt)) * WIDTH * 10) / 10;
  const { starts, stops, moves } = change;
  const rest = marks?.unknownAfter === undefined ? undefined : x(marks.unknownAfter);
  const moved = moves.count > 0 ? ' strip-moved' : '';
  return (
    <figure className="strip">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${change.schedule}: ${starts.count} start, ${stops.count} stop, ${moves.count} move`}
      >
        {daysBetween(fromAt, toAt).map((at) => (
          <path
            key={at}
            className={new Date(at).getDay() === 1 ? 'strip-week' : 'strip-day'}
            d={`M${x(at)} 0V${HEIGHT}`}
          />
        ))}
        {rest !== undefined && starts.count + moves.count > 0 && (
          <rect
            className={`strip-start-rest${moved}`}
            x={rest}
            y={3}
            width={WIDTH - rest}
            height={MIDDLE - 5}
          />
        )}
        {rest !== undefined && stops.count + moves.count > 0 && (
          <rect
            className={`strip-stop-rest${moved}`}
            x={rest}
            y={MIDDLE + 2}
            width={WIDTH - rest}
            height={MIDDLE - 5}
          />
        )}
        <path className="strip-axis" d={`M0 ${MIDDLE}H${WIDTH}`} />
        <path
          className={`strip-start${moved}`}
          d={marks?.starts.map((at) => `M${x(at)} ${MIDDLE - 2}V3`).join('') ?? ''}
        />
        <path
          className={`strip-stop${moved}`}
          d={marks?.stops.map((at) => `M${x(at)} ${MIDDLE + 2}V${HEIGHT - 3}`).join('') ?? ''}
        />
      </svg>
      <figcaption>
        <span>{dayText(fromAt)}</span>
        {rest !== undefined && <span>too many to draw one by one: the band goes on like this</span>}
        <span>{dayText(toAt)}</span>
      </figcaption>
    </figure>
  );
}

/** Midnights of the browser's own zone. */
function daysBetween(fromAt: number, toAt: number): readonly number[] {
  const days: number[] = [];
  const day = new Date(fromAt);
  day.setHours(24, 0, 0, 0);
  while (day.getTime() < toAt && days.length < MOST_DAYS) {
    days.push(day.getTime());
    day.setDate(day.getDate() + 1);
  }
  return days;
}

const dayText = (at: number): string =>
  new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short' }).format(at);
