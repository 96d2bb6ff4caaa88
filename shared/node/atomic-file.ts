// Writing small files so that they are there whole, for their owner alone, or not at all.
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
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

/** Replaces a file as a whole and durably: a crash leaves the old text or the new one, never half of either. */
export function replaceFile(path: string, text: string, mode = 0o600): void {
  const temporary = `${path}.new`;
  const file = openSync(temporary, 'w', mode);
  try {
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
  syncDirectory(dirname(path));
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
