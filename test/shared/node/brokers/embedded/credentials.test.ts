import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type BrokerCredentials,
  brokerCredentials,
} from '#shared/node/brokers/embedded/credentials.ts';

describe('users of the embedded broker', () => {
  let directory: string;
  let credentials: BrokerCredentials;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'muster-credentials-'));
    credentials = brokerCredentials(directory);
  });
  afterEach(() => {
    credentials.close();
    rmSync(directory, { recursive: true });
  });

  test('only the password that was made opens, and only until it is renewed or removed (P30)', () => {
    const first = credentials.add('press-1', 'agent');
    expect(credentials.verify('press-1', first)).toEqual({ username: 'press-1', role: 'agent' });
    expect(credentials.verify('press-1', `${first}x`)).toBeUndefined();
    expect(credentials.verify('press-2', first)).toBeUndefined();
    const before = credentials.stamp('press-1');
    const second = credentials.add('press-1', 'agent');
    expect(credentials.stamp('press-1')).not.toBe(before);
    expect(credentials.verify('press-1', first)).toBeUndefined();
    expect(credentials.verify('press-1', second)).toBeDefined();
    expect([credentials.remove('press-1'), credentials.remove('press-1')]).toEqual([true, false]);
    expect(credentials.verify('press-1', second)).toBeUndefined();
  });

  test('what another process writes is seen at once (P30)', () => {
    const other = brokerCredentials(directory);
    const password = other.add('enrol_t1', 'enrol');
    expect(credentials.verify('enrol_t1', password)).toEqual({
      username: 'enrol_t1',
      role: 'enrol',
    });
    other.remove('enrol_t1');
    expect(credentials.list()).toEqual([]);
    other.close();
  });

  test('the file does not hold the password', () => {
    const password = credentials.add('office', 'console');
    for (const name of ['credentials.db', 'credentials.db-wal']) {
      expect(readFileSync(join(directory, name)).includes(password)).toBe(false);
    }
  });

  test('names that could be patterns, short passwords and mixed up roles are bugs', () => {
    expect(() => credentials.add('+', 'agent')).toThrow('not a user name');
    expect(() => credentials.add('a/b', 'agent')).toThrow('not a user name');
    expect(() => credentials.set('press-1', 'agent', 'secret')).toThrow('random');
    expect(() => credentials.add('enrol_t1', 'agent')).toThrow('enrol_');
    expect(() => credentials.add('t1', 'enrol')).toThrow('enrol_');
  });
});
