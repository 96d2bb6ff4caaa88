// Work that must be whole or absent is made in a directory of its own and moved into place at the end.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { chmod, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { err, ok, type Result } from '#shared/result.ts';

/** Its presence makes a directory a home: it comes last. */
const LAST = 'fleet.json';

/**
 * Runs `build` in a new 0700 directory: beside `target`, or inside it where it is a directory already (it may be a
 * mount point, which nothing can be renamed over). Removed at the end and on Ctrl-C.
 */
export async function inStaging<T>(
  target: string,
  build: (directory: string) => Promise<Result<T>>,
): Promise<Result<T>> {
  const name = `${randomBytes(4).toString('hex')}.new`;
  const whole = resolve(target);
  const directory = existsSync(whole) ? join(whole, `.${name}`) : `${whole}.${name}`;
  mkdirSync(dirname(directory), { recursive: true });
  mkdirSync(directory, { mode: 0o700 });
  const interrupted = (signal: NodeJS.Signals): void => {
    rmSync(directory, { recursive: true, force: true });
    process.exit(signal === 'SIGINT' ? 130 : 143);
  };
  process.on('SIGINT', interrupted).on('SIGTERM', interrupted);
  try {
    return await build(directory);
  } finally {
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
    await rm(directory, { recursive: true, force: true });
  }
}

/** Puts a home built in staging in its place, where at most an empty directory may be. Fault: HOME_EXISTS. */
export async function moveIntoPlace(built: string, home: string): Promise<Result<void>> {
  if (!existsSync(home)) {
    await rename(built, home);
    return ok(undefined);
  }
  const whole = resolve(home);
  const others = (await readdir(whole)).filter(
    (name) => !`${resolve(built)}${sep}`.startsWith(join(whole, name) + sep),
  );
  if (others.length > 0) return homeExists(home);
  await chmod(whole, 0o700);
  const names = (await readdir(built)).filter((name) => name !== LAST);
  for (const name of [...names, LAST]) await rename(join(built, name), join(whole, name));
  return ok(undefined);
}

export const homeExists = (home: string): Result<never> =>
  err('HOME_EXISTS', `${home} is not empty`, {
    hint: 'give another place with --home, or move what is there away; nothing is ever overwritten',
  });
