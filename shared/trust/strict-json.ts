// Strict JSON over bytes (TR10 to TR18): one scan refuses by code everything that two parsers could read differently;
// what is left is plain JSON, and JSON.parse builds it.
import { err, ok, type Result } from '#shared/result.ts';
import type { RefusalCode } from './codes.ts';

export const MAX_JSON_DEPTH = 32;
/** Values in one document, containers counted. */
export const MAX_JSON_ITEMS = 50_000;

export interface StrictJsonLimits {
  readonly maxBytes: number;
}

// Every platform has it, but pure rooms are compiled without the types of any.
declare const TextDecoder: new (
  encoding: 'utf-8',
  options: { readonly fatal: true; readonly ignoreBOM: true },
) => { readonly decode: (bytes: Uint8Array) => string };
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Faults: SIZE, UTF8, JSON_SYNTAX, JSON_DUPKEY, JSON_PROTO, JSON_DEPTH, JSON_NUMBER, JSON_SURROGATE, JSON_LIMIT, JSON_TRAILING. */
export function parseStrictJson(bytes: Uint8Array, limits: StrictJsonLimits): Result<unknown> {
  if (bytes.length > limits.maxBytes) {
    return err('SIZE', `${bytes.length} bytes are more than the ${limits.maxBytes} allowed`);
  }
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    return err('UTF8', 'the bytes are not valid UTF-8');
  }
  if (text.charCodeAt(0) === 0xfeff) return err('UTF8', 'a byte order mark is not allowed');
  try {
    scan(text);
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return err(refusal.code, refusal.message, { at: `character ${refusal.at}` });
  }
  return ok(JSON.parse(text));
}

/** Leaves the scan from any depth; never leaves this file. */
class Refusal extends Error {
  readonly code: RefusalCode;
  readonly at: number;
  constructor(code: RefusalCode, message: string, at: number) {
    super(message);
    this.code = code;
    this.at = at;
  }
}

interface Scan {
  readonly text: string;
  at: number;
  items: number;
}

function scan(text: string): void {
  const state: Scan = { text, at: 0, items: 0 };
  skipSpace(state);
  scanValue(state, 0);
  skipSpace(state);
  if (state.at < text.length) {
    throw new Refusal('JSON_TRAILING', 'text follows the end of the document', state.at);
  }
}

function skipSpace(state: Scan): void {
  for (;;) {
    const code = state.text.charCodeAt(state.at);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
    state.at++;
  }
}

// Recursion is safe: the depth is bounded before each descent.
function scanValue(state: Scan, depth: number): void {
  if (++state.items > MAX_JSON_ITEMS) {
    throw new Refusal('JSON_LIMIT', `more than ${MAX_JSON_ITEMS} values`, state.at);
  }
  const code = state.text.charCodeAt(state.at);
  if (code === 0x22) scanString(state);
  else if (code === 0x7b) scanObject(state, depth + 1);
  else if (code === 0x5b) scanArray(state, depth + 1);
  else if (code === 0x2d || (code >= 0x30 && code <= 0x39)) scanNumber(state);
  else scanWord(state);
}

function enter(state: Scan, depth: number): void {
  if (depth > MAX_JSON_DEPTH) {
    throw new Refusal('JSON_DEPTH', `nested deeper than ${MAX_JSON_DEPTH}`, state.at);
  }
  state.at++;
  skipSpace(state);
}

function scanArray(state: Scan, depth: number): void {
  enter(state, depth);
  if (take(state, 0x5d)) return;
  for (;;) {
    scanValue(state, depth);
    skipSpace(state);
    if (take(state, 0x5d)) return;
    expect(state, 0x2c);
  }
}

function scanObject(state: Scan, depth: number): void {
  enter(state, depth);
  if (take(state, 0x7d)) return;
  const keys = new Set<string>();
  for (;;) {
    scanKey(state, keys);
    skipSpace(state);
    expect(state, 0x3a);
    scanValue(state, depth);
    skipSpace(state);
    if (take(state, 0x7d)) return;
    expect(state, 0x2c);
  }
}

function scanKey(state: Scan, keys: Set<string>): void {
  const from = state.at;
  if (state.text.charCodeAt(from) !== 0x22) syntax(state, 'a key in quotes is expected');
  const key = scanString(state);
  if (key === '__proto__' || key === 'constructor' || key === 'prototype') {
    throw new Refusal('JSON_PROTO', `the key ${key} is not allowed`, from);
  }
  if (keys.has(key)) throw new Refusal('JSON_DUPKEY', 'a key stands twice in one object', from);
  keys.add(key);
}

/** Returns the string's meaning, so that `\u0061` and `a` are the same key. */
function scanString(state: Scan): string {
  const { text } = state;
  const from = state.at + 1;
  let at = from;
  let escaped = false;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code === 0x22) break;
    if (code === 0x5c) {
      escaped = true;
      state.at = at;
      scanEscape(state);
      at = state.at;
    } else if (code >= 0x20) at++;
    else {
      // A control character; or the end of the text, whose code is NaN.
      state.at = at;
      syntax(state, 'a string is not closed or holds a control character');
    }
  }
  state.at = at + 1;
  const raw = text.slice(from, at);
  if (!escaped) return raw;
  const value = JSON.parse(`"${raw}"`) as string;
  if (!value.isWellFormed()) {
    throw new Refusal('JSON_SURROGATE', 'half of a surrogate pair stands alone', from - 1);
  }
  return value;
}

const HEX4 = /[0-9a-fA-F]{4}/y;

function scanEscape(state: Scan): void {
  const letter = state.text.charAt(state.at + 1);
  if (letter === 'u') {
    HEX4.lastIndex = state.at + 2;
    if (!HEX4.test(state.text)) syntax(state, 'an escape needs four hex digits');
    state.at += 6;
  } else if (letter !== '' && '"\\/bfnrt'.includes(letter)) state.at += 2;
  else syntax(state, 'an unknown escape');
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

function scanNumber(state: Scan): void {
  const from = state.at;
  NUMBER.lastIndex = from;
  const token = NUMBER.exec(state.text)?.[0];
  if (token === undefined) throw new Refusal('JSON_NUMBER', 'not a number', from);
  state.at += token.length;
  // 01, 1., 1.e5 and the like: a number goes on where the grammar has ended.
  if (/[0-9.eE+-]/.test(state.text.charAt(state.at))) {
    throw new Refusal('JSON_NUMBER', 'not a number as JSON writes it', from);
  }
  const value = Number(token);
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER) {
    throw new Refusal('JSON_NUMBER', 'a number beyond 2^53 - 1 is not exact everywhere', from);
  }
  if (value === 0 && (token.startsWith('-') || /^[0.]*[1-9]/.test(token))) {
    throw new Refusal('JSON_NUMBER', 'minus zero, or too small to be told from zero', from);
  }
}

function scanWord(state: Scan): void {
  for (const word of ['true', 'false', 'null']) {
    if (state.text.startsWith(word, state.at)) {
      state.at += word.length;
      return;
    }
  }
  syntax(state, 'a value is expected');
}

function take(state: Scan, code: number): boolean {
  if (state.text.charCodeAt(state.at) !== code) return false;
  state.at++;
  return true;
}

function expect(state: Scan, code: number): void {
  if (!take(state, code)) syntax(state, `${String.fromCharCode(code)} is expected`);
  skipSpace(state);
}

function syntax(state: Scan, message: string): never {
  throw new Refusal('JSON_SYNTAX', message, state.at);
}
