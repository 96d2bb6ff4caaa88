// Trigger `at`: one instant, or one local time in a zone under the same DST rule as a fixed-time cron (T1 to T3).
import { err, ok, type Result } from '#shared/result.ts';
import type { AtTrigger } from '#shared/schedule/trigger.ts';
import { gapOfWall, instantsOfWall, MAX_GAP_MS, openZone, unknownZone } from '#shared/time/zone.ts';
import { type CompiledTrigger, collect, type Occurrence } from './kind.ts';

const TIME =
  /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d)(:\d\d)?(\.\d{1,3})?([Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)?$/;

/** A date-time as if it were UTC (milliseconds) and its own offset, if it has one; undefined when no such time exists. */
function parseTime(
  text: string,
): { readonly wall: number; readonly offsetMs: number | undefined } | undefined {
  const match = TIME.exec(text);
  if (!match) return undefined;
  const [, date = '', minutes = '', seconds = ':00', fraction = '.0', suffix] = match;
  const canonical = `${date}T${minutes}${seconds}.${fraction.slice(1).padEnd(3, '0')}Z`;
  const wall = Date.parse(canonical);
  // The round trip refuses 30 February and 24:00, which Date rolls over.
  if (!Number.isFinite(wall) || new Date(wall).toISOString() !== canonical) return undefined;
  if (suffix === undefined) return { wall, offsetMs: undefined };
  if (suffix === 'Z' || suffix === 'z') return { wall, offsetMs: 0 };
  const sign = suffix.startsWith('-') ? -1 : 1;
  const minutesOff = Number(suffix.slice(1, 3)) * 60 + Number(suffix.slice(4, 6));
  return { wall, offsetMs: sign * minutesOff * 60_000 };
}

/** `TIME_INVALID` or `ZONE_UNKNOWN`; a time swallowed by a gap of more than 3 h is refused (T3). */
export function resolveTime(time: string, zoneName: string | undefined): Result<Occurrence> {
  const refuse = (reason: string, hint: string): Result<never> =>
    err('TIME_INVALID', `time '${time}' ${reason}`, { hint });
  const parsed = parseTime(time);
  if (!parsed)
    return refuse(
      'is not an existing date and time',
      'write it like 2026-03-29T02:30:00 with a zone, or 2026-03-29T01:30:00Z',
    );
  const zone = zoneName === undefined ? undefined : openZone(zoneName);
  if (zoneName !== undefined && !zone) return unknownZone(zoneName);
  const { wall, offsetMs } = parsed;
  if (offsetMs !== undefined) return ok({ at: wall - offsetMs });
  if (!zone)
    return refuse('has neither a zone nor an offset', 'add a zone such as Europe/Berlin, or a Z');
  const [first] = instantsOfWall(zone, wall);
  if (first !== undefined) return ok({ at: first });
  const gap = gapOfWall(zone, wall);
  if (!gap || gap.lengthMs > MAX_GAP_MS)
    return refuse(
      `does not exist in ${zone.name}: its clocks skip it`,
      'choose a time before or after the change',
    );
  return ok({ at: gap.endAt, shift: 'gap' });
}

export function compileAt(trigger: AtTrigger): Result<CompiledTrigger> {
  const resolved = resolveTime(trigger.time, trigger.zone);
  if (!resolved.ok) return resolved;
  const occurrence = resolved.value;
  const next = (afterAt: number) => (afterAt < occurrence.at ? occurrence : undefined);
  return ok({
    next,
    previous: (beforeAt) => (beforeAt > occurrence.at ? occurrence : undefined),
    between: (afterAt, upToAt, limit) => collect(next, afterAt, upToAt, limit),
    count: (afterAt, upToAt) => (afterAt < occurrence.at && occurrence.at <= upToAt ? 1 : 0),
  });
}
