// The machine's own policy as a file format, and what it says of one job. It can only narrow what signatures allow.
import { z } from 'zod';
import { idSchema } from '#shared/ids.ts';
import type { Launch } from '#shared/jobs/kind.ts';
import { err, ok, type Result } from '#shared/result.ts';
import type { Schedule } from '#shared/schedule/schedule.ts';

const absolute = z
  .string()
  .max(1_024)
  .startsWith('/')
  .or(z.string().regex(/^[A-Za-z]:\\/));

export const policySchema = z.strictObject({
  version: z.literal(1),
  /** False: no job of kind shell, and no exec of a shell program. */
  shell: z.boolean(),
  /** `self` is the user the agent runs as. */
  runAs: z.array(idSchema).max(100),
  /** Programs by absolute path; with sha256 only those bytes; `'*'`: any program in `directories`. */
  executables: z
    .array(
      z.union([
        z.literal('*'),
        absolute,
        z.strictObject({ path: absolute, sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
      ]),
    )
    .max(1_000),
  /** Where programs may lie and jobs may work, everything below included; `'*'`: anywhere. */
  directories: z.array(z.union([z.literal('*'), absolute])).max(1_000),
  /** Further environment names to refuse, `NAME` or `PREFIX*`; the dangerous ones are refused in any case. */
  refuseEnv: z
    .array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}\*?$/))
    .max(200)
    .optional(),
  maxTimeoutMs: z.int().min(100).optional(),
  maxOutputBytes: z.int().min(0).optional(),
  maxParallel: z.int().min(1).optional(),
  maxRunsPerHour: z.int().min(1).optional(),
});
export type Policy = z.infer<typeof policySchema>;

export interface Job {
  readonly schedule: Schedule;
  readonly launch: Launch;
  readonly runAs: string;
}

export interface Usage {
  readonly running: number;
  readonly lastHour: number;
}

/** Names that make an interpreter or the loader run other code than the job's. Never allowed. */
const ALWAYS_REFUSED_ENV = [
  'LD_*',
  'DYLD_*',
  'NODE_OPTIONS',
  'NODE_PATH',
  'BASH_ENV',
  'BASH_FUNC_*',
  'ENV',
  'SHELLOPTS',
  'PYTHON*',
  'PERL5*',
  'PERLLIB',
  'RUBYOPT',
  'RUBYLIB',
  'GCONV_PATH',
  'GLIBC_TUNABLES',
  'JAVA_TOOL_OPTIONS',
  'IFS',
];

const SHELLS = new Set(['sh', 'bash', 'dash', 'ash', 'zsh', 'ksh', 'mksh', 'csh', 'tcsh', 'fish']);

/** Every rule that needs no look at the disk. Faults POLICY_RUNAS, _SHELL, _ENV, _LIMIT, _EXE. */
export function vetRules(policy: Policy, job: Job, usage: Usage): Result<void> {
  if (!policy.runAs.includes(job.runAs)) {
    return err('POLICY_RUNAS', `jobs may not run as ${job.runAs} on this machine`, {
      hint: `allowed: ${policy.runAs.join(', ') || 'nobody'}`,
      at: 'runAs',
    });
  }
  if (!policy.shell && usesShell(job)) {
    return err('POLICY_SHELL', 'this machine allows no shell', { at: 'shell' });
  }
  const refused = refusedName(policy, job.launch.env);
  if (refused !== undefined) {
    return err('POLICY_ENV', `the environment name ${refused} is refused on this machine`, {
      at: 'refuseEnv',
    });
  }
  const { cwd } = job.launch;
  if (cwd !== undefined && !isBelow(cwd, policy.directories)) {
    return err('POLICY_EXE', `the directory ${cwd} is not among the allowed ones`, {
      at: 'directories',
    });
  }
  return vetLimits(policy, job.schedule, usage);
}

function vetLimits(policy: Policy, schedule: Schedule, usage: Usage): Result<void> {
  const limits = [
    ['maxTimeoutMs', schedule.timeoutMs, policy.maxTimeoutMs, 'timeout'],
    ['maxOutputBytes', schedule.outputCapBytes, policy.maxOutputBytes, 'output cap'],
    ['maxParallel', usage.running + 1, policy.maxParallel, 'number of jobs at once'],
    ['maxRunsPerHour', usage.lastHour + 1, policy.maxRunsPerHour, 'number of starts in an hour'],
  ] as const;
  for (const [at, value, limit, name] of limits) {
    if (limit === undefined || value <= limit) continue;
    return err('POLICY_LIMIT', `${name} ${value} is above this machine's limit of ${limit}`, {
      at,
    });
  }
  return ok(undefined);
}

const usesShell = ({ schedule, launch }: Job): boolean =>
  schedule.job.kind === 'shell' || SHELLS.has((launch.argv[0] ?? '').split('/').at(-1) ?? '');

function refusedName(policy: Policy, env: Readonly<Record<string, string>>): string | undefined {
  const patterns = [...ALWAYS_REFUSED_ENV, ...(policy.refuseEnv ?? [])];
  return Object.keys(env).find((name) => patterns.some((pattern) => matchesName(pattern, name)));
}

const matchesName = (pattern: string, name: string): boolean =>
  pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;

/** True when `path` is one of `directories` or below one. Both are absolute and without `..`. */
export const isBelow = (path: string, directories: readonly string[]): boolean =>
  directories.some(
    (directory) =>
      directory === '*' ||
      path === directory ||
      path.startsWith(directory.endsWith('/') ? directory : `${directory}/`),
  );
