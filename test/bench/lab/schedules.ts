// The schedules the figures need: ten thousand that rest for hours, and those that come due.
import { existsSync } from 'node:fs';
import { DEFAULT_CATCH_UP, DEFAULT_RETRY } from '#shared/schedule/policies.ts';
import type { Schedule } from '#shared/schedule/schedule.ts';
import type { Trigger } from '#shared/schedule/trigger.ts';
import { compileTrigger } from '#shared/time/occurrences.ts';

/** The job of all figures: a tiny program that says itself when it began. Both sides run exactly this. */
export const JOB: readonly string[] = [
  existsSync('/usr/bin/date') ? '/usr/bin/date' : '/bin/date',
  '+%s%N',
];

const ZONES = [
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kolkata',
  'Australia/Sydney',
  'America/Sao_Paulo',
  'UTC',
];
/** Nothing of the resting schedules comes due within this time. */
const REST_MS = 2 * 3_600_000;

export function schedule(id: string, trigger: Trigger): Schedule {
  return {
    id,
    trigger,
    job: { kind: 'exec', argv: [...JOB] },
    catchUp: DEFAULT_CATCH_UP,
    overlap: 'skip',
    retry: DEFAULT_RETRY,
    splayMs: 0,
    timeoutMs: 60_000,
    graceMs: 5_000,
    outputCapBytes: 65_536,
    onInterrupted: 'fail',
    paused: false,
  };
}

/** Daily and weekly times in six zones and daily periods, each of them hours away from now. */
export function restingSchedules(count: number, nowAt: number): readonly Schedule[] {
  const found: Schedule[] = [];
  for (let n = 0; found.length < count; n++) {
    const trigger = restingTrigger(n, nowAt);
    const compiled = compileTrigger(trigger);
    if (!compiled.ok) throw new Error(compiled.fault.message);
    const next = compiled.value.next(nowAt);
    if (next && next.at - nowAt > REST_MS) found.push(schedule(`s-${n}`, trigger));
  }
  return found;
}

function restingTrigger(n: number, nowAt: number): Trigger {
  // A step coprime to a day's minutes spreads the times evenly.
  const minute = (n * 607) % 1_440;
  if (n % 5 === 4) {
    const anchor = Math.floor(nowAt / 1_000) * 1_000 + minute * 60_000 - 86_400_000;
    return { kind: 'every', period: 'P1D', anchor: instant(anchor) };
  }
  const days = n % 3 === 0 ? '1-5' : '*';
  const expression = `${minute % 60} ${Math.floor(minute / 60)} * * ${days}`;
  return { kind: 'cron', expression, zone: ZONES[n % ZONES.length] as string };
}

/** `count` schedules, all due at `firstAt` and every `seconds` after it. */
export const dueTogether = (count: number, firstAt: number, seconds: number): readonly Schedule[] =>
  Array.from({ length: count }, (_, n) => schedule(`b-${n}`, periodic(firstAt, seconds)));

/** Once a second each, `count` of them, spread evenly over the second. */
export const dueInTurn = (count: number, firstAt: number): readonly Schedule[] =>
  Array.from({ length: count }, (_, n) =>
    schedule(`t-${n}`, periodic(firstAt + (n * 1_000) / count, 1)),
  );

const periodic = (anchorAt: number, seconds: number): Trigger => ({
  kind: 'every',
  period: `PT${seconds}S`,
  anchor: instant(anchorAt),
});

const instant = (at: number): string => new Date(at).toISOString().replace('.000Z', 'Z');
