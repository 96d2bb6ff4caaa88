// One file of desired state: text → stream, audience and schedules as documents carry them, or all its faults.
import { z } from 'zod';
import { idSchema } from '#shared/ids.ts';
import type { Job } from '#shared/jobs.ts';
import type { Err, Fault, Result } from '#shared/result.ts';
import { err, ok } from '#shared/result.ts';
import { type Schedule, scheduleSchema } from '#shared/schedule/schedule.ts';
import type { Trigger } from '#shared/schedule/trigger.ts';
import { compileTrigger } from '#shared/time/occurrences.ts';
import {
  type DesiredAudience,
  type DesiredSchedule,
  desiredScheduleSchema,
  fileSchema,
  keysAt,
  POLICY_DEFAULTS,
  type Policies,
} from './file-schema.ts';
import { suggest } from './suggest.ts';
import { toIsoPeriod } from './units.ts';
import { type Path, readYaml, type YamlSource } from './yaml-source.ts';

export interface DesiredStream {
  readonly stream: string;
  readonly audience: DesiredAudience;
  /** Sorted by id, so that the order in the file changes nothing. */
  readonly schedules: readonly Schedule[];
  readonly at: YamlSource['at'];
}

/** Everything wrong with the file at once. Codes: YAML, UNKNOWN_KEY, FIELD, TRIGGER_COUNT, JOB_COUNT, and the trigger's own. */
export function readDesiredFile(
  name: string,
  text: string,
): { readonly stream: DesiredStream } | { readonly faults: readonly Fault[] } {
  const yaml = readYaml(name, text);
  if ('faults' in yaml) return yaml;
  const { source } = yaml;
  const parsed = fileSchema.safeParse(source.value);
  if (!parsed.success) {
    const { issues } = parsed.error;
    const faults = issues.flatMap((issue) => issueFaults(issue, source));
    return { faults: [...faults, ...faultsBehind(source, issues)] };
  }
  const { stream, audience, defaults, schedules } = parsed.data;
  const faults: Fault[] = [];
  const made: Schedule[] = [];
  for (const id of Object.keys(schedules).sort()) {
    const schedule = toSchedule(id, schedules[id] as DesiredSchedule, defaults ?? {}, source);
    if (schedule.ok) made.push(schedule.value);
    else faults.push(...schedule.faults);
  }
  if (faults.length > 0) return { faults };
  return { stream: { stream, audience, schedules: made, at: source.at } };
}

/** What is wrong with triggers and jobs beside the keys that did not parse: a person wants all faults at once. */
function faultsBehind(source: YamlSource, issues: readonly z.core.$ZodIssue[]): readonly Fault[] {
  const given = recordSchema.safeParse(valueAt(source.value, ['schedules']));
  if (!given.success) return [];
  const faults: Fault[] = [];
  for (const [id, schedule] of Object.entries(given.data)) {
    if (!idSchema.safeParse(id).success) continue;
    const own = issues.filter(({ path }) => path[0] === 'schedules' && path[1] === id);
    const bad = own.flatMap((issue) =>
      issue.code === 'unrecognized_keys' && issue.path.length === 2
        ? issue.keys
        : [String(issue.path[2])],
    );
    const rest = Object.entries(schedule).filter(([key]) => !bad.includes(key));
    const parsed = desiredScheduleSchema.safeParse(Object.fromEntries(rest));
    const made = parsed.success ? toSchedule(id, parsed.data, {}, source) : undefined;
    if (!made || made.ok) continue;
    // A key that did not parse may be the very trigger or job that seems to be missing.
    faults.push(...made.faults.filter(({ code }) => bad.length === 0 || !code.endsWith('_COUNT')));
  }
  return faults;
}

const recordSchema = z.record(z.string(), z.record(z.string(), z.unknown()));

function issueFaults(issue: z.core.$ZodIssue, source: YamlSource): readonly Fault[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      code: 'UNKNOWN_KEY',
      message: `'${key}' is not a key of ${where(issue.path)}`,
      at: source.atKey(issue.path, key),
      hint: suggest(key, keysAt(issue.path)),
    }));
  }
  if (issue.code === 'invalid_key') {
    const key = String(issue.path.at(-1));
    const message = `'${key}' cannot be a name in ${where(issue.path.slice(0, -1))}`;
    const hint = issue.issues[0]?.message ?? 'use a-z 0-9 _ -';
    return [{ code: 'FIELD', message, at: source.atKey(issue.path.slice(0, -1), key), hint }];
  }
  const value = valueAt(source.value, issue.path);
  const hint = issue.code === 'invalid_value' ? allowed(value, issue.values) : hintOf(issue, value);
  return [
    {
      code: 'FIELD',
      message: `${where(issue.path)}: ${issue.message}`,
      at: source.at(issue.path),
      ...(hint === undefined ? {} : { hint }),
    },
  ];
}

const where = (path: Path): string => (path.length === 0 ? 'the file' : path.map(String).join('.'));

function allowed(value: unknown, values: readonly unknown[]): string {
  return typeof value === 'string'
    ? suggest(value, values.map(String))
    : `one of ${values.map(String).join(', ')}`;
}

function hintOf(issue: z.core.$ZodIssue, value: unknown): string | undefined {
  if (value === undefined)
    return `add it: ${EXAMPLES[String(issue.path.at(-1))] ?? 'it is needed'}`;
  if (issue.code === 'invalid_type' && typeof value === 'number') {
    return `write it as text, in quotes: "${value}"`;
  }
  return undefined;
}

const EXAMPLES: Readonly<Record<string, string>> = {
  stream: '`stream: backups`, the name of this set of schedules',
  audience: '`audience: all`',
  schedules: '`schedules:` with a name and a job below it',
};

const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null
        ? (inner as Record<PropertyKey, unknown>)[key]
        : undefined,
    value,
  );

/** A schedule with every policy said. */
type Filled = {
  readonly [K in keyof Policies]-?: Exclude<Policies[K], undefined>;
} & DesiredSchedule;

type Made = { readonly ok: true; readonly value: Schedule } | FaultList;
type FaultList = { readonly ok: false; readonly faults: readonly Fault[] };

function toSchedule(
  id: string,
  given: DesiredSchedule,
  defaults: Policies,
  source: YamlSource,
): Made {
  const policies: Filled = { ...POLICY_DEFAULTS, ...present(defaults), ...present(given) };
  const path = ['schedules', id];
  const trigger = toTrigger(id, given, policies, source, path);
  const job = toJob(id, given, source, path);
  const faults = [trigger, job].flatMap((result) => (result.ok ? [] : [result.fault]));
  if (!trigger.ok || !job.ok) return { ok: false, faults };
  const { catchUp, retry, description, x } = policies;
  const schedule: z.input<typeof scheduleSchema> = {
    id,
    trigger: trigger.value,
    job: job.value,
    catchUp: {
      policy: catchUp.policy,
      limit: catchUp.limit,
      ...(catchUp.deadline === undefined ? {} : { startDeadlineMs: catchUp.deadline }),
    },
    overlap: policies.overlap,
    retry: {
      maxAttempts: retry.attempts,
      initialIntervalMs: retry.initial,
      backoffCoefficient: retry.factor,
      maximumIntervalMs: retry.max,
    },
    splayMs: policies.splay,
    timeoutMs: policies.timeout,
    graceMs: policies.grace,
    outputCapBytes: policies.outputCap,
    onInterrupted: policies.onInterrupted,
    paused: policies.paused,
    ...(description === undefined ? {} : { description }),
    ...(x === undefined ? {} : { x }),
  };
  // Limits of the document itself, such as a timeout beyond 30 days, are said where the file says them.
  const checked = scheduleSchema.safeParse(schedule);
  if (checked.success) return { ok: true, value: checked.data };
  return {
    ok: false,
    faults: checked.error.issues.map((issue) => ({
      code: 'FIELD',
      message: `${where(path)}: ${issue.path.map(String).join('.')}: ${issue.message}`,
      at: source.at([...path, FILE_KEY[String(issue.path[0])] ?? String(issue.path[0])]),
    })),
  };
}

const FILE_KEY: Readonly<Record<string, string>> = {
  timeoutMs: 'timeout',
  graceMs: 'grace',
  splayMs: 'splay',
  outputCapBytes: 'outputCap',
};

/** Merged with exactOptionalPropertyTypes in mind: a missing key must not hide a default. */
function present<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}

function toTrigger(
  id: string,
  given: DesiredSchedule,
  policies: { readonly zone: string; readonly anchor: string },
  source: YamlSource,
  path: Path,
): Result<Trigger> {
  const named = (['cron', 'every', 'at'] as const).filter((key) => given[key] !== undefined);
  const [kind] = named;
  if (kind === undefined || named.length > 1) {
    const message =
      kind === undefined
        ? `schedule '${id}' does not say when it runs`
        : `schedule '${id}' has ${named.join(' and ')}`;
    const hint = 'give exactly one of cron, every and at';
    return err('TRIGGER_COUNT', message, { at: source.atKey(['schedules'], id), hint });
  }
  const trigger = triggerOf(kind, given[kind] as string, given, policies);
  const compiled = compileTrigger(trigger);
  if (compiled.ok) return ok(trigger);
  const zoneFault = compiled.fault.code === 'ZONE_UNKNOWN' && given.zone !== undefined;
  const at = source.at([...path, zoneFault ? 'zone' : kind]);
  return { ok: false, fault: { ...compiled.fault, at } } satisfies Err;
}

/** The trigger that the fields of a file mean; whether it can be is for compileTrigger. */
export function triggerOf(
  kind: 'cron' | 'every' | 'at',
  text: string,
  given: { readonly zone?: string | undefined },
  { zone, anchor }: { readonly zone: string; readonly anchor: string },
): Trigger {
  if (kind === 'cron') return { kind, expression: text, zone };
  if (kind === 'every') return { kind, period: toIsoPeriod(text), anchor };
  // An instant with Z needs no zone; a zone given beside it is kept, so that its fault is told.
  return text.endsWith('Z') && given.zone === undefined
    ? { kind, time: text }
    : { kind, time: text, zone };
}

function toJob(id: string, given: DesiredSchedule, source: YamlSource, path: Path): Result<Job> {
  const { exec, shell } = given;
  const around = {
    ...(given.env === undefined ? {} : { env: given.env }),
    ...(given.cwd === undefined ? {} : { cwd: given.cwd }),
  };
  if (exec !== undefined && shell === undefined) return ok({ kind: 'exec', argv: exec, ...around });
  if (shell !== undefined && exec === undefined)
    return ok({ kind: 'shell', script: shell, ...around });
  const message =
    exec === undefined
      ? `schedule '${id}' does not say what it runs`
      : `schedule '${id}' has exec and shell`;
  return err('JOB_COUNT', message, {
    at: exec === undefined ? source.atKey(['schedules'], id) : source.at([...path, 'shell']),
    hint: 'give exactly one of exec: [program, argument, …] and shell: text',
  });
}
