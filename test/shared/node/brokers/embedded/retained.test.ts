import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  openRetained,
  RETAINED_MIGRATIONS,
  RETAINED_SQL,
  type RetainedStore,
} from '#shared/node/brokers/embedded/retained.ts';
import { openDatabase } from '#shared/node/sqlite.ts';
import { filterMatches } from '#shared/protocol/filters.ts';

describe('retained messages on disk', () => {
  let directory: string;
  let store: RetainedStore;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'muster-retained-'));
    store = openRetained(directory);
  });
  afterEach(() => {
    store.close();
    rmSync(directory, { recursive: true });
  });

  const put = (topic: string, payload: string): Promise<void> =>
    new Promise((resolve, reject) => {
      store.put({ topic, payload: Buffer.from(payload) }, (error) =>
        error ? reject(error) : resolve(),
      );
    });
  const topicsOf = (filter: string): string[] => [...store.match(filter)].map(({ topic }) => topic);

  test('the newest is kept, an empty one forgets, and all outlive the process (P37)', async () => {
    await Promise.all([put('a/b', 'one'), put('a/b', 'two'), put('a/c', 'x'), put('a/c', '')]);
    store.close();
    store = openRetained(directory);
    expect([...store.match('#')].map(({ topic, payload }) => [topic, payload.toString()])).toEqual([
      ['a/b', 'two'],
    ]);
  });

  test('a filter finds exactly what it matches, over many pages', async () => {
    const names = ['a', 'a/', 'a-b/c', 'a/b', 'a/b/c', 'a/c', 'ab', 'b/a', '$x/a'];
    const many = Array.from({ length: 200 }, (_, index) => `a/m/${index}`);
    await Promise.all([...names, ...many].map((topic) => put(topic, 'x')));
    for (const filter of ['#', 'a', 'a/#', 'a/+', 'a/b/#', '+/a', 'a/m/+', '$x/#', 'nothing']) {
      const expected = [...names, ...many].filter((topic) => filterMatches(filter, topic));
      expect([filter, topicsOf(filter).sort()]).toEqual([filter, expected.sort()]);
    }
  });

  test('both look-ups search the index; nothing scans all messages (P38)', () => {
    const db = openDatabase({ path: ':memory:', migrations: RETAINED_MIGRATIONS });
    for (const [sql, values] of [
      [RETAINED_SQL.exact, ['a']],
      [RETAINED_SQL.range, ['a', 'b']],
    ] as const) {
      const plan = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values) as { detail: string }[];
      expect(plan.map(({ detail }) => detail).join()).toMatch(
        /^SEARCH retained USING INDEX .*topic/,
      );
    }
    db.close();
  });

  test('a second broker on the directory is kept out (P39)', () => {
    expect(() => openRetained(directory)).toThrow(/locked/);
  });
});
