import { describe, expect, it } from 'vitest';
import { concatBytes, equalBytes, fromHex, toHex } from '#shared/trust/crypto.ts';

describe('bytes', () => {
  it('are equal only when all of them are', () => {
    const bytes = Uint8Array.of(1, 2, 3);
    expect(equalBytes(bytes, Uint8Array.of(1, 2, 3))).toBe(true);
    for (const other of [[9, 2, 3], [1, 9, 3], [1, 2, 9], [1, 2], [1, 2, 3, 0], []]) {
      expect(equalBytes(bytes, Uint8Array.from(other))).toBe(false);
    }
  });

  it('go to hex and back, and join in order', () => {
    const bytes = concatBytes(Uint8Array.of(0, 255), new Uint8Array(0), Uint8Array.of(16));
    expect(toHex(bytes)).toBe('00ff10');
    expect(fromHex('00ff10')).toEqual(bytes);
  });
});
