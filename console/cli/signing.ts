// Which person's key signs on the command line, and its unlocking.
import type { Command } from 'commander';
import { z } from 'zod';
import { findPersonKey } from '#console/signing/person-keys.ts';
import { openKeyFile } from '#shared/node/key-file.ts';
import { ok, type Result } from '#shared/result.ts';
import type { Signer } from '#shared/trust/crypto.ts';
import { PASSPHRASE_HELP, PASSPHRASE_OPTION, readPassphrase } from './passphrase.ts';
import { canAsk } from './prompt.ts';

const TRIES = 3;

export const signerOptions = {
  person: z.string().optional(),
  key: z.string().optional(),
  passphraseFile: z.string().optional(),
};

export interface SignerOptions {
  readonly person?: string | undefined;
  readonly key?: string | undefined;
  readonly passphraseFile?: string | undefined;
}

export const withSignerOptions = (command: Command): Command =>
  command
    .option('--person <name>', 'whose key signs, when the home has several')
    .option('--key <file>', 'a key file somewhere else')
    .option(PASSPHRASE_OPTION, PASSPHRASE_HELP);

/** Opens a person's key. Faults: KEY_NOT_FOUND, KEY_FILE_*, KEY_PASSPHRASE, PASSPHRASE_*. Takes a third of a second. */
export async function unlockSigner(home: string, options: SignerOptions): Promise<Result<Signer>> {
  const path = options.key === undefined ? findPersonKey(home, options.person) : ok(options.key);
  if (!path.ok) return path;
  for (let attempt = 1; ; attempt++) {
    const passphrase = await readPassphrase(options.passphraseFile, `Passphrase of ${path.value}`);
    if (!passphrase.ok) return passphrase;
    const signer = openKeyFile(path.value, passphrase.value);
    const asked = options.passphraseFile === undefined && !process.env.MUSTER_PASSPHRASE_FILE;
    const again = !signer.ok && signer.fault.code === 'KEY_PASSPHRASE' && asked && canAsk();
    if (!again || attempt === TRIES) return signer;
    process.stderr.write('That passphrase does not open the key.\n');
  }
}
