// Times on the command line: instants, instants with an offset, or how long ago. Pure.
import { DateTime } from 'luxon';
import { formatInstant } from '#shared/ids.ts';
import { err, ok, type Result } from '#shared/result.ts';

const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
const WHOLE_DATE = /^\d{4}-\d\d-\d\d/;

/** `2026-03-29T01:00:00Z`, `…+02:00`, `2026-03-29T01:00` and `2026-03-29` (UTC), `90m`/`2h`/`7d` ago → RFC 3339 UTC. Fault: USAGE. */
export function parseWhen(text: string, nowAt: number): Result<string> {
  const ago = /^(\d{1,6})([smhdw])$/.exec(text);
  if (ago) return ok(formatInstant(nowAt - Number(ago[1]) * (UNIT_MS[ago[2] ?? ''] ?? 0)));
  const time = DateTime.fromISO(text, { zone: 'utc' });
  // ISO 8601 also knows years alone and times without a date: too easily meant otherwise.
  if (time.isValid && WHOLE_DATE.test(text)) return ok(formatInstant(time.toMillis()));
  return err('USAGE', `not a time: ${text}`, {
    hint: 'write 2026-03-29T01:00:00Z, 2026-03-29T03:00:00+02:00, 2026-03-29, or 2h for two hours ago',
  });
}

/** The same for an option that may be absent. */
export const parseOptionalWhen = (
  text: string | undefined,
  nowAt: number,
): Result<string | undefined> => (text === undefined ? ok(undefined) : parseWhen(text, nowAt));
