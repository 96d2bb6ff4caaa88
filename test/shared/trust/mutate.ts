// Small changes to bytes, as a hostile broker could make; the same ones in every run.

/** Numbers from a fixed seed: xorshift32. */
export function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** One change: a bit, a byte, a hole, a cut, or a piece copied over another place. */
export function mutate(bytes: Uint8Array, random: (below: number) => number): Uint8Array {
  const at = random(bytes.length);
  const copy = Uint8Array.from(bytes);
  const kind = random(5);
  if (kind === 0) copy[at] = (copy[at] as number) ^ (1 << random(8));
  else if (kind === 1) copy[at] = random(256);
  else if (kind === 2) return copy.filter((_, i) => i !== at);
  else if (kind === 3) return copy.subarray(0, at);
  else copy.copyWithin(at, random(bytes.length), random(bytes.length));
  return copy;
}
