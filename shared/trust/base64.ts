// Base64 in exactly one spelling: the right alphabet, the right padding, no stray bits (TR4).
// By hand because the platform's decoders are lenient, and this room knows no Buffer.

const STANDARD = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const URL_SAFE = `${STANDARD.slice(0, 62)}-_`;

const tableOf = (alphabet: string): Int8Array => {
  const table = new Int8Array(128).fill(-1);
  for (let i = 0; i < 64; i++) table[alphabet.charCodeAt(i)] = i;
  return table;
};
const STANDARD_TABLE = tableOf(STANDARD);
const URL_TABLE = tableOf(URL_SAFE);

function encode(bytes: Uint8Array, alphabet: string): string {
  const parts: string[] = [];
  const whole = bytes.length - (bytes.length % 3);
  for (let i = 0; i < whole; i += 3) {
    const n =
      ((bytes[i] as number) << 16) | ((bytes[i + 1] as number) << 8) | (bytes[i + 2] as number);
    parts.push(
      (alphabet[n >> 18] as string) +
        alphabet[(n >> 12) & 63] +
        alphabet[(n >> 6) & 63] +
        alphabet[n & 63],
    );
  }
  if (bytes.length - whole === 1) {
    const n = bytes[whole] as number;
    parts.push((alphabet[n >> 2] as string) + alphabet[(n & 3) << 4]);
  } else if (bytes.length - whole === 2) {
    const n = ((bytes[whole] as number) << 8) | (bytes[whole + 1] as number);
    parts.push((alphabet[n >> 10] as string) + alphabet[(n >> 4) & 63] + alphabet[(n & 15) << 2]);
  }
  return parts.join('');
}

/** Decodes text without padding; undefined for any foreign character, impossible length or stray bits. */
function decode(text: string, length: number, table: Int8Array): Uint8Array | undefined {
  const rest = length % 4;
  if (rest === 1) return undefined;
  const bytes = new Uint8Array((length >> 2) * 3 + (rest === 0 ? 0 : rest - 1));
  let at = 0;
  let bits = 0;
  let held = 0;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    const value = code < 128 ? (table[code] as number) : -1;
    if (value < 0) return undefined;
    held = ((held << 6) | value) & 0xfffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = held >> bits;
    }
  }
  // Bits left over must be zero, or two texts would mean the same bytes.
  return (held & ((1 << bits) - 1)) === 0 ? bytes : undefined;
}

/** Standard alphabet with padding (RFC 4648 §4). */
export function encodeBase64(bytes: Uint8Array): string {
  return encode(bytes, STANDARD) + '=='.slice(0, (3 - (bytes.length % 3)) % 3);
}

/** Undefined unless encodeBase64 of the result would give the very same text. */
export function decodeBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0) return undefined;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  return decode(text, text.length - padding, STANDARD_TABLE);
}

/** URL-safe alphabet without padding (RFC 4648 §5). */
export const encodeBase64Url = (bytes: Uint8Array): string => encode(bytes, URL_SAFE);
export const decodeBase64Url = (text: string): Uint8Array | undefined =>
  decode(text, text.length, URL_TABLE);
