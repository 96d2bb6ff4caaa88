// Where a passphrase comes from: a file, the terminal, never the command line or the environment itself.
import { readFile } from 'node:fs/promises';
import { err, ok, type Result } from '#shared/result.ts';
import { askHidden, canAsk } from './prompt.ts';

export const PASSPHRASE_OPTION = '--passphrase-file <file>';
export const PASSPHRASE_HELP =
  'read the passphrase from a file (else MUSTER_PASSPHRASE_FILE, else ask)';
const MAX_BYTES = 4_096;

/** Faults: PASSPHRASE_SOURCE (nobody to ask), PASSPHRASE_FILE, PASSPHRASE_EMPTY, PASSPHRASE_MISMATCH. */
export async function readPassphrase(
  file: string | undefined,
  question: string,
  twice = false,
): Promise<Result<string>> {
  const source = file ?? process.env.MUSTER_PASSPHRASE_FILE;
  if (source !== undefined && source !== '') return fromFile(source);
  if (!canAsk()) {
    return err('PASSPHRASE_SOURCE', 'a passphrase is needed and there is no terminal to ask on', {
      hint: 'give --passphrase-file FILE or set MUSTER_PASSPHRASE_FILE',
    });
  }
  const first = await askHidden(`${question}: `);
  if (first === undefined) return err('CANCELLED', 'no passphrase given; nothing was done');
  if (first === '') return empty();
  if (twice && (await askHidden('Again: ')) !== first) {
    return err('PASSPHRASE_MISMATCH', 'the two passphrases differ; nothing was done');
  }
  return ok(first);
}

async function fromFile(file: string): Promise<Result<string>> {
  try {
    const bytes = await readFile(file);
    if (bytes.length > MAX_BYTES) {
      return err('PASSPHRASE_FILE', `${file} is larger than ${MAX_BYTES} bytes`);
    }
    // Editors and echo end a file with a line break that nobody meant as part of the passphrase.
    const text = bytes.toString('utf8').replace(/\r?\n$/, '');
    return text === '' ? empty() : ok(text);
  } catch (error) {
    return err('PASSPHRASE_FILE', `cannot read the passphrase file: ${(error as Error).message}`);
  }
}

const empty = (): Result<never> => err('PASSPHRASE_EMPTY', 'an empty passphrase protects nothing');
