// What a trigger means before anybody signs it: the next occurrences, with the days on which clocks change.
import type { Preview, PreviewOccurrence } from '#console/views/planning.ts';
import { formatInstant, instantSchema } from '#shared/ids.ts';
import { err, type Fault, ok, type Result } from '#shared/result.ts';
import type { Trigger } from '#shared/schedule/trigger.ts';
import {
  type CompiledTrigger,
  compileTrigger,
  describeTrigger,
  localTime,
} from '#shared/time/occurrences.ts';
import { clockNote } from '#shared/time/preview.ts';
import { openZone, unknownZone } from '#shared/time/zone.ts';
import { POLICY_DEFAULTS } from './planner/file-schema.ts';
import { triggerOf } from './planner/read-file.ts';

interface Fields {
  readonly cron?: string | undefined;
  readonly every?: string | undefined;
  readonly at?: string | undefined;
  readonly zone?: string | undefined;
  readonly anchor?: string | undefined;
}

export interface PreviewAsked {
  readonly trigger?: Trigger | undefined;
  readonly schedule?: Fields | undefined;
  readonly zone: string;
  readonly count: number;
  readonly afterAt: number;
}

/** Faults: TRIGGER_COUNT and the trigger's own; `at` is the field, with the column where it is known. */
export function previewTrigger(asked: PreviewAsked): Result<Preview> {
  const trigger = chosen(asked);
  if (!trigger.ok) return trigger;
  const compiled = compileTrigger(trigger.value);
  if (!compiled.ok) return { ok: false, fault: placed(compiled.fault, trigger.value) };
  const zone = zoneOf(trigger.value, asked.schedule?.zone ?? asked.zone);
  if (!openZone(zone)) {
    const unknown = unknownZone(zone);
    return unknown.ok ? unknown : { ok: false, fault: { ...unknown.fault, at: 'zone' } };
  }
  const { afterAt, count } = asked;
  return ok({
    zone,
    words: describeTrigger(trigger.value),
    occurrences: previewOf(compiled.value, zone, afterAt, count),
  });
}

export const zoneOf = (trigger: Trigger, fallback: string): string =>
  (trigger.kind === 'every' ? undefined : trigger.zone) ?? fallback;

/** The next `count` occurrences after an instant, in a zone that exists. */
export function previewOf(
  compiled: CompiledTrigger,
  zone: string,
  afterAt: number,
  count: number,
): readonly PreviewOccurrence[] {
  return compiled.between(afterAt, Number.POSITIVE_INFINITY, count).map((occurrence) => {
    const { at, shift } = occurrence;
    const note = clockNote(occurrence, zone);
    return {
      at: formatInstant(at),
      local: localTime(at, zone),
      ...(shift && { shift }),
      ...(note === '' ? {} : { note }),
    };
  });
}

function chosen({ trigger, schedule, zone }: PreviewAsked): Result<Trigger> {
  if (trigger && !schedule) return ok(trigger);
  if (!schedule || trigger) {
    return err('TRIGGER_COUNT', 'give a trigger or the fields of a schedule', { at: 'trigger' });
  }
  const named = (['cron', 'every', 'at'] as const).filter((key) => schedule[key] !== undefined);
  const [kind] = named;
  if (kind === undefined || named.length > 1) {
    const message = kind === undefined ? 'it does not say when' : `it has ${named.join(' and ')}`;
    const hint = 'give exactly one of cron, every and at';
    return err('TRIGGER_COUNT', message, { at: named[1] ?? 'cron', hint });
  }
  const anchor = schedule.anchor ?? POLICY_DEFAULTS.anchor;
  if (!instantSchema.safeParse(anchor).success) {
    const hint = 'write it like 2026-01-01T00:00:00Z';
    return err('TIME_INVALID', `anchor '${anchor}' is not an instant`, { at: 'anchor', hint });
  }
  return ok(
    triggerOf(kind, schedule[kind] as string, schedule, { zone: schedule.zone ?? zone, anchor }),
  );
}

/** Where in the fields: the part of a cron expression that a fault quotes, else the field itself. */
function placed(fault: Fault, trigger: Trigger): Fault {
  if (fault.code === 'ZONE_UNKNOWN') return { ...fault, at: 'zone' };
  if (trigger.kind !== 'cron') return { ...fault, at: trigger.kind };
  const { expression } = trigger;
  const said = fault.message.replace(`'${expression}'`, '');
  const quoted = [...said.matchAll(/'([^']+)'/g)].map(([, text]) => text ?? '');
  const found = quoted.map((text) => expression.indexOf(text)).find((at) => at >= 0);
  return { ...fault, at: found === undefined ? 'cron' : `cron:${found + 1}` };
}
