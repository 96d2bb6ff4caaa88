// Work that must be whole or absent is made in a directory beside its target and renamed at the end.
import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { rename, rm, rmdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { err, ok, type Result } from '#shared/result.ts';

/** Runs `build` in a new 0700 directory beside `target`; removes it again unless it was moved away, also on Ctrl-C. */
export async function inStaging<T>(
  target: string,
  build: (directory: string) => Promise<Result<T>>,
): Promise<Result<T>> {
  const directory = `${resolve(target)}.${randomBytes(4).toString('hex')}.new`;
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

/** Puts a staged directory in its place; only an empty directory may be there. Fault: HOME_EXISTS. */
export async function moveIntoPlace(directory: string, target: string): Promise<Result<void>> {
  try {
    await rmdir(target);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT') return homeExists(target);
  }
  await rename(directory, target);
  return ok(undefined);
}

export const homeExists = (home: string): Result<never> =>
  err('HOME_EXISTS', `${home} is not empty`, {
    hint: 'give another place with --home, or move what is there away; nothing is ever overwritten',
  });
