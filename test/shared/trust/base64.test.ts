import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeBase64,
  decodeBase64Url,
  encodeBase64,
  encodeBase64Url,
} from '#shared/trust/base64.ts';

describe('base64 in one spelling', () => {
  it('writes what everybody writes (TR4)', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect(encodeBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
        expect(encodeBase64Url(bytes)).toBe(Buffer.from(bytes).toString('base64url'));
        expect(decodeBase64(encodeBase64(bytes))).toEqual(bytes);
        expect(decodeBase64Url(encodeBase64Url(bytes))).toEqual(bytes);
      }),
    );
  });

  it('takes a text only when encoding the result gives that very text (TR4)', () => {
    const character = fc.constantFrom(...'ABQgwx019+/-_= \n'.split(''));
    fc.assert(
      fc.property(fc.array(character, { maxLength: 9 }), (characters) => {
        const text = characters.join('');
        const exact = Buffer.from(text, 'base64').toString('base64') === text;
        expect(decodeBase64(text) !== undefined).toBe(exact);
        const exactUrl = Buffer.from(text, 'base64url').toString('base64url') === text;
        expect(decodeBase64Url(text) !== undefined).toBe(exactUrl);
      }),
      { numRuns: 5_000 },
    );
  });
});
