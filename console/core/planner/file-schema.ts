// A file of desired state: what keys it has, what they mean, what is assumed where they are missing. SPEC.md is its prose.
import { z } from 'zod';
import { idSchema, instantSchema } from '#shared/ids.ts';
import { argumentSchema, directorySchema, envSchema } from '#shared/jobs/kind.ts';
import { DEFAULT_CATCH_UP, DEFAULT_RETRY } from '#shared/schedule/policies.ts';
import { parseDuration, parseSize } from './units.ts';

const DURATION_HINT = 'write it like 30s, 5m, 2h, 1d or PT5M';

const duration = z.string(`a duration is text: ${DURATION_HINT}`).transform((text, context) => {
  const ms = parseDuration(text);
  if (ms !== undefined) return ms;
  context.addIssue({ code: 'custom', message: `'${text}' is no duration: ${DURATION_HINT}` });
  return z.NEVER;
});

const size = z.union([z.string(), z.int()]).transform((value, context) => {
  const bytes = parseSize(String(value));
  if (bytes !== undefined) return bytes;
  context.addIssue({ code: 'custom', message: `'${value}' is no size: write it like 64KB or 1MB` });
  return z.NEVER;
});

const QUOTE = 'has to be text: put it in quotes';
const argv = z.array(z.string(QUOTE).pipe(argumentSchema)).min(1).max(256);
const env = z.record(z.string(), z.string(QUOTE)).pipe(envSchema);

const catchUp = z.preprocess(
  (value) => (typeof value === 'string' ? { policy: value } : value),
  z.strictObject({
    policy: z.enum(['none', 'latest', 'all']),
    limit: z.int().min(1).max(10_000).default(DEFAULT_CATCH_UP.limit),
    deadline: duration.optional(),
  }),
);

const retry = z.preprocess(
  (value) => (typeof value === 'number' ? { attempts: value } : value),
  z.strictObject({
    attempts: z.int().min(1).max(100).default(DEFAULT_RETRY.maxAttempts),
    initial: duration.default(DEFAULT_RETRY.initialIntervalMs),
    factor: z.number().min(1).max(10).default(DEFAULT_RETRY.backoffCoefficient),
    max: duration.default(DEFAULT_RETRY.maximumIntervalMs),
  }),
);

const policies = {
  zone: z.string().min(1).max(64).optional(),
  anchor: instantSchema.optional(),
  timeout: duration.optional(),
  grace: duration.optional(),
  catchUp: catchUp.optional(),
  overlap: z.enum(['skip', 'allow']).optional(),
  splay: duration.optional(),
  retry: retry.optional(),
  outputCap: size.optional(),
  onInterrupted: z.enum(['fail', 'retry']).optional(),
  paused: z.boolean().optional(),
};

const defaultsSchema = z.strictObject(policies);

export const desiredScheduleSchema = z.strictObject({
  description: z.string().max(500).optional(),
  cron: z.string().min(1).max(256).optional(),
  every: z.string(`a period is text: ${DURATION_HINT}`).max(40).optional(),
  at: z.string().max(40).optional(),
  exec: argv.optional(),
  shell: z.string().min(1).max(32_768).optional(),
  env: env.optional(),
  cwd: directorySchema.optional(),
  ...policies,
  x: z.record(z.string(), z.json()).optional(),
});

const audience = z.preprocess(
  (value) => (value === 'all' ? { all: true } : value),
  z
    .strictObject(
      {
        all: z.literal(true).optional(),
        labels: z.record(idSchema, z.string(QUOTE)).optional(),
        agents: z.array(idSchema).min(1).max(100_000).optional(),
      },
      { error: 'is `all`, `labels: {name: value}` or `agents: [name, …]`' },
    )
    .refine(
      (given) => Object.values(given).filter((value) => value !== undefined).length === 1,
      'is exactly one of `all`, `labels: {name: value}`, `agents: [name, …]`',
    ),
);

export const fileSchema = z.strictObject({
  stream: idSchema,
  audience,
  defaults: defaultsSchema.optional(),
  schedules: z.record(idSchema, desiredScheduleSchema),
});

export type DesiredFile = z.output<typeof fileSchema>;
export type DesiredSchedule = DesiredFile['schedules'][string];
export type DesiredAudience = DesiredFile['audience'];
export type Policies = z.output<typeof defaultsSchema>;

export const POLICY_DEFAULTS = {
  zone: 'UTC',
  anchor: '1970-01-01T00:00:00Z',
  timeout: 3_600_000,
  grace: 10_000,
  catchUp: { policy: DEFAULT_CATCH_UP.policy, limit: DEFAULT_CATCH_UP.limit },
  overlap: 'skip',
  splay: 0,
  retry: {
    attempts: DEFAULT_RETRY.maxAttempts,
    initial: DEFAULT_RETRY.initialIntervalMs,
    factor: DEFAULT_RETRY.backoffCoefficient,
    max: DEFAULT_RETRY.maximumIntervalMs,
  },
  outputCap: 65_536,
  onInterrupted: 'fail',
  paused: false,
} as const;

/** The keys each object may have, for did-you-mean: by the path of the object, `*` for any name. */
export function keysAt(path: readonly PropertyKey[]): readonly string[] {
  if (path.length === 0) return Object.keys(fileSchema.shape);
  const last = path.at(-1);
  if (last === 'catchUp') return ['policy', 'limit', 'deadline'];
  if (last === 'retry') return ['attempts', 'initial', 'factor', 'max'];
  if (last === 'audience') return ['labels', 'agents'];
  if (last === 'defaults') return Object.keys(defaultsSchema.shape);
  return path[0] === 'schedules' ? Object.keys(desiredScheduleSchema.shape) : [];
}
