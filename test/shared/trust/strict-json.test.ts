import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8 } from '#shared/trust/crypto.ts';
import { MAX_JSON_ITEMS, parseStrictJson } from '#shared/trust/strict-json.ts';
import { howMany } from '#test/support/long.ts';
import { codeOf } from './fixtures.ts';

const MAX = { maxBytes: 256 * 1024 };
const code = (text: string) => codeOf(parseStrictJson(utf8(text), MAX));
const codeOfBytes = (...bytes: number[]) => codeOf(parseStrictJson(Uint8Array.from(bytes), MAX));

describe('strict JSON', () => {
  it('J1 refuses a key that stands twice, also when one is spelled with escapes', () => {
    expect(code('{"a":1,"a":2}')).toBe('JSON_DUPKEY');
    expect(code('{"a":1,"\\u0061":2}')).toBe('JSON_DUPKEY');
    expect(code('[{"x":{"a\\nb":1,"a\\u000ab":2}}]')).toBe('JSON_DUPKEY');
    expect(code('{"a":{"a":1},"b":[{"a":1}]}')).toBe('ok');
  });

  it('J2 refuses keys that reach prototypes, and leaves prototypes clean', () => {
    for (const key of ['__proto__', 'constructor', 'prototype', '__pr\\u006fto__']) {
      expect(code(`{"${key}":{"polluted":true}}`)).toBe('JSON_PROTO');
    }
    expect(code('{"a":"__proto__"}')).toBe('ok');
    expect('polluted' in {}).toBe(false);
  });

  it('J3 refuses 100,000 nested arrays without a crash, and takes 32 levels', () => {
    expect(code('['.repeat(100_000))).toBe('JSON_DEPTH');
    expect(code('{"a":'.repeat(40_000))).toBe('JSON_DEPTH');
    expect(code('['.repeat(32) + ']'.repeat(32))).toBe('ok');
    expect(code('['.repeat(33) + ']'.repeat(33))).toBe('JSON_DEPTH');
  });

  it('J4 refuses numbers that are read differently elsewhere', () => {
    const bad = [
      '1e400',
      '9007199254740993',
      '9007199254740992',
      '-0',
      '-0.0',
      '-0e5',
      '01',
      '-01',
    ];
    bad.push('1.', '1.e5', '-.5', '1e', '1e+', '-', '1e-400', '-1e-999');
    for (const text of bad) expect([text, code(`[${text}]`)]).toEqual([text, 'JSON_NUMBER']);
    for (const text of ['0', '0.0', '9007199254740991', '-9007199254740991', '1.5e3', '0e7']) {
      expect([text, code(text)]).toEqual([text, 'ok']);
    }
  });

  it('J5 refuses lone surrogates, bad UTF-8 and a byte order mark', () => {
    for (const text of ['\\ud83d', '\\ude00', '\\ud83d\\ud83d', '\\ude00\\ud83d', 'x\\ud83dx']) {
      expect(code(`["${text}"]`)).toBe('JSON_SURROGATE');
      expect(code(`{"${text}":1}`)).toBe('JSON_SURROGATE');
    }
    expect(code('["\\ud83d\\ude00 😀"]')).toBe('ok');
    expect(codeOfBytes(0xef, 0xbb, 0xbf, 0x31)).toBe('UTF8');
    expect(codeOfBytes(0x22, 0xc0, 0x80, 0x22)).toBe('UTF8');
    expect(codeOfBytes(0x22, 0xed, 0xa0, 0xbd, 0x22)).toBe('UTF8');
    expect(codeOfBytes(0x22, 0xff, 0x22)).toBe('UTF8');
  });

  it('J6 refuses 300 KB, 50,000 items and a second document after the end', () => {
    expect(code(`"${'x'.repeat(300_000)}"`)).toBe('SIZE');
    expect(code(`[${'0,'.repeat(MAX_JSON_ITEMS - 1)}0]`)).toBe('JSON_LIMIT');
    expect(code(`[${'0,'.repeat(MAX_JSON_ITEMS - 2)}0]`)).toBe('ok');
    expect(code('{} {}')).toBe('JSON_TRAILING');
    expect(code('1 2')).toBe('JSON_TRAILING');
    expect(code('null\0')).toBe('JSON_TRAILING');
    expect(code(' \n{}\t\r ')).toBe('ok');
  });

  it('refuses what is not JSON (TR10)', () => {
    const bad = [
      '',
      ' ',
      '{',
      '[1,]',
      '{"a":1,}',
      "{'a':1}",
      '{a:1}',
      'nul',
      'True',
      'NaN',
      '"a',
      '"\\x"',
    ];
    bad.push(
      '"\\u12g4"',
      '"\n"',
      '[1 2]',
      '{"a" 1}',
      '{"a":}',
      '// x\n1',
      '[,]',
      '\u00a01',
      '"\\',
      '+1',
    );
    for (const text of bad) expect([text, code(text)]).toEqual([text, 'JSON_SYNTAX']);
  });

  it('means what JSON.parse means whenever it takes a text (TR16)', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (text) => {
        const parsed = parseStrictJson(utf8(text), MAX);
        if (parsed.ok) expect(parsed.value).toEqual(JSON.parse(text));
        else expect(parsed.fault.code).toMatch(/^JSON_(NUMBER|PROTO|SURROGATE)$/);
      }),
      { numRuns: 2_000 },
    );
  });

  it('never takes a text that JSON.parse refuses, whatever the fragments (TR16)', () => {
    const fragment = fc.constantFrom(
      ...[
        '{',
        '}',
        '[',
        ']',
        ',',
        ':',
        '"',
        '"a"',
        '"b":',
        '\\',
        '\\u0061',
        '\\ud83d',
        '0',
        '1',
        '-',
      ],
      ...[
        '.',
        'e',
        'E+',
        '01',
        'true',
        'null',
        'fals',
        ' ',
        '\n',
        '\t',
        '\u00a0',
        '\u0001',
        '/',
        'é',
        '😀',
      ],
    );
    fc.assert(
      fc.property(fc.array(fragment, { maxLength: 12 }), (fragments) => {
        const text = fragments.join('');
        const parsed = parseStrictJson(utf8(text), MAX);
        if (parsed.ok) expect(parsed.value).toEqual(JSON.parse(text));
        // Only the plain grammar code may agree with JSON.parse; all others are our own, stricter rules.
        else if (parsed.fault.code === 'JSON_SYNTAX') expect(() => JSON.parse(text)).toThrow();
      }),
      { numRuns: howMany('texts parsed like JSON.parse or refused', 20_000, 500_000) },
    );
  });
});
