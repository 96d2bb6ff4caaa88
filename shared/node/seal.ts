// Sealing bytes to one device: compact JWE, ECDH-ES+A256KW with A256GCM over X25519, by jose.
// What the bytes are for is bound in the protected header: opened for anything else, they stay shut.
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import { CompactEncrypt, compactDecrypt } from 'jose';
import { err, ok, type Result } from '#shared/result.ts';

const SPKI_PREFIX = Buffer.from('302a300506032b656e032100', 'hex');
const PKCS8_PREFIX = Buffer.from('302e020100300506032b656e04220420', 'hex');
const ALGORITHM = 'ECDH-ES+A256KW';
const ENCRYPTION = 'A256GCM';
const MAX_SEALED_CHARS = 100_000;

export interface SealKey {
  readonly publicRaw: Uint8Array;
  readonly privateKey: KeyObject;
}

/** A new X25519 pair; `seed` is the 32-byte private key. */
export function generateSealKey(): { readonly publicRaw: Uint8Array; readonly seed: Uint8Array } {
  const seed = generateKeyPairSync('x25519')
    .privateKey.export({ format: 'der', type: 'pkcs8' })
    .subarray(PKCS8_PREFIX.length);
  return { publicRaw: sealKeyOf(seed).publicRaw, seed: new Uint8Array(seed) };
}

/** Throws when the seed is not 32 bytes. */
export function sealKeyOf(seed: Uint8Array): SealKey {
  const der = Buffer.concat([PKCS8_PREFIX, seed]);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return { publicRaw: new Uint8Array(spki.subarray(SPKI_PREFIX.length)), privateKey };
}

/** `context` says what the bytes are and for whom, such as `fleet|agent|kid|name|version`. Throws for no X25519 key. */
export async function sealTo(
  publicRaw: Uint8Array,
  context: string,
  bytes: Uint8Array,
): Promise<string> {
  const key = createPublicKey({
    key: Buffer.concat([SPKI_PREFIX, publicRaw]),
    format: 'der',
    type: 'spki',
  });
  return new CompactEncrypt(bytes)
    .setProtectedHeader({ alg: ALGORITHM, enc: ENCRYPTION, ctx: context })
    .encrypt(key);
}

/** Fault: SECRET_OPEN for another key, another context or changed text; which of them is not told. */
export async function openSealed(
  privateKey: KeyObject,
  context: string,
  jwe: string,
): Promise<Result<Uint8Array>> {
  const refused = err('SECRET_OPEN', 'the sealed text does not open with this key for this use');
  if (jwe.length > MAX_SEALED_CHARS) return refused;
  try {
    const { plaintext, protectedHeader } = await compactDecrypt(jwe, privateKey, {
      keyManagementAlgorithms: [ALGORITHM],
      contentEncryptionAlgorithms: [ENCRYPTION],
    });
    return protectedHeader.ctx === context ? ok(plaintext) : refused;
  } catch {
    return refused;
  }
}
