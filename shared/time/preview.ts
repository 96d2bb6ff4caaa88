// What a person should know about an occurrence when the zone's clocks change: previews mark such days (T19).
import type { Occurrence } from './triggers/kind.ts';
import { DAY_MS, instantsOfWall, openZone, type Segment, type Zone } from './zone.ts';

/** A few words, or '' on an ordinary day or for an unknown zone. */
export function clockNote({ at, shift }: Occurrence, zoneName: string): string {
  const zone = openZone(zoneName);
  if (!zone) return '';
  const segment = zone.segmentAt(at);
  const change = changeOnDay(zone, segment, Math.floor((at + segment.offsetMs) / DAY_MS));
  if (!change) return '';
  if (shift === 'gap') return 'moved: its time is skipped today';
  const passes = instantsOfWall(zone, at + segment.offsetMs);
  if (passes.length > 1)
    return passes[0] === at ? 'repeated time, first pass' : 'repeated time, second pass';
  const minutes = Math.round((change.offsetMs - change.priorOffsetMs) / 60_000);
  return `clocks change by ${minutes > 0 ? '+' : ''}${minutes} min today`;
}

/** The change of offset before or after an instant, if it falls on the same local day. */
function changeOnDay(zone: Zone, segment: Segment, day: number): Segment | undefined {
  return [segment, zone.segmentAt(segment.endAt)].find(
    ({ startAt, offsetMs, priorOffsetMs }) =>
      offsetMs !== priorOffsetMs &&
      (Math.floor((startAt + priorOffsetMs) / DAY_MS) === day ||
        Math.floor((startAt + offsetMs) / DAY_MS) === day),
  );
}
