// A stream as the text of a file: the opposite of read-file. What equals a default is left out.
import { stringify } from 'yaml';
import type { Job } from '#shared/jobs.ts';
import type { Schedule } from '#shared/schedule/schedule.ts';
import type { Trigger } from '#shared/schedule/trigger.ts';
import { POLICY_DEFAULTS } from './file-schema.ts';
import { toIsoPeriod } from './units.ts';

/** Machines stand by name: what the file they came from said instead is not in the document. */
export function writeFile(
  stream: string,
  audience: readonly string[],
  schedules: readonly Schedule[],
): string {
  const file = {
    stream,
    // Without schedules nobody gets any, so it does not matter who.
    audience: audience.length === 0 ? 'all' : { agents: audience },
    schedules: Object.fromEntries(schedules.map((schedule) => [schedule.id, fieldsOf(schedule)])),
  };
  return stringify(file, { lineWidth: 0, version: '1.2', aliasDuplicateObjects: false });
}

function fieldsOf(schedule: Schedule): Record<string, unknown> {
  const { catchUp, retry, description, x } = schedule;
  const standard = POLICY_DEFAULTS;
  return {
    ...(description === undefined ? {} : { description }),
    ...triggerFields(schedule.trigger),
    ...jobFields(schedule.job),
    ...unless('timeout', formatDuration(schedule.timeoutMs), formatDuration(standard.timeout)),
    ...unless('grace', formatDuration(schedule.graceMs), formatDuration(standard.grace)),
    ...catchUpFields(catchUp),
    ...unless('overlap', schedule.overlap, standard.overlap),
    ...unless('splay', formatDuration(schedule.splayMs), formatDuration(standard.splay)),
    ...retryFields(retry),
    ...unless('outputCap', formatSize(schedule.outputCapBytes), formatSize(standard.outputCap)),
    ...unless('onInterrupted', schedule.onInterrupted, standard.onInterrupted),
    ...unless('paused', schedule.paused, standard.paused),
    ...(x === undefined ? {} : { x }),
  };
}

const unless = <T>(key: string, value: T, standard: T): Record<string, T> =>
  value === standard ? {} : { [key]: value };

function triggerFields(trigger: Trigger): Record<string, unknown> {
  switch (trigger.kind) {
    case 'cron':
      return {
        cron: trigger.expression,
        ...unless<string>('zone', trigger.zone, POLICY_DEFAULTS.zone),
      };
    case 'every':
      return {
        every: shortPeriod(trigger.period),
        ...unless<string>('anchor', trigger.anchor, POLICY_DEFAULTS.anchor),
      };
    case 'at':
      return { at: trigger.time, ...(trigger.zone === undefined ? {} : { zone: trigger.zone }) };
  }
}

function jobFields(job: Job): Record<string, unknown> {
  const { env, cwd } = job;
  return {
    ...(job.kind === 'exec' ? { exec: job.argv } : { shell: job.script }),
    ...(env === undefined ? {} : { env }),
    ...(cwd === undefined ? {} : { cwd }),
  };
}

function catchUpFields({ policy, limit, startDeadlineMs }: Schedule['catchUp']) {
  const standard = POLICY_DEFAULTS.catchUp;
  if (limit === standard.limit && startDeadlineMs === undefined) {
    return unless<string>('catchUp', policy, standard.policy);
  }
  return {
    catchUp: {
      policy,
      ...unless<number>('limit', limit, standard.limit),
      ...(startDeadlineMs === undefined ? {} : { deadline: formatDuration(startDeadlineMs) }),
    },
  };
}

function retryFields(retry: Schedule['retry']): Record<string, unknown> {
  const standard = POLICY_DEFAULTS.retry;
  const fields = {
    attempts: retry.maxAttempts,
    ...unless<string>(
      'initial',
      formatDuration(retry.initialIntervalMs),
      formatDuration(standard.initial),
    ),
    ...unless<number>('factor', retry.backoffCoefficient, standard.factor),
    ...unless<string>('max', formatDuration(retry.maximumIntervalMs), formatDuration(standard.max)),
  };
  if (Object.keys(fields).length > 1) return { retry: fields };
  return unless<number>('retry', retry.maxAttempts, standard.attempts);
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
] as const;

/** `90000` → `1m30s`. */
export function formatDuration(ms: number): string {
  let rest = ms;
  let text = '';
  for (const [unit, unitMs] of UNITS) {
    const amount = Math.floor(rest / unitMs);
    rest -= amount * unitMs;
    if (amount > 0) text += `${amount}${unit}`;
  }
  return text === '' ? '0s' : text;
}

/** Short where the short form means the very same text. */
function shortPeriod(period: string): string {
  const match = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(period);
  if (!match) return period;
  const [, days, hours, minutes, seconds] = match;
  const parts = [
    [days, 'd'],
    [hours, 'h'],
    [minutes, 'm'],
    [seconds, 's'],
  ] as const;
  const short = parts.map(([amount, unit]) => (amount === undefined ? '' : amount + unit)).join('');
  return short !== '' && toIsoPeriod(short) === period ? short : period;
}

/** `65536` → `64KB`. */
export function formatSize(bytes: number): string {
  if (bytes > 0 && bytes % 1_048_576 === 0) return `${bytes / 1_048_576}MB`;
  return bytes > 0 && bytes % 1_024 === 0 ? `${bytes / 1_024}KB` : `${bytes}B`;
}
