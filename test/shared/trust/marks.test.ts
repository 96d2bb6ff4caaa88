import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { advance, MAX_REVISION_STEP, type Mark } from '#shared/trust/marks.ts';
import { howMany } from '#test/support/long.ts';
import { codeOf } from './fixtures.ts';

const mark: fc.Arbitrary<Mark> = fc.record({
  epoch: fc.integer({ min: 0, max: 3 }),
  revision: fc.oneof(
    fc.integer({ min: 1, max: 6 }),
    fc.integer({ min: MAX_REVISION_STEP - 2, max: MAX_REVISION_STEP + 8 }),
    fc.constant(Number.MAX_SAFE_INTEGER),
  ),
  docId: fc.constantFrom('aa', 'bb'),
});

describe('marks', () => {
  it('no sequence of documents lowers one, leaps, or changes what a revision is (TR24)', () => {
    fc.assert(
      fc.property(fc.array(mark, { maxLength: 30 }), (offered) => {
        let held: Mark | undefined;
        for (const next of offered) {
          const verdict = advance(held, next, 'stream x');
          if (!verdict.ok) continue;
          const base = held && held.epoch === next.epoch ? held.revision : 0;
          expect(next.epoch).toBeGreaterThanOrEqual(held?.epoch ?? 0);
          expect(next.revision - base).toBeLessThanOrEqual(MAX_REVISION_STEP);
          if (verdict.value === 'same') expect(next).toEqual(held);
          else expect(next.revision).toBeGreaterThan(base);
          held = next;
        }
      }),
      { numRuns: howMany('sequences of documents that lower no mark', 500, 10_000) },
    );
  });

  it('P4 lets a new epoch bring the revision down after a fast-forward', () => {
    const forward = { epoch: 0, revision: Number.MAX_SAFE_INTEGER, docId: 'aa' };
    expect(codeOf(advance(forward, { epoch: 0, revision: 5, docId: 'bb' }, 'x'))).toBe(
      'REV_ROLLBACK',
    );
    expect(codeOf(advance(forward, { epoch: 1, revision: 5, docId: 'bb' }, 'x'))).toBe('ok');
  });
});
