// Files named on the command line, as text for the planner. `-` is standard input.
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { err, ok, type Result } from '#shared/result.ts';

const MAX_FILE_BYTES = 4_000_000;

export interface NamedText {
  readonly name: string;
  readonly text: string;
}

/** Faults: FILE_NOT_FOUND, FILE_READ, TOO_LARGE; the first one ends it. */
export async function readFiles(names: readonly string[]): Promise<Result<readonly NamedText[]>> {
  const files: NamedText[] = [];
  for (const name of names) {
    try {
      const content = name === '-' ? await text(process.stdin) : await readFile(name, 'utf8');
      if (content.length > MAX_FILE_BYTES) {
        return err('TOO_LARGE', `${name} is longer than ${MAX_FILE_BYTES} characters`);
      }
      files.push({ name: name === '-' ? 'stdin' : name, text: content });
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return err('FILE_NOT_FOUND', `there is no file ${name}`);
      return err('FILE_READ', `cannot read ${name}: ${message}`);
    }
  }
  return ok(files);
}
