// The local policy at work: reads the file safely, reads it again when it changes, and answers before every start.
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readFileSync, type Stats } from 'node:fs';
import { parseDocument } from 'yaml';
import type { LocalPolicy } from '#agent/ports.ts';
import { err, type Fault, ok, type Result } from '#shared/result.ts';
import { type DigestCache, vetExecutable } from './executable.ts';
import { type Job, type Policy, policySchema, vetRules } from './rules.ts';

export type PolicyOwner = 'root' | 'self' | 'missing';

export interface LoadedPolicy {
  readonly result: Result<Policy>;
  readonly digest: string;
  readonly owner: PolicyOwner;
}

export interface PolicyOptions {
  readonly path: string;
  /** While one of these files exists nothing is started. */
  readonly haltPaths: readonly string[];
  readonly uid: number;
  readonly nowAt: () => number;
  /** Attempts running now. */
  readonly running: () => number;
  /** Told when another file content took effect. */
  readonly onChange?: (loaded: LoadedPolicy) => void;
}

/** The policy in force, looked up again before every answer (one lstat; the file is parsed only when it changed). */
export function createPolicy(options: PolicyOptions): LocalPolicy {
  const { path, haltPaths, uid, nowAt } = options;
  const digests: DigestCache = new Map();
  let state = stateOf(path);
  let loaded = loadPolicy(path, uid);
  let starts: number[] = [];
  /** Said yes since the count of running jobs last changed: one tick asks for many before it begins any. */
  let pending = { running: 0, count: 0 };

  const current = (): LoadedPolicy => {
    const seen = stateOf(path);
    if (seen !== state) {
      state = seen;
      loaded = loadPolicy(path, uid);
      options.onChange?.(loaded);
    }
    return loaded;
  };

  const vet = (job: Job): Result<void> => {
    const halt = haltPaths.find((file) => existsSync(file));
    if (halt !== undefined) return haltFault(halt);
    const { result } = current();
    if (!result.ok) return result;
    const hourAgo = nowAt() - 3_600_000;
    if (starts.length > 0 && (starts[0] as number) <= hourAgo)
      starts = starts.filter((at) => at > hourAgo);
    const running = options.running();
    if (running !== pending.running) pending = { running, count: 0 };
    const usage = { running: running + pending.count, lastHour: starts.length };
    const vetted = vetJob(result.value, job, usage, uid, digests);
    if (vetted.ok && result.value.maxParallel !== undefined) expect(pending);
    // Only a policy with that limit pays for remembering.
    if (vetted.ok && result.value.maxRunsPerHour !== undefined) starts.push(nowAt());
    return vetted;
  };

  /** What was not begun by the end of this turn of the loop never will be. */
  const expect = (asked: typeof pending): void => {
    asked.count++;
    if (asked.count === 1) {
      setImmediate(() => {
        asked.count = 0;
      });
    }
  };

  return {
    vet,
    describe: () => {
      const { digest, owner } = current();
      return { digest, owner };
    },
  };
}

/** All rules on one job. `explain` asks with no usage. */
export function vetJob(
  policy: Policy,
  job: Job,
  usage: { readonly running: number; readonly lastHour: number },
  uid: number,
  digests: DigestCache = new Map(),
): Result<void> {
  const vetted = vetRules(policy, job, usage);
  if (!vetted.ok) return vetted;
  return vetExecutable(policy, job.launch.argv[0] ?? '', job.launch.env.PATH, uid, digests);
}

export const haltFault = (path: string) =>
  err('POLICY_HALT', 'the machine is halted by its owner', { hint: `remove ${path} to go on` });

/** Reads and judges the file. Faults POLICY_MISSING, POLICY_SYMLINK, POLICY_MODE, POLICY_SYNTAX; all of them deny everything. */
export function loadPolicy(path: string, uid: number): LoadedPolicy {
  const denied = (fault: Fault, text = ''): LoadedPolicy => ({
    result: { ok: false, fault },
    digest: sha256(text),
    owner: 'missing',
  });
  let stats: Stats;
  try {
    stats = lstatSync(path);
  } catch {
    return denied(fault('POLICY_MISSING', `there is no policy at ${path}, so nothing may run`));
  }
  if (stats.isSymbolicLink())
    return denied(fault('POLICY_SYMLINK', `${path} is a symbolic link, so nothing may run`));
  if (!hasSafeMode(stats, uid))
    return denied(
      fault('POLICY_MODE', `${path} can be written by others, so nothing may run`, {
        hint: `chown it to root or to the agent's user and chmod 644 ${path}`,
      }),
    );
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const message = `${path} cannot be read, so nothing may run: ${(error as Error).message}`;
    return denied(fault('POLICY_MODE', message));
  }
  const result = parsePolicy(text, path);
  if (!result.ok) return denied(result.fault, text);
  return { result, digest: sha256(text), owner: stats.uid === 0 ? 'root' : 'self' };
}

/** YAML (or JSON, which is YAML) text → policy. Fault POLICY_SYNTAX with line and column. */
export function parsePolicy(text: string, path: string): Result<Policy> {
  const document = parseDocument(text, { uniqueKeys: true });
  const first = document.errors[0];
  if (first) {
    const place = first.linePos?.[0];
    return err('POLICY_SYNTAX', first.message.split('\n')[0] ?? 'cannot be read', {
      at: place ? `${path}:${place.line}:${place.col}` : path,
    });
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 0 });
  } catch (error) {
    return err('POLICY_SYNTAX', `aliases are not allowed: ${(error as Error).message}`, {
      at: path,
    });
  }
  const parsed = policySchema.safeParse(value);
  if (parsed.success) return ok(parsed.data);
  const issue = parsed.error.issues[0];
  const where = issue?.path.join('.') ?? '';
  return err('POLICY_SYNTAX', `${where ? `${where}: ` : ''}${issue?.message ?? 'invalid'}`, {
    at: path,
    hint: '`muster-agent enrol` writes a commented example',
  });
}

const hasSafeMode = (stats: Stats, uid: number): boolean =>
  process.platform === 'win32' ||
  (stats.isFile() && (stats.uid === 0 || stats.uid === uid) && (stats.mode & 0o022) === 0);

function stateOf(path: string): string {
  try {
    const { ino, mtimeMs, ctimeMs, size, mode, uid } = lstatSync(path);
    return `${ino} ${mtimeMs} ${ctimeMs} ${size} ${mode} ${uid}`;
  } catch {
    return 'missing';
  }
}

const fault = (
  code: string,
  message: string,
  more: Omit<Fault, 'code' | 'message'> = {},
): Fault => ({
  code,
  message,
  ...more,
});
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
