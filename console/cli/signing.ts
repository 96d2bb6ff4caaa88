// Signing on this machine with a person's key: what is signed is exactly the bytes whose description was shown.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import type { PreparedDocument } from '#console/views.ts';
import { openKeyFile } from '#shared/node/key-file.ts';
import { sha256 } from '#shared/node/sha256.ts';
import { MAX_MESSAGE_BYTES } from '#shared/protocol/broker.ts';
import { err, ok, type Result } from '#shared/result.ts';
import { type Signer, utf8 } from '#shared/trust/crypto.ts';
import { payloadType } from '#shared/trust/documents.ts';
import { documentId, sealEnvelope } from '#shared/trust/envelope.ts';
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
  const path = options.key === undefined ? findKey(home, options.person) : ok(options.key);
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

function findKey(home: string, person: string | undefined): Result<string> {
  const keys = join(home, 'keys');
  const names = readdirSync(keys)
    .map((file) => /^person-(.+)\.key$/.exec(file)?.[1])
    .filter((name) => name !== undefined);
  const wanted = person ?? (names.length === 1 ? names[0] : undefined);
  if (wanted !== undefined && names.includes(wanted)) return ok(join(keys, `person-${wanted}.key`));
  const message = wanted === undefined ? 'more than one key could sign' : `no key of ${wanted}`;
  return err(
    'KEY_NOT_FOUND',
    names.length === 0 ? `there is no person's key in ${keys}` : message,
    {
      hint: names.length === 0 ? 'name one with --key FILE' : `--person ${names.join(' | ')}`,
    },
  );
}

/** Signs each document as an envelope. Faults: DIGEST when the id is not that of the bytes, SIZE when no broker takes it. */
export function signDocuments(
  documents: readonly PreparedDocument[],
  signer: Signer,
): Result<readonly string[]> {
  const envelopes: string[] = [];
  for (const { kind, payload, docId } of documents) {
    const bytes = utf8(payload);
    if (documentId(payloadType(kind), bytes, sha256) !== docId) {
      return err('DIGEST', 'the document is not the one that was described; nothing was signed', {
        ids: { docId },
      });
    }
    const envelope = sealEnvelope(kind, bytes, [signer]);
    if (envelope.length > MAX_MESSAGE_BYTES) {
      return err('SIZE', `a document of ${envelope.length} bytes is more than a broker takes`, {
        hint: 'split the stream into several',
        ids: { docId },
      });
    }
    envelopes.push(new TextDecoder().decode(envelope));
  }
  return ok(envelopes);
}
