// A machine's own stable place inside a window, so that a fleet does not start in the same second (T22).

/** SHA-256 of UTF-8 text; handed in, because this room is pure. */
export type HashText = (text: string) => Uint8Array;

/**
 * floor(h / 2^64 × min(splayMs, gapToNextMs)) milliseconds, h = first 8 bytes of SHA-256(agentId ‖ scheduleKey).
 * `gapToNextMs` is Infinity when no occurrence follows. Exact: no rounding of the 64-bit hash.
 */
export function splayOffset(
  agentId: string,
  scheduleKey: string,
  splayMs: number,
  gapToNextMs: number,
  sha256: HashText,
): number {
  const windowMs = Math.floor(Math.max(0, Math.min(splayMs, gapToNextMs)));
  if (windowMs === 0) return 0;
  const digest = sha256(agentId + scheduleKey);
  const h = new DataView(digest.buffer, digest.byteOffset, digest.byteLength).getBigUint64(0);
  return Number((h * BigInt(windowMs)) >> 64n);
}
