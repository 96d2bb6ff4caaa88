// Runs `muster` as a real process, and makes homes for tests.
import { execFile } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const LAUNCHER = fileURLToPath(new URL('../../bin/muster.js', import.meta.url));
export const PASSPHRASE = 'correct horse battery staple';

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one command line to its end, with nothing on standard input unless `input` is given. */
export function muster(args: readonly string[], input = ''): Promise<Ran> {
  const { MUSTER_HOME: _home, MUSTER_PASSPHRASE_FILE: _file, ...env } = process.env;
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [LAUNCHER, ...args],
      { env },
      (error, stdout, stderr) =>
        resolve({ code: error ? Number(error.code ?? -1) : 0, stdout, stderr }),
    );
    child.stdin?.end(input);
  });
}

/** A directory of the test's own, with a file that holds the passphrase. */
export function workDirectory(): { readonly root: string; readonly passphraseFile: string } {
  const root = mkdtempSync(join(tmpdir(), 'muster-cli-'));
  const passphraseFile = join(root, 'passphrase');
  writeFileSync(passphraseFile, `${PASSPHRASE}\n`, { mode: 0o600 });
  return { root, passphraseFile };
}
