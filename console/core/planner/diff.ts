// What a new revision changes, field by field.
import type { ScheduleChange } from '#console/views.ts';
import { formatInstant } from '#shared/ids.ts';
import type { Schedule } from '#shared/schedule/schedule.ts';
import { compileTrigger } from '#shared/time/occurrences.ts';

const PREVIEWED = 3;

/** Changes of one stream, sorted by schedule; `next` previews the first nominal instants after `nowAt`. */
export function diffSchedules(
  stream: string,
  before: readonly Schedule[],
  after: readonly Schedule[],
  nowAt: number,
): readonly ScheduleChange[] {
  const old = new Map(before.map((schedule) => [schedule.id, schedule]));
  const fresh = new Map(after.map((schedule) => [schedule.id, schedule]));
  const ids = [...new Set([...old.keys(), ...fresh.keys()])].sort();
  return ids.map((id): ScheduleChange => {
    const [from, to] = [old.get(id), fresh.get(id)];
    const fields = from && to ? changedFields(from, to) : [];
    const change =
      from === undefined
        ? 'added'
        : to === undefined
          ? 'removed'
          : fields.length > 0
            ? 'changed'
            : 'unchanged';
    return {
      stream,
      schedule: id,
      change,
      fields,
      next: to ? nextInstants(to, nowAt, PREVIEWED) : [],
    };
  });
}

/** The next nominal instants, none while paused. */
export function nextInstants(schedule: Schedule, nowAt: number, count: number): readonly string[] {
  const compiled = compileTrigger(schedule.trigger);
  if (!compiled.ok || schedule.paused) return [];
  const found: string[] = [];
  let at = nowAt;
  while (found.length < count) {
    const next = compiled.value.next(at);
    if (!next) break;
    found.push(formatInstant(next.at));
    at = next.at;
  }
  return found;
}

function changedFields(from: Schedule, to: Schedule): ScheduleChange['fields'] {
  const [old, fresh] = [flatten(from), flatten(to)];
  return [...new Set([...old.keys(), ...fresh.keys()])].sort().flatMap((path) => {
    const [before, after] = [old.get(path) ?? null, fresh.get(path) ?? null];
    return before === after ? [] : [{ path, from: before, to: after }];
  });
}

/** Leaves by path; a list is one leaf, because arguments make sense only together. */
function flatten(value: unknown, path = '', into = new Map<string, string>()): Map<string, string> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    for (const [key, inner] of Object.entries(value)) {
      flatten(inner, path === '' ? key : `${path}.${key}`, into);
    }
    return into;
  }
  if (value !== undefined)
    into.set(path, typeof value === 'string' ? value : JSON.stringify(value));
  return into;
}
