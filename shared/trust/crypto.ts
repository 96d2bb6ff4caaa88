// The port to cryptography. Rules in this room are pure: whoever calls them hands in these two functions.

export interface TrustCrypto {
  /** Ed25519 over the raw 32-byte key and 64-byte signature. Never throws; a weak or foreign key is `false`. */
  readonly verify: (publicRaw: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;
  readonly sha256: (data: Uint8Array) => Uint8Array;
}

/** A private key that can only sign. */
export interface Signer {
  readonly keyId: string;
  readonly publicRaw: Uint8Array;
  readonly sign: (message: Uint8Array) => Uint8Array;
}

export type Sha256 = TrustCrypto['sha256'];

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

export const toHex = (bytes: Uint8Array): string => {
  let text = '';
  for (const byte of bytes) text += HEX[byte];
  return text;
};

/** Hex of even length → bytes. The caller has checked the alphabet. */
export const fromHex = (text: string): Uint8Array =>
  Uint8Array.from({ length: text.length / 2 }, (_, i) =>
    Number.parseInt(text.slice(i * 2, i * 2 + 2), 16),
  );

// Every platform has it, but pure rooms are compiled without the types of any.
declare const TextEncoder: new () => { readonly encode: (text: string) => Uint8Array };
const encoder = new TextEncoder();
export const utf8 = (text: string): Uint8Array => encoder.encode(text);

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** The first 32 hex digits of SHA-256 of the raw public key. */
export const keyIdOf = (publicRaw: Uint8Array, sha256: Sha256): string =>
  toHex(sha256(publicRaw)).slice(0, 32);

const BLOCK_BYTES = 64;

/** HMAC-SHA-256 (RFC 2104). */
export function hmacSha256(key: Uint8Array, message: Uint8Array, sha256: Sha256): Uint8Array {
  const block = new Uint8Array(BLOCK_BYTES);
  block.set(key.length > BLOCK_BYTES ? sha256(key) : key);
  const inner = sha256(
    concatBytes(
      block.map((byte) => byte ^ 0x36),
      message,
    ),
  );
  return sha256(
    concatBytes(
      block.map((byte) => byte ^ 0x5c),
      inner,
    ),
  );
}

/** Compares without telling by time where the difference is. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number);
  return difference === 0;
}
