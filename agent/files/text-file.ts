// A small text file that is replaced as a whole: a crash leaves the old bytes or the new ones, never half of either.
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

export interface TextFile {
  /** Undefined when there is no such file. */
  readonly read: () => string | undefined;
  /** Durable when it returns. */
  readonly write: (text: string) => void;
}

export function textFile(path: string, mode = 0o600): TextFile {
  return {
    read: () => {
      try {
        return readFileSync(path, 'utf8');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
    },
    write: (text) => replaceFile(path, text, mode),
  };
}

/** Temporary file beside it, fsync, rename, fsync of the directory. */
function replaceFile(path: string, text: string, mode: number): void {
  const temporary = `${path}.new`;
  const file = openSync(temporary, 'w', mode);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
  // Windows cannot open a directory for fsync; its journal keeps the rename.
  if (process.platform === 'win32') return;
  const directory = openSync(dirname(path), 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
