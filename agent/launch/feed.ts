// Follows an append-only file: hands on complete lines soon after they are written, by watching and, should that fail, by looking.
import { closeSync, fstatSync, ftruncateSync, openSync, readSync, watch } from 'node:fs';

export interface Feed {
  /** Reads what is new now. */
  readonly poll: () => void;
  /** Empties the file once it is bigger than `bytes`; a line lost to that is found again in its record. */
  readonly trim: (bytes: number) => void;
  readonly close: () => void;
}

/** Starts at the file's present end. `pollMs` is how often it looks without being told. */
export function followFile(
  path: string,
  onLines: (lines: readonly string[]) => void,
  pollMs: number,
): Feed {
  const fd = openSync(path, 'a+', 0o600);
  let offset = fstatSync(fd).size;
  let rest = '';
  const chunk = Buffer.alloc(65_536);
  const poll = (): void => {
    for (;;) {
      const count = readSync(fd, chunk, 0, chunk.length, offset);
      if (count === 0) return;
      offset += count;
      const lines = (rest + chunk.toString('latin1', 0, count)).split('\n');
      rest = lines.pop() ?? '';
      if (lines.length > 0) onLines(lines);
    }
  };
  const watcher = watch(path, poll);
  watcher.on('error', () => watcher.close());
  const timer = setInterval(poll, pollMs);
  return {
    poll,
    trim: (bytes) => {
      poll();
      if (offset <= bytes || rest !== '') return;
      ftruncateSync(fd, 0);
      offset = 0;
    },
    close: () => {
      watcher.close();
      clearInterval(timer);
      closeSync(fd);
    },
  };
}
