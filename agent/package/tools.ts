// Running the build's helpers (npm, tar, xz, zip, dpkg-deb): their words are shown when they fail.
import { spawnSync } from 'node:child_process';

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Returns stdout; throws with the program's own words. A build has no operator to hand a fault to. */
export function run(program: string, args: readonly string[], options: RunOptions = {}): string {
  const ran = spawnSync(program, args, {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    ...options,
    env: { ...process.env, ...options.env },
  });
  if (ran.status === 0) return ran.stdout;
  const why = ran.error?.message ?? (ran.stderr.trim() || `exit code ${ran.status}`);
  throw new Error(`${program} ${args.slice(0, 3).join(' ')}: ${why}`);
}
