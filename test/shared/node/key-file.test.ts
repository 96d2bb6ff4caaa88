import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createKeyFile,
  createMachineKey,
  createSealKey,
  openKeyFile,
  openMachineKey,
  openSealKey,
} from '#shared/node/key-file.ts';
import type { Result } from '#shared/result.ts';

let folder = '';
let path = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-keys-'));
  path = join(folder, 'alice.key');
});
afterEach(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }));

const codeOf = (result: Result<unknown>) => (result.ok ? 'ok' : result.fault.code);
const unwrap = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(result.fault.code);
  return result.value;
};
const rewrite = (change: (text: string) => string) =>
  writeFileSync(path, change(readFileSync(path, 'utf8')));

describe("a person's key file", () => {
  it('opens with its passphrase to the same key, whatever Unicode form it is typed in (TR70)', () => {
    const made = unwrap(createKeyFile(path, 'alice', 'caf\u00e9 und Kuchen'));
    const opened = unwrap(openKeyFile(path, 'cafe\u0301 und Kuchen'));
    expect(opened.keyId).toBe(made.keyId);
    expect(opened.sign(Buffer.from('x'))).toEqual(made.sign(Buffer.from('x')));
    expect(codeOf(openKeyFile(path, 'cafe und Kuchen'))).toBe('KEY_PASSPHRASE');
  });

  it('is for its owner alone, with no trace beside it, and is not written over (TR71)', () => {
    unwrap(createKeyFile(path, 'alice', 'one'));
    if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['alice.key']);
    const before = readFileSync(path);
    expect(codeOf(createKeyFile(path, 'alice', 'two'))).toBe('FILE_EXISTS');
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(readdirSync(folder)).toEqual(['alice.key']);
  });

  it('does not open when one character of header or box is changed (TR70)', () => {
    unwrap(createKeyFile(path, 'alice', 'one'));
    const original = readFileSync(path, 'utf8');
    rewrite((text) => text.replace('"name":"alice"', '"name":"mally"'));
    expect(codeOf(openKeyFile(path, 'one'))).toBe('KEY_PASSPHRASE');
    const box = original.split('\n')[1] as string;
    const changed = box.startsWith('A') ? `B${box.slice(1)}` : `A${box.slice(1)}`;
    rewrite(() => original.replace(box, changed));
    expect(codeOf(openKeyFile(path, 'one'))).toBe('KEY_PASSPHRASE');
  });

  it('is refused at once when it asks for more work or memory than a key file may (TR70)', () => {
    unwrap(createKeyFile(path, 'alice', 'one'));
    const original = readFileSync(path, 'utf8');
    for (const [from, to] of [
      ['"N":131072', '"N":1073741824'],
      ['"N":131072', '"N":131073'],
      ['"N":131072', '"N":2'],
      ['"r":8', '"r":1048576'],
      ['"p":1', '"p":100000'],
      ['muster-key.v1', 'muster-key.v2'],
    ] as const) {
      rewrite(() => original.replace(from, to));
      expect([to, codeOf(openKeyFile(path, 'one'))]).toEqual([to, 'KEY_FILE_FORMAT']);
    }
    for (const text of [
      '',
      '{}\n',
      original.slice(0, -20),
      `${original}more\n`,
      'x'.repeat(10_000),
    ]) {
      rewrite(() => text);
      expect(codeOf(openKeyFile(path, 'one'))).toBe('KEY_FILE_FORMAT');
    }
  });

  it('is refused when others may read it, and when it is not there (TR71)', () => {
    expect(codeOf(openKeyFile(path, 'one'))).toBe('KEY_FILE_MISSING');
    unwrap(createKeyFile(path, 'alice', 'one'));
    if (process.platform === 'win32') return;
    chmodSync(path, 0o640);
    expect(codeOf(openKeyFile(path, 'one'))).toBe('KEY_FILE_MODE');
  });

  it('holds no seed in the clear', () => {
    unwrap(createMachineKey(join(folder, 'machine.key')));
    const seed = JSON.parse(readFileSync(join(folder, 'machine.key'), 'utf8')).seed as string;
    expect(seed).toHaveLength(44);
    unwrap(createKeyFile(path, 'alice', 'one'));
    expect(readFileSync(path, 'utf8')).not.toContain('seed');
  });
});

describe("a program's key file", () => {
  it('gives back the signing key and the seal key (TR71)', () => {
    const made = unwrap(createMachineKey(path));
    expect(unwrap(openMachineKey(path)).keyId).toBe(made.keyId);
    const sealPath = join(folder, 'seal.key');
    const seal = unwrap(createSealKey(sealPath));
    expect(unwrap(openSealKey(sealPath)).publicRaw).toEqual(seal.publicRaw);
    expect(codeOf(openSealKey(path))).toBe('KEY_FILE_FORMAT');
    expect(codeOf(openMachineKey(sealPath))).toBe('KEY_FILE_FORMAT');
    if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(codeOf(createMachineKey(path))).toBe('FILE_EXISTS');
  });

  it('is refused when its public half belongs to another seed', () => {
    unwrap(createMachineKey(path));
    const other = join(folder, 'other.key');
    unwrap(createMachineKey(other));
    const { public: foreign } = JSON.parse(readFileSync(other, 'utf8')) as { public: string };
    rewrite((text) => JSON.stringify({ ...JSON.parse(text), public: foreign }));
    expect(codeOf(openMachineKey(path))).toBe('KEY_FILE_FORMAT');
  });
});
