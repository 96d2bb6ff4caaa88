// Short words for tests of time.
import type { Trigger } from '#shared/schedule/trigger.ts';
import {
  type CompiledTrigger,
  compileTrigger,
  localTime,
  type Occurrence,
} from '#shared/time/occurrences.ts';

/** Compiles, or fails the test with the fault. */
export function compiled(trigger: Trigger): CompiledTrigger {
  const result = compileTrigger(trigger);
  if (!result.ok) throw new Error(`${result.fault.code} ${result.fault.message}`);
  return result.value;
}

export const cron = (expression: string, zone = 'UTC'): CompiledTrigger =>
  compiled({ kind: 'cron', expression, zone });

export const codeOf = (trigger: Trigger): string => {
  const result = compileTrigger(trigger);
  return result.ok ? 'ok' : result.fault.code;
};

/** The first `limit` occurrences after an ISO instant: `UTC instant` and ` gap` if moved. */
export const listUtc = (trigger: CompiledTrigger, after: string, limit: number): string[] =>
  trigger
    .between(Date.parse(after), Number.POSITIVE_INFINITY, limit)
    .map(
      ({ at, shift }) => new Date(at).toISOString().replace('.000Z', 'Z') + (shift ? ' gap' : ''),
    );

/** The same in local time. */
export const listLocal = (
  expression: string,
  zone: string,
  after: string,
  limit: number,
): string[] =>
  cron(expression, zone)
    .between(Date.parse(after), Number.POSITIVE_INFINITY, limit)
    .map(({ at, shift }: Occurrence) => localTime(at, zone) + (shift ? ' gap' : ''));
