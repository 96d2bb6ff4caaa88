// When schedules come due on one machine: nominal instants of the signed documents plus the machine's own splay. Pure.
import { scheduleKey } from '#shared/ids.ts';
import type { Schedule } from '#shared/schedule/schedule.ts';
import { type CompiledTrigger, compileTrigger, type Occurrence } from '#shared/time/occurrences.ts';
import { type HashText, splayOffset } from '#shared/time/splay.ts';

/** A schedule and the two nominal instants around now: with splay the earlier one may still be to come. */
export interface Place {
  readonly schedule: string;
  readonly splayMs: number;
  readonly compiled: CompiledTrigger;
  readonly last: Nominal | undefined;
  readonly next: Nominal | undefined;
}

interface Nominal extends Occurrence {
  /** To the next nominal instant; Infinity when none follows. */
  readonly gapMs: number;
}

export interface Coming {
  readonly schedule: string;
  /** Epoch milliseconds. */
  readonly plannedAt: number;
  readonly dueAt: number;
  readonly shift?: 'gap';
}

/** The same for all machines that have the document: worth keeping while many are looked at. */
export function placesOf(
  stream: string,
  schedules: readonly Schedule[],
  nowAt: number,
): readonly Place[] {
  return schedules.flatMap(({ id, trigger, splayMs, paused }) => {
    const compiled = paused ? undefined : compileTrigger(trigger);
    if (!compiled?.ok) return [];
    const { value } = compiled;
    const nominal = (found: Occurrence | undefined): Nominal | undefined =>
      found && {
        ...found,
        gapMs: (value.next(found.at)?.at ?? Number.POSITIVE_INFINITY) - found.at,
      };
    const last = splayMs > 0 ? nominal(value.previous(nowAt + 1)) : undefined;
    return [
      {
        schedule: scheduleKey(stream, id),
        splayMs,
        compiled: value,
        last,
        next: splayMs > 0 ? nominal(value.next(nowAt)) : bare(value.next(nowAt)),
      },
    ];
  });
}

const bare = (found: Occurrence | undefined): Nominal | undefined =>
  found && { ...found, gapMs: 0 };

/** The first occurrence due after `nowAt` on this machine. `paused`: schedule keys, `*` is the whole machine. */
export function firstDue(
  agent: string,
  places: readonly Place[],
  paused: readonly string[],
  nowAt: number,
  sha256: HashText,
): Coming | undefined {
  if (paused.includes('*')) return undefined;
  let first: Coming | undefined;
  for (const place of places) {
    if (paused.includes(place.schedule)) continue;
    for (const nominal of [place.last, place.next]) {
      const coming = nominal && dueOf(agent, place, nominal, sha256);
      if (!coming || coming.dueAt <= nowAt) continue;
      if (first === undefined || coming.dueAt < first.dueAt) first = coming;
      break;
    }
  }
  return first;
}

/** Everything due after `nowAt` up to `untilAt`, in order; at most `limit`. */
export function comingUpTo(
  agent: string,
  places: readonly Place[],
  window: { readonly nowAt: number; readonly untilAt: number; readonly limit: number },
  sha256: HashText,
): readonly Coming[] {
  const { nowAt, untilAt, limit } = window;
  const all = places.flatMap((place) => {
    const fromAt = place.last ? place.last.at - 1 : nowAt;
    return place.compiled
      .between(fromAt, untilAt, limit + 2)
      .map((found) => {
        const gapMs =
          place.splayMs === 0
            ? 0
            : (place.compiled.next(found.at)?.at ?? Number.POSITIVE_INFINITY) - found.at;
        return dueOf(agent, place, { ...found, gapMs }, sha256);
      })
      .filter(({ dueAt }) => dueAt > nowAt && dueAt <= untilAt);
  });
  return all.sort((a, b) => a.dueAt - b.dueAt).slice(0, limit);
}

function dueOf(agent: string, place: Place, nominal: Nominal, sha256: HashText): Coming {
  const { schedule, splayMs } = place;
  const offsetMs = splayMs === 0 ? 0 : splayOffset(agent, schedule, splayMs, nominal.gapMs, sha256);
  const { at, shift } = nominal;
  return { schedule, plannedAt: at, dueAt: at + offsetMs, ...(shift && { shift }) };
}
