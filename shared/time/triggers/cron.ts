// Trigger `cron`: wall-clock times of an expression mapped through the segments of a zone by Vixie's rule (T12 to T17).
import { err, ok, type Result } from '#shared/result.ts';
import type { CronTrigger } from '#shared/schedule/trigger.ts';
import { type CronFields, parseCronFields } from '#shared/time/cron/fields.ts';
import { makeWalls, type Walls } from '#shared/time/cron/walls.ts';
import {
  DAY_MS,
  LAST_AT,
  MAX_GAP_MS,
  openZone,
  type Segment,
  unknownZone,
  type Zone,
} from '#shared/time/zone.ts';
import { type CompiledTrigger, collect, type Occurrence } from './kind.ts';

const SECOND_MS = 1_000;
const BEGINNING = Number.MIN_SAFE_INTEGER;
/** No change of a clock is longer, so a time this far from one cannot be repeated by it. */
const NEAR_MS = DAY_MS + 2 * 3_600_000;
/** More than any zone's distance from UTC: a wall-clock time is at least this near its instant. */
const REACH_MS = 2 * DAY_MS;
const MAX_EXPRESSIONS = 1_024;
const MAX_COMPILED = 1_024;

interface Expression {
  readonly wild: boolean;
  readonly walls: Walls;
}

// Schedules share what they have in common: one parsed expression, one compiled pair of expression and zone.
const expressionsByText = new Map<string, Expression>();
const compiledByTextAndZone = new Map<string, CompiledTrigger>();

/** `CRON_SYNTAX`, `CRON_NEVER` (no date of the calendar matches) or `ZONE_UNKNOWN`. */
export function compileCron(trigger: CronTrigger): Result<CompiledTrigger> {
  const key = `${trigger.zone}\n${trigger.expression}`;
  const known = compiledByTextAndZone.get(key);
  if (known) return ok(known);
  const expression = readExpression(trigger.expression);
  if (!expression.ok) return expression;
  const zone = openZone(trigger.zone);
  if (!zone) return unknownZone(trigger.zone);
  const compiled = mapThroughZone(expression.value, zone);
  remember(compiledByTextAndZone, key, compiled, MAX_COMPILED);
  return ok(compiled);
}

function readExpression(text: string): Result<Expression> {
  const known = expressionsByText.get(text);
  if (known) return ok(known);
  const fields = parseCronFields(text);
  if (!fields.ok) return fields;
  const walls = makeWalls(fields.value);
  if (walls.next(BEGINNING) === undefined) return never(text, fields.value);
  const expression = { wild: fields.value.wild, walls };
  remember(expressionsByText, text, expression, MAX_EXPRESSIONS);
  return ok(expression);
}

function never(text: string, fields: CronFields): Result<never> {
  return err('CRON_NEVER', `cron expression '${text}' never matches any date`, {
    hint: fields.bothDays
      ? 'with + the day of month and the day of week must both match; check that such a day exists'
      : 'check the day of month against the month and the year, for example 30 February',
  });
}

/** Keeps a map bounded by dropping its oldest entry. */
function remember<T>(map: Map<string, T>, key: string, value: T, limit: number): void {
  if (map.size >= limit) {
    const oldest = map.keys().next();
    if (!oldest.done) map.delete(oldest.value);
  }
  map.set(key, value);
}

function mapThroughZone(expression: Expression, zone: Zone): CompiledTrigger {
  const next = (afterAt: number) => nextOccurrence(expression, zone, afterAt);
  return {
    next,
    previous: (beforeAt) => previousOccurrence(expression, zone, beforeAt),
    between: (afterAt, upToAt, limit) => collect(next, afterAt, upToAt, limit),
    count: (afterAt, upToAt) => countOccurrences(expression, zone, afterAt, upToAt),
  };
}

/** First wall-clock time of a segment that counts: a fixed time repeated after an overlap had its run before (T16). */
const firstWall = (segment: Segment, wild: boolean): number =>
  segment.startAt + (wild ? segment.offsetMs : Math.max(segment.offsetMs, segment.priorOffsetMs));

/** True when the segment's very start is the run of a fixed time its gap has swallowed, and not a run anyway (T15). */
function startsWithShifted({ wild, walls }: Expression, segment: Segment): boolean {
  const gapMs = segment.offsetMs - segment.priorOffsetMs;
  if (wild || gapMs <= 0 || gapMs > MAX_GAP_MS) return false;
  const gapWall = segment.startAt + segment.priorOffsetMs;
  const found = walls.next(gapWall);
  if (found === undefined || found >= gapWall + gapMs) return false;
  return walls.next(gapWall + gapMs) !== gapWall + gapMs;
}

function nextOccurrence(expression: Expression, zone: Zone, afterAt: number) {
  const { wild, walls } = expression;
  let fromAt = Math.floor(Math.max(afterAt, BEGINNING) / SECOND_MS) * SECOND_MS + SECOND_MS;
  while (fromAt <= LAST_AT) {
    const segment = zone.segmentAt(fromAt);
    if (fromAt === segment.startAt && startsWithShifted(expression, segment))
      return shifted(fromAt);
    const wall = walls.next(Math.max(fromAt + segment.offsetMs, firstWall(segment, wild)));
    if (wall !== undefined && wall < segment.endAt + segment.offsetMs)
      return within(wall - segment.offsetMs);
    // Far from the segment's end nothing can repeat, so go straight to where the next match is.
    if (segment.endAt - fromAt <= NEAR_MS) fromAt = segment.endAt;
    else if (wall === undefined) return undefined;
    else fromAt = Math.max(segment.endAt, wall - REACH_MS);
  }
  return undefined;
}

function previousOccurrence(expression: Expression, zone: Zone, beforeAt: number) {
  const { wild, walls } = expression;
  const limitAt = Math.min(beforeAt, LAST_AT + SECOND_MS);
  let toAt = Math.ceil(limitAt / SECOND_MS) * SECOND_MS - SECOND_MS;
  while (toAt > BEGINNING) {
    const segment = zone.segmentAt(toAt);
    const wall = walls.previous(toAt + segment.offsetMs);
    if (wall !== undefined && wall >= firstWall(segment, wild))
      return within(wall - segment.offsetMs);
    if (startsWithShifted(expression, segment)) return shifted(segment.startAt);
    if (toAt - segment.startAt <= NEAR_MS) toAt = segment.startAt - SECOND_MS;
    else if (wall === undefined) return undefined;
    else toAt = Math.min(segment.startAt - SECOND_MS, wall + REACH_MS);
  }
  return undefined;
}

function countOccurrences(expression: Expression, zone: Zone, afterAt: number, upToAt: number) {
  const { wild, walls } = expression;
  const upTo = Math.min(upToAt, LAST_AT);
  let fromAt = Math.floor(Math.max(afterAt, BEGINNING) / SECOND_MS) * SECOND_MS + SECOND_MS;
  let total = 0;
  while (fromAt <= upTo) {
    const segment = zone.segmentAt(fromAt);
    if (fromAt === segment.startAt && startsWithShifted(expression, segment)) total += 1;
    const endAt = Math.min(segment.endAt, Math.floor(upTo / SECOND_MS) * SECOND_MS + SECOND_MS);
    total += walls.count(
      Math.max(fromAt + segment.offsetMs, firstWall(segment, wild)),
      endAt + segment.offsetMs,
    );
    fromAt = endAt;
  }
  return total;
}

const shifted = (at: number): Occurrence => ({ at, shift: 'gap' });
const within = (at: number): Occurrence | undefined => (at <= LAST_AT ? { at } : undefined);
