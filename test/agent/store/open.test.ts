// The agent's file: log, documents, schedules and what a crash leaves of them.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openAgentStore } from '#agent/store/open.ts';
import { sha256 } from '#shared/node/sha256.ts';
import type { NewEvent } from '#shared/run/event.ts';
import { eventSchema } from '#shared/run/event.ts';
import { chainNext, chainStart } from '#shared/trust/chain.ts';

const identity = { fleet: 'f', agent: 'a1' };
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0))
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
});
const newPath = () => {
  const folder = mkdtempSync(join(tmpdir(), 'muster-store-'));
  folders.push(folder);
  return join(folder, 'agent.db');
};
const state = (code: string, detail = ''): NewEvent => ({
  kind: 'state',
  at: '2026-01-01T00:00:00Z',
  code,
  detail,
});
const receipt = (seq: number, hash: string) => ({
  incarnation: 1,
  seq,
  hash,
  sig: `${'A'.repeat(86)}==`,
});

describe('the log', () => {
  it('numbers and chains entries over their very bytes', () => {
    const store = openAgentStore(newPath(), identity);
    store.log.append([state('one'), state('two')]);
    let hash = chainStart('f', 'a1', 1, sha256);
    expect(store.log.hashAt(0)).toBe(hash);
    for (const entry of store.log.read(1, 10)) {
      hash = chainNext(hash, entry.bytes, sha256);
      expect(entry.hash).toBe(hash);
      expect(eventSchema.parse(JSON.parse(entry.bytes)).seq).toBe(entry.seq);
    }
    expect(store.log.head()).toEqual({ incarnation: 1, seq: 2, hash });
    store.close();
  });

  it('goes on with its numbers after a rolled back transaction and after a restart', () => {
    const path = newPath();
    const store = openAgentStore(path, identity);
    store.log.append([state('one')]);
    const before = store.log.head();
    expect(() =>
      store.transaction(() => {
        store.log.append([state('lost')]);
        throw new Error('crash');
      }),
    ).toThrow('crash');
    expect(store.log.head()).toEqual(before);
    store.close();
    const again = openAgentStore(path, identity);
    again.log.append([state('two')]);
    expect(again.log.read(1, 10).map((entry) => entry.seq)).toEqual([1, 2]);
    again.close();
  });

  it('prunes what is acknowledged but for the newest thousand, and keeps the chain anchor', () => {
    const path = newPath();
    const store = openAgentStore(path, identity);
    store.log.append(Array.from({ length: 1_500 }, (_, i) => state(`n${i}`)));
    const hash = store.log.hashAt(1_400) as string;
    const anchor = store.log.hashAt(500);
    store.log.acknowledge(receipt(1_400, hash));
    expect(store.log.firstKept()).toBe(501);
    expect(store.log.read(1, 2_000)).toHaveLength(1_000);
    expect(store.log.hashAt(500)).toBe(anchor);
    expect(store.log.hashAt(499)).toBeUndefined();
    store.close();
    const again = openAgentStore(path, identity);
    expect(again.log.acknowledged()).toEqual({ seq: 1_400, receipt: receipt(1_400, hash) });
    expect(again.log.hashAt(500)).toBe(anchor);
    again.close();
  });

  it('drops the oldest entries beyond its size and says so in the chain', () => {
    const store = openAgentStore(newPath(), identity, { maxLogBytes: 100_000 });
    for (let i = 0; i < 2_000; i++) store.log.append([state(`n${i}`, 'x'.repeat(100))]);
    const kept = store.log.read(1, 5_000);
    expect(kept.reduce((sum, entry) => sum + entry.bytes.length, 0)).toBeLessThanOrEqual(101_000);
    const first = store.log.firstKept();
    expect(kept[0]?.seq).toBe(first);
    let hash = store.log.hashAt(first - 1) as string;
    for (const entry of kept) {
      hash = chainNext(hash, entry.bytes, sha256);
      expect(entry.hash).toBe(hash);
    }
    const losses = kept
      .map((entry) => eventSchema.parse(JSON.parse(entry.bytes)))
      .filter((event) => event.kind === 'loss');
    expect(losses.at(-1)).toMatchObject({ what: 'events', to: first - 1 });
    store.close();
  });

  it('refuses a receipt for entries it does not have', () => {
    const store = openAgentStore(newPath(), identity);
    expect(() => store.log.acknowledge(receipt(5, '0'.repeat(64)))).toThrow('does not have');
    store.close();
  });
});

describe('documents and values', () => {
  it('keep the newest of one name with its bytes', () => {
    const store = openAgentStore(newPath(), identity);
    const head = {
      kind: 'schedule' as const,
      name: 's',
      docId: 'a'.repeat(64),
      epoch: 0,
      revision: 1,
    };
    store.documents.put({ head, envelope: Buffer.from('one') });
    store.documents.put({ head: { ...head, revision: 2 }, envelope: Buffer.from('two') });
    expect(store.documents.heads()).toEqual([{ ...head, revision: 2 }]);
    expect(Buffer.from(store.documents.get('schedule', 's')?.envelope ?? []).toString()).toBe(
      'two',
    );
    store.meta.set('x', '1');
    expect(store.meta.get('x')).toBe('1');
    expect(store.meta.get('y')).toBeUndefined();
    store.close();
  });
});
