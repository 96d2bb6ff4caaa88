// Which 32 bytes are an Ed25519 public key one may trust (RFC 8032 §5.1.3). Node 22 and 24, and OpenSSL 3.0, take points of
// small order, under which one signature fits many messages; so a key is looked at before it is trusted.
import type { RefusalCode } from './codes.ts';

const P = 2n ** 255n - 19n;
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n;
const SQRT_MINUS_ONE =
  19681161376707505956807079304988542015446066515923890162744021073123829784752n;

type Point = readonly [x: bigint, y: bigint];

const mod = (a: bigint): bigint => ((a % P) + P) % P;

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let factor = mod(base);
  for (let e = exponent; e > 0n; e >>= 1n) {
    if (e & 1n) result = (result * factor) % P;
    factor = (factor * factor) % P;
  }
  return result;
}

const inverse = (a: bigint): bigint => power(a, P - 2n);

/**
 * KEY_NONCANONICAL: y is not below p, or x = 0 with a sign. KEY_WEAK: one of the eight points of small order, in whatever
 * spelling. KEY_POP: no point of the curve at all, so nobody can have proved possession. Undefined: a key to trust.
 */
export function publicKeyFault(
  raw: Uint8Array,
): Extract<RefusalCode, 'KEY_WEAK' | 'KEY_NONCANONICAL' | 'KEY_POP'> | undefined {
  if (raw.length !== 32) return 'KEY_POP';
  const bits = littleEndian(raw);
  const carried = bits & (2n ** 255n - 1n);
  const y = carried % P;
  const x = recoverX(y);
  if (x === undefined) return 'KEY_POP';
  if (isSmallOrder([x, y])) return 'KEY_WEAK';
  // x = 0 only in points of small order, so its sign needs no look here.
  return carried >= P ? 'KEY_NONCANONICAL' : undefined;
}

function littleEndian(raw: Uint8Array): bigint {
  let value = 0n;
  for (let i = raw.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(raw[i] as number);
  return value;
}

/** One of the two x with -x² + y² = 1 + d·x²·y²; which one does not matter for the order of the point. */
function recoverX(y: bigint): bigint | undefined {
  const u = mod(y * y - 1n);
  const v = mod(D * y * y + 1n);
  // x = u·v³·(u·v⁷)^((p-5)/8), the square root of u/v when there is one.
  const x = mod(u * power(v, 3n) * power(u * power(v, 7n), (P - 5n) / 8n));
  const square = mod(v * x * x);
  if (square === u) return x;
  if (square === mod(-u)) return mod(x * SQRT_MINUS_ONE);
  return undefined;
}

function add([x1, y1]: Point, [x2, y2]: Point): Point {
  const k = mod(D * x1 * x2 * y1 * y2);
  return [mod((x1 * y2 + y1 * x2) * inverse(1n + k)), mod((y1 * y2 + x1 * x2) * inverse(1n - k))];
}

/** Eight times the point is the identity: three doublings. */
function isSmallOrder(point: Point): boolean {
  const two = add(point, point);
  const four = add(two, two);
  const [x, y] = add(four, four);
  return x === 0n && y === 1n;
}
