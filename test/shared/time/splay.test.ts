// Splay: T22 of shared/time/SPEC.md.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sha256 } from '#shared/node/sha256.ts';
import { splayOffset } from '#shared/time/splay.ts';

describe('splay (T22)', () => {
  it('is floor(h / 2^64 × window) for a hash given by hand', () => {
    const hash =
      (...bytes: number[]) =>
      () =>
        Uint8Array.from([...bytes, ...Array(24).fill(255)]);
    const offset = (bytes: number[], splayMs: number, gapMs = Number.POSITIVE_INFINITY) =>
      splayOffset('a', 's/x', splayMs, gapMs, hash(...bytes));
    expect(offset([0, 0, 0, 0, 0, 0, 0, 0], 60_000)).toBe(0);
    expect(offset([0x80, 0, 0, 0, 0, 0, 0, 0], 60_000)).toBe(30_000);
    expect(offset([0x7f, 255, 255, 255, 255, 255, 255, 255], 60_000)).toBe(29_999);
    expect(offset(Array(8).fill(255), 60_000)).toBe(59_999);
    expect(offset(Array(8).fill(255), 60_000, 1_000)).toBe(999);
    expect(offset(Array(8).fill(255), 0)).toBe(0);
  });

  it('hashes the agent id followed by the schedule key', () => {
    // First 8 bytes of SHA-256("shop-17main/backup"), by an outside tool.
    const h = BigInt('0x4a32de960efd3633');
    expect(splayOffset('shop-17', 'main/backup', 600_000, Number.POSITIVE_INFINITY, sha256)).toBe(
      Number((h * 600_000n) / 2n ** 64n),
    );
  });

  it('never reaches the next occurrence and never changes', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.string(),
        fc.nat(86_400_000),
        fc.nat(86_400_000),
        (a, s, splayMs, gapMs) => {
          const offset = splayOffset(a, s, splayMs, gapMs, sha256);
          expect(offset).toBeGreaterThanOrEqual(0);
          expect(offset).toBeLessThan(Math.max(1, Math.min(splayMs, gapMs)));
          expect(splayOffset(a, s, splayMs, gapMs, sha256)).toBe(offset);
        },
      ),
      { numRuns: 200, seed: 5 },
    );
  });

  it('spreads a fleet evenly over its window', () => {
    const counts = Array(10).fill(0);
    for (let index = 0; index < 5_000; index += 1) {
      const offset = splayOffset(
        `agent-${index}`,
        'main/report',
        10_000,
        Number.POSITIVE_INFINITY,
        sha256,
      );
      counts[Math.floor(offset / 1_000)] += 1;
    }
    for (const count of counts) expect(Math.abs(count - 500)).toBeLessThan(120);
  });
});
