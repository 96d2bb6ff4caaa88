import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  filterCovers,
  filterMatches,
  isFilter,
  isTopic,
  literalPrefix,
} from '#shared/protocol/filters.ts';

describe('topic filters', () => {
  test('match as MQTT 3.1.1 says (4.7)', () => {
    const cases: readonly [filter: string, topic: string, matches: boolean][] = [
      ['a/b', 'a/b', true],
      ['a/b', 'a/b/c', false],
      ['a/+', 'a/b', true],
      ['a/+', 'a/', true],
      ['a/+', 'a', false],
      ['a/+/c', 'a/b/c', true],
      ['a/#', 'a/b/c', true],
      ['a/#', 'a', true],
      ['a/#', 'ab', false],
      ['#', 'a/b', true],
      ['#', '$SYS/a', false],
      ['+/a', '$SYS/a', false],
      ['$SYS/#', '$SYS/a', true],
    ];
    for (const [filter, topic, matches] of cases) {
      expect([filter, topic, filterMatches(filter, topic)]).toEqual([filter, topic, matches]);
    }
  });

  test('a wider filter is not covered by a narrower pattern', () => {
    expect(filterCovers('a/+/c', 'a/+/c')).toBe(true);
    expect(filterCovers('a/#', 'a/+/c')).toBe(true);
    expect(filterCovers('a/#', 'a/#')).toBe(true);
    expect(filterCovers('a/+', 'a/#')).toBe(false);
    expect(filterCovers('a/b', 'a/+')).toBe(false);
    expect(filterCovers('a/b/#', 'a/#')).toBe(false);
    expect(filterCovers('a/b/#', '#')).toBe(false);
  });

  test('a covered filter matches nothing the pattern does not match', () => {
    const level = fc.constantFrom('a', 'b', '+');
    const filter = fc
      .tuple(fc.array(level, { minLength: 1, maxLength: 4 }), fc.boolean())
      .map(([levels, open]) => [...levels, ...(open ? ['#'] : [])].join('/'));
    const topic = fc
      .array(fc.constantFrom('a', 'b'), { minLength: 1, maxLength: 5 })
      .map((levels) => levels.join('/'));
    fc.assert(
      fc.property(filter, filter, topic, (pattern, asked, name) => {
        fc.pre(filterCovers(pattern, asked) && filterMatches(asked, name));
        expect(filterMatches(pattern, name)).toBe(true);
      }),
    );
  });

  test('topics and filters outside the limits of all brokers are refused (P3)', () => {
    expect(isTopic('muster1/f/a/agent-1/up/fill/main')).toBe(true);
    expect(isTopic('a/b/c/d/e/f/g/h')).toBe(true);
    for (const bad of ['', 'a/+', 'a/#', 'a\0', 'ä', 'a/b/c/d/e/f/g/h/i', 'x'.repeat(257)]) {
      expect([bad, isTopic(bad)]).toEqual([bad, false]);
    }
    for (const bad of ['', 'a/#/b', 'a#', 'a+/b', 'a\0', 'x'.repeat(257)]) {
      expect([bad, isFilter(bad)]).toEqual([bad, false]);
    }
    expect(['#', '+', 'a/+/b/#'].every(isFilter)).toBe(true);
  });

  test('the literal start ends at the first wildcard', () => {
    expect(['a/b', 'a/+/b', 'a/#', '#'].map(literalPrefix)).toEqual(['a/b', 'a/', 'a/', '']);
  });
});
