// Ed25519 by node:crypto with raw 32-byte keys. node's verify takes any kind of key, so what kind it is is checked here.
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { err, ok, type Result } from '#shared/result.ts';
import { keyIdOf, type Signer, type TrustCrypto } from '#shared/trust/crypto.ts';
import { publicKeyFault } from '#shared/trust/curve.ts';
import { sha256 } from './sha256.ts';

// DER around the 32 raw bytes (RFC 8410): SubjectPublicKeyInfo and PKCS#8.
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const MAX_CACHED_KEYS = 4_096;

export const keyId = (publicRaw: Uint8Array): string => keyIdOf(publicRaw, sha256);

/** A new key pair; `seed` is the 32-byte private key. */
export function generateKey(): { readonly publicRaw: Uint8Array; readonly seed: Uint8Array } {
  const seed = generateKeyPairSync('ed25519')
    .privateKey.export({ format: 'der', type: 'pkcs8' })
    .subarray(PKCS8_PREFIX.length);
  return { publicRaw: publicOf(seed), seed: new Uint8Array(seed) };
}

const privateKeyOf = (seed: Uint8Array): KeyObject =>
  createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' });

const publicOf = (seed: Uint8Array): Uint8Array =>
  new Uint8Array(
    createPublicKey(privateKeyOf(seed))
      .export({ format: 'der', type: 'spki' })
      .subarray(SPKI_PREFIX.length),
  );

/** Throws when the seed is not 32 bytes. */
export function signerOf(seed: Uint8Array): Signer {
  const privateKey = privateKeyOf(seed);
  const publicRaw = publicOf(seed);
  return {
    keyId: keyId(publicRaw),
    publicRaw,
    sign: (message) => new Uint8Array(sign(null, message, privateKey)),
  };
}

/** Faults: KEY_WEAK, KEY_NONCANONICAL, KEY_POP (see curve.ts). */
export function importPublicKey(publicRaw: Uint8Array): Result<KeyObject> {
  const fault = publicKeyFault(publicRaw);
  if (fault) return err(fault, 'these 32 bytes are no Ed25519 key to trust');
  const key = Buffer.concat([SPKI_PREFIX, publicRaw]);
  return ok(createPublicKey({ key, format: 'der', type: 'spki' }));
}

/** Verifies with a key object of any origin. Fault: KEY_TYPE unless it is a public Ed25519 key. */
export function verifyWith(
  key: KeyObject,
  message: Uint8Array,
  signature: Uint8Array,
): Result<boolean> {
  if (key.type !== 'public' || key.asymmetricKeyType !== 'ed25519') {
    const what = `${key.type} ${key.asymmetricKeyType ?? 'key'}`;
    return err('KEY_TYPE', `a public Ed25519 key is needed, not a ${what}`);
  }
  return ok(signature.length === 64 && verify(null, message, key, signature));
}

// Importing costs more than verifying. Oldest out first; the map is bounded, because key bytes come from outside.
const keysByBytes = new Map<string, KeyObject | null>();

function cachedKey(publicRaw: Uint8Array): KeyObject | null {
  const name = Buffer.from(publicRaw).toString('latin1');
  const cached = keysByBytes.get(name);
  if (cached !== undefined) return cached;
  const imported = importPublicKey(publicRaw);
  const key = imported.ok ? imported.value : null;
  if (keysByBytes.size >= MAX_CACHED_KEYS) {
    const oldest = keysByBytes.keys().next();
    if (!oldest.done) keysByBytes.delete(oldest.value);
  }
  keysByBytes.set(name, key);
  return key;
}

/** The port of shared/trust on Node. */
export const nodeCrypto: TrustCrypto = {
  sha256,
  verify: (publicRaw, message, signature) => {
    const key = cachedKey(publicRaw);
    if (!key) return false;
    const result = verifyWith(key, message, signature);
    return result.ok && result.value;
  },
};
