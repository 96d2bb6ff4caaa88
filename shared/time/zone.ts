// What a zone's clock shows when: stretches of constant UTC offset per IANA zone, read from Intl and found by
// bisection. Pure but for a bounded cache; the tzdata is the one built into the running Node.
import { err, type Result } from '#shared/result.ts';

const SECOND_MS = 1_000;
export const DAY_MS = 86_400_000;
/** The end of time here: 9999-12-31T23:59:59.999Z. */
export const LAST_AT = 253_402_300_799_999;
/** A longer gap is a zone's change of date, not summer time: nothing is moved over it. */
export const MAX_GAP_MS = 3 * 3_600_000;
/** Offsets are sampled this often; no zone has moved its clock and back within it. */
const SAMPLE_MS = 4 * DAY_MS;
/** Before this every zone keeps the (local mean) time it starts with. */
const FIRST_YEAR = 1800;
const MAX_ZONES = 128;
const MAX_YEARS_PER_ZONE = 1_024;

/** A stretch [startAt, endAt) with one offset. Years also cut: then priorOffsetMs equals offsetMs. */
export interface Segment {
  readonly startAt: number;
  readonly endAt: number;
  /** Wall clock minus UTC, milliseconds. */
  readonly offsetMs: number;
  /** The offset just before startAt: greater means times repeat at startAt, smaller that times are skipped. */
  readonly priorOffsetMs: number;
}

export interface Zone {
  readonly name: string;
  /** The segment that holds the instant (epoch milliseconds). */
  readonly segmentAt: (at: number) => Segment;
}

const zonesByName = new Map<string, Zone | undefined>();

/** The zone of an IANA name, or undefined when this Node knows no such zone. */
export function openZone(name: string): Zone | undefined {
  if (zonesByName.has(name)) return zonesByName.get(name);
  const offsetAt = offsetReader(name);
  const zone = offsetAt && makeZone(name, offsetAt);
  if (zonesByName.size >= MAX_ZONES) zonesByName.clear();
  zonesByName.set(name, zone);
  return zone;
}

/** The refusal of a zone name, with a name that looks meant if there is one. */
export function unknownZone(name: string): Result<never> {
  const wanted = name.trim().toLowerCase().replaceAll(' ', '_').split('/').at(-1) ?? '';
  const meant = Intl.supportedValuesOf('timeZone').find(
    (candidate) => candidate.toLowerCase().split('/').at(-1) === wanted,
  );
  const hint = `use an IANA name such as ${meant ?? 'Europe/Berlin'}`;
  return err('ZONE_UNKNOWN', `zone '${name}' is not known`, { hint });
}

/** Instants shown as one wall-clock time (given as if it were UTC), earliest first: none in a gap, two in an overlap. */
export function instantsOfWall(zone: Zone, wall: number): readonly number[] {
  const found: number[] = [];
  const upTo = wall + DAY_MS;
  for (let at = wall - DAY_MS; at <= upTo; ) {
    const { startAt, endAt, offsetMs } = zone.segmentAt(at);
    const candidate = wall - offsetMs;
    if (candidate >= startAt && candidate < endAt) found.push(candidate);
    at = endAt;
  }
  return found;
}

/** The end of the gap that swallows a wall-clock time, with the gap's length; undefined when there is none. */
export function gapOfWall(
  zone: Zone,
  wall: number,
): { readonly endAt: number; readonly lengthMs: number } | undefined {
  const upTo = wall + DAY_MS;
  for (let at = wall - DAY_MS; at <= upTo; at = zone.segmentAt(at).endAt) {
    const { startAt, offsetMs, priorOffsetMs } = zone.segmentAt(at);
    if (wall >= startAt + priorOffsetMs && wall < startAt + offsetMs)
      return { endAt: startAt, lengthMs: offsetMs - priorOffsetMs };
  }
  return undefined;
}

/** Wall clock minus UTC at an instant, by asking Intl each time; undefined for an unknown zone. */
function offsetReader(name: string): ((at: number) => number) | undefined {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    return undefined;
  }
  return (at) => {
    const whole = Math.floor(at / SECOND_MS) * SECOND_MS;
    const [month = 0, day = 0, year = 0, hour = 0, minute = 0, second = 0] = (
      format.format(whole).match(/\d+/g) ?? []
    ).map(Number);
    return Date.UTC(year, month - 1, day, hour, minute, second) - whole;
  };
}

function makeZone(name: string, offsetAt: (at: number) => number): Zone {
  const firstAt = Date.UTC(FIRST_YEAR, 0, 1);
  const firstOffsetMs = offsetAt(firstAt);
  const beginning: Segment = {
    startAt: Number.NEGATIVE_INFINITY,
    endAt: firstAt,
    offsetMs: firstOffsetMs,
    priorOffsetMs: firstOffsetMs,
  };
  const segmentsByYear = new Map<number, readonly Segment[]>();
  let last = beginning;
  const segmentAt = (at: number): Segment => {
    if (at >= last.startAt && at < last.endAt) return last;
    if (at < firstAt) return beginning;
    const year = new Date(at).getUTCFullYear();
    let segments = segmentsByYear.get(year);
    if (!segments) {
      if (segmentsByYear.size >= MAX_YEARS_PER_ZONE) segmentsByYear.clear();
      segments = cutYear(year, offsetAt);
      segmentsByYear.set(year, segments);
    }
    last = segments.find((segment) => at < segment.endAt) ?? last;
    return last;
  };
  return { name, segmentAt };
}

/** The segments of one UTC year, in order and without a hole. */
function cutYear(year: number, offsetAt: (at: number) => number): readonly Segment[] {
  const yearEndAt = Date.UTC(year + 1, 0, 1);
  const segments: Segment[] = [];
  let startAt = Date.UTC(year, 0, 1);
  let offsetMs = offsetAt(startAt);
  let priorOffsetMs = offsetAt(startAt - SECOND_MS);
  let knownAt = startAt;
  while (knownAt < yearEndAt - SECOND_MS) {
    const probeAt = Math.min(knownAt + SAMPLE_MS, yearEndAt - SECOND_MS);
    if (offsetAt(probeAt) === offsetMs) {
      knownAt = probeAt;
      continue;
    }
    const changeAt = bisect(knownAt, probeAt, offsetMs, offsetAt);
    segments.push({ startAt, endAt: changeAt, offsetMs, priorOffsetMs });
    priorOffsetMs = offsetMs;
    offsetMs = offsetAt(changeAt);
    startAt = changeAt;
    knownAt = changeAt;
  }
  segments.push({ startAt, endAt: yearEndAt, offsetMs, priorOffsetMs });
  return segments;
}

/** The first whole second after `lowAt` with another offset; `lowAt` has offsetMs, `highAt` has not. */
function bisect(
  lowAt: number,
  highAt: number,
  offsetMs: number,
  offsetAt: (at: number) => number,
): number {
  let low = lowAt / SECOND_MS;
  let high = highAt / SECOND_MS;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(middle * SECOND_MS) === offsetMs) low = middle;
    else high = middle;
  }
  return high * SECOND_MS;
}
