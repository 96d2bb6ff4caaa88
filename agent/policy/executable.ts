// Is the program a job names the one the machine's owner meant, and can nobody else swap it (L3)?
import { createHash } from 'node:crypto';
import { accessSync, constants, readFileSync, realpathSync, type Stats, statSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { err, ok, type Result } from '#shared/result.ts';
import { isBelow, type Policy } from './rules.ts';

/** What a job's PATH is when its document sets none. */
export const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Digests by path and inode state, so that a pinned program is read once and not at each start. */
export type DigestCache = Map<string, { readonly state: string; readonly digest: string }>;

/** Fault POLICY_EXE when the program is missing, not allowed, changed, or on a path that others may write. */
export function vetExecutable(
  policy: Policy,
  argv0: string,
  path: string | undefined,
  uid: number,
  digests: DigestCache,
): Result<void> {
  const named = findProgram(argv0, path ?? DEFAULT_PATH);
  if (named === undefined) return refuse(`there is no program ${argv0}`, 'executables');
  const real = realpathSync(named);
  // The link itself counts as well: whoever may replace it chooses the program.
  for (const file of new Set([named, real])) {
    const writable = writableByOthers(file, uid);
    if (writable !== undefined)
      return refuse(`${writable} can be written by others`, 'executables');
  }
  if (!isBelow(real, policy.directories) && !isBelow(named, policy.directories))
    return refuse(`${real} is in none of the allowed directories`, 'directories');
  return vetListed(policy, named, real, digests);
}

function vetListed(
  policy: Policy,
  named: string,
  real: string,
  digests: DigestCache,
): Result<void> {
  for (const allowed of policy.executables) {
    if (allowed === '*' || allowed === named || allowed === real) return ok(undefined);
    if (typeof allowed === 'string') continue;
    if (allowed.path !== named && allowed.path !== real) continue;
    return digestOf(real, digests) === allowed.sha256
      ? ok(undefined)
      : refuse(`${real} is not the program whose digest the policy names`, 'executables');
  }
  return refuse(`${named} is not among the allowed programs`, 'executables');
}

function findProgram(argv0: string, path: string): string | undefined {
  const candidates = isAbsolute(argv0)
    ? [argv0]
    : argv0.includes('/')
      ? []
      : path.split(':').flatMap((dir) => (isAbsolute(dir) ? [join(dir, argv0)] : []));
  return candidates.find((candidate) => {
    try {
      accessSync(candidate, constants.X_OK);
      return statSync(candidate).isFile();
    } catch {
      return false;
    }
  });
}

/** The first of the file and its directories that somebody but root and `uid` may change. */
function writableByOthers(file: string, uid: number): string | undefined {
  if (process.platform === 'win32') return undefined;
  for (let path = file; ; path = dirname(path)) {
    if (!isSafe(statSync(path), path !== file, uid)) return path;
    if (path === dirname(path)) return undefined;
  }
}

function isSafe(stats: Stats, isParent: boolean, uid: number): boolean {
  if (stats.uid !== 0 && stats.uid !== uid) return false;
  // In a sticky directory (/tmp) others may add names but not replace ours.
  if (isParent && (stats.mode & 0o1000) !== 0) return true;
  return (stats.mode & 0o022) === 0 || (stats.gid === 0 && (stats.mode & 0o002) === 0);
}

function digestOf(path: string, digests: DigestCache): string {
  const { ino, size, mtimeMs, ctimeMs } = statSync(path);
  const state = `${ino} ${size} ${mtimeMs} ${ctimeMs}`;
  const known = digests.get(path);
  if (known?.state === state) return known.digest;
  const digest = createHash('sha256').update(readFileSync(path)).digest('hex');
  digests.set(path, { state, digest });
  return digest;
}

const refuse = (message: string, at: string) =>
  err('POLICY_EXE', message, { at, hint: 'see `muster-agent explain`' });
