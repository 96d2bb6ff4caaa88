// When a trigger fires: the one door of this room. Pure; no clock is read, `now` is the caller's.
import type { Result } from '#shared/result.ts';
import type { Trigger } from '#shared/schedule/trigger.ts';
import type { CompiledTrigger } from './triggers/kind.ts';
import { compilersByKind } from './triggers.ts';
import { openZone } from './zone.ts';

export type { CompiledTrigger, Occurrence } from './triggers/kind.ts';

/**
 * Compiles a trigger, or refuses it when it can never fire or says nothing sensible.
 * Codes: `CRON_SYNTAX`, `CRON_NEVER`, `ZONE_UNKNOWN`, `PERIOD_INVALID`, `TIME_INVALID`. Equal triggers share their work.
 */
export function compileTrigger(trigger: Trigger): Result<CompiledTrigger> {
  // The list is typed kind by kind, so the compiler of a trigger's kind takes that trigger.
  const compile = compilersByKind[trigger.kind] as (trigger: Trigger) => Result<CompiledTrigger>;
  return compile(trigger);
}

/** A few words for lists and logs: `cron 30 2 * * * in Europe/Berlin`. */
export function describeTrigger(trigger: Trigger): string {
  switch (trigger.kind) {
    case 'at':
      return `at ${trigger.time}${trigger.zone ? ` in ${trigger.zone}` : ''}`;
    case 'every':
      return `every ${trigger.period} from ${trigger.anchor}`;
    case 'cron':
      return `cron ${trigger.expression} in ${trigger.zone}`;
  }
}

/** An instant as local ISO date-time with offset, `2026-03-29T03:00:00+02:00`. Throws RangeError for an unknown zone. */
export function localTime(at: number, zoneName: string): string {
  const zone = openZone(zoneName);
  if (!zone) throw new RangeError(`unknown zone ${zoneName}`);
  const { offsetMs } = zone.segmentAt(at);
  const wall = new Date(at + offsetMs).toISOString().replace(/(\.000)?Z$/, '');
  const distance = Math.abs(offsetMs) / 1_000;
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const seconds = distance % 60 ? `:${two(distance % 60)}` : '';
  return `${wall}${offsetMs < 0 ? '-' : '+'}${two(distance / 3_600)}:${two((distance / 60) % 60)}${seconds}`;
}
