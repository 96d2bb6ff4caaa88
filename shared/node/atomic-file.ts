// Writing a secret to disk so that it is there whole, for its owner alone, or not at all.
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { err, ok, type Result } from '#shared/result.ts';

/** Writes a new 0600 file and makes it durable. Fault: FILE_EXISTS, the file there is left as it is. */
export function writeNewFile(path: string, bytes: Uint8Array): Result<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.new`;
  const file = openSync(temporary, 'wx', 0o600);
  try {
    writeFileSync(file, bytes);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  try {
    // A link, not a rename: a rename would replace a key that somebody still needs.
    linkSync(temporary, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return err('FILE_EXISTS', `${path} exists and is not replaced`, {
      at: path,
      hint: 'move it away first, if it is really no longer needed',
    });
  } finally {
    rmSync(temporary, { force: true });
  }
  syncDirectory(dirname(path));
  return ok(undefined);
}

/** Windows has no such call, and needs none: NTFS journals the name. */
function syncDirectory(path: string): void {
  if (process.platform === 'win32') return;
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
