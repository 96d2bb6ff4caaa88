// Schedules as people name them: `backup` where only one stream has it, else `stream/backup`.
import { splitScheduleKey } from '#shared/ids.ts';
import { err, ok, type Result } from '#shared/result.ts';
import { nearest } from './nearest.ts';

/** The key a name means among `keys`. Faults: SCHEDULE_UNKNOWN, AMBIGUOUS (names the candidates). */
export function resolveSchedule(name: string, keys: readonly string[]): Result<string> {
  if (name.includes('/')) return keys.includes(name) ? ok(name) : unknown(name, keys);
  const candidates = keys.filter((key) => splitScheduleKey(key).schedule === name).sort();
  const [only] = candidates;
  if (only === undefined) return unknown(name, keys);
  if (candidates.length === 1) return ok(only);
  return err('AMBIGUOUS', `'${name}' is in ${candidates.length} streams`, {
    hint: `say which: ${candidates.slice(0, 10).join(', ')}`,
  });
}

function unknown(name: string, keys: readonly string[]): Result<never> {
  const whole = name.includes('/');
  const names = whole ? keys : keys.map((key) => splitScheduleKey(key).schedule);
  const near = nearest(name, names);
  const hint =
    near === undefined
      ? 'list them with `muster next` or `muster runs`'
      : `did you mean '${near}'?`;
  return err('SCHEDULE_UNKNOWN', `there is no schedule '${name}'`, { hint });
}
