// Sets of 0 to 59 as two small integers: a parsed expression costs bytes, not arrays.

/** Values 0 to 29 are bits of `low`, 30 to 59 bits of `high`. */
export interface Bits60 {
  readonly low: number;
  readonly high: number;
}

const HALF = 30;

/** The set of indexes whose flag is truthy. */
export function bitsOf(flags: readonly number[]): Bits60 {
  let low = 0;
  let high = 0;
  flags.forEach((flag, index) => {
    if (!flag) return;
    if (index < HALF) low |= 1 << index;
    else high |= 1 << (index - HALF);
  });
  return { low, high };
}

/** The lowest set bit of a non-zero word. */
export const lowestBit = (word: number): number => 31 - Math.clz32(word & -word);
/** The highest set bit of a non-zero word. */
export const highestBit = (word: number): number => 31 - Math.clz32(word);

export function popcount(word: number): number {
  let rest = word - ((word >>> 1) & 0x55555555);
  rest = (rest & 0x33333333) + ((rest >>> 2) & 0x33333333);
  return (((rest + (rest >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}

/** The smallest member ≥ from (0 to 60), or -1. */
export function nextMember({ low, high }: Bits60, from: number): number {
  if (from < HALF) {
    const inLow = low & (-1 << from);
    if (inLow) return lowestBit(inLow);
    return high ? HALF + lowestBit(high) : -1;
  }
  const inHigh = high & (-1 << (from - HALF));
  return inHigh ? HALF + lowestBit(inHigh) : -1;
}

/** The greatest member ≤ from (-1 to 59), or -1. */
export function previousMember({ low, high }: Bits60, from: number): number {
  if (from >= HALF) {
    const inHigh = high & ((2 << (from - HALF)) - 1);
    if (inHigh) return HALF + highestBit(inHigh);
    return low ? highestBit(low) : -1;
  }
  const inLow = from < 0 ? 0 : low & ((2 << from) - 1);
  return inLow ? highestBit(inLow) : -1;
}

/** How many members are < limit (0 to 60). */
export function membersBelow({ low, high }: Bits60, limit: number): number {
  if (limit <= HALF) return popcount(low & ((1 << limit) - 1));
  return popcount(low) + popcount(high & ((1 << (limit - HALF)) - 1));
}

export const hasMember = (bits: Bits60, value: number): boolean =>
  ((value < HALF ? bits.low >>> value : bits.high >>> (value - HALF)) & 1) === 1;

export const memberCount = ({ low, high }: Bits60): number => popcount(low) + popcount(high);
