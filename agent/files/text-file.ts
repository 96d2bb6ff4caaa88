// A small text file that is replaced as a whole: a crash leaves the old bytes or the new ones, never half of either.
import { readFileSync } from 'node:fs';
import { replaceFile } from '#shared/node/atomic-file.ts';

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
