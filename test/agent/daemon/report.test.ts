// Reports through the whole daemon, against a collector that joins chains and acknowledges what it has stored.
import { copyFileSync, rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeBase64 } from '#shared/trust/base64.ts';
import { headBytes } from '#shared/trust/chain.ts';
import { startFleet, type TestFleet } from './fleet.ts';
import { AGENT, FLEET, newKey, schedule, topics, until } from './parts.ts';
import { openStore } from './peek.ts';

let fleet: TestFleet;
beforeEach(async () => {
  fleet = await startFleet();
  await fleet.enrol();
});
afterEach(() => fleet.dispose());

/** Entries on disk and how far they are acknowledged, read beside the daemon. */
function log(): {
  readonly seq: number;
  readonly acknowledged: number;
  readonly incarnation: number;
} {
  const store = openStore(fleet.data);
  const { seq, incarnation } = store.log.head();
  const acknowledged = store.log.acknowledged().seq;
  store.close();
  return { seq, acknowledged, incarnation };
}

/** Fills the log with entries of about `bytes` each before the agent starts. */
function fill(count: number, detail: (n: number) => string): void {
  const store = openStore(fleet.data);
  store.transaction(() =>
    store.log.append(
      Array.from({ length: count }, (_, n) => ({
        kind: 'state' as const,
        at: '2026-01-01T00:00:00Z',
        code: 'TEST',
        detail: detail(n),
      })),
    ),
  );
  store.close();
}

const noise = (): string => Array.from({ length: 16 }, () => newKey().keyId).join('');
const codes = () =>
  fleet.seen.events.flatMap((event) => (event.kind === 'document-refused' ? [event.code] : []));

describe('reports', () => {
  it('reach the collector in order and are acknowledged, with birth, status and goodbye beside them', async () => {
    const daemon = await fleet.start();
    await fleet.publishSchedule([schedule('a')]);
    await until('the document', () =>
      fleet.seen.events.some(({ kind }) => kind === 'document-applied'),
    );
    await until('the ack', () => log().acknowledged === log().seq);
    expect(fleet.seen.events.map(({ seq }) => seq)).toEqual(fleet.seen.events.map((_, i) => i + 1));
    expect(fleet.seen.events[0]).toMatchObject({ kind: 'agent-started', clean: true });
    expect(fleet.seen.hellos).toHaveLength(1);
    await daemon.close();
    await until('the goodbye', () => fleet.seen.states.at(-1)?.online === false);
    expect(fleet.seen.states.at(-1)?.epoch).toBe(fleet.seen.hellos[0]?.epoch);
    expect(fleet.seen.faults).toEqual([]);
  });

  it('are split so that no message is above 60 KB or 64 entries', async () => {
    fill(700, noise);
    await fleet.start();
    await until('all of them', () => fleet.seen.events.length > 700);
    for (const { from, to, bytes } of fleet.seen.reports) {
      expect(to - from + 1).toBeLessThanOrEqual(64);
      expect(bytes).toBeLessThanOrEqual(60_000);
    }
    expect(fleet.seen.faults).toEqual([]);
  });

  it('without an ack are sent again after a silence, and nothing is pruned', async () => {
    fleet.seen.acks = false;
    fill(3_000, (n) => `entry ${n}`);
    await fleet.start({ quietMs: 400 });
    await until(
      'a repetition',
      () => fleet.seen.reports.filter(({ from }) => from === 1).length > 1,
    );
    expect(log().acknowledged).toBe(0);
    fleet.seen.acks = true;
    await until('the ack', () => log().acknowledged >= 3_000);
    expect(fleet.seen.faults).toEqual([]);
  });

  it('a lost link changes nothing: the rest follows on the next one', async () => {
    fill(300, noise);
    fleet.seen.acks = false;
    await fleet.start();
    await until('some', () => fleet.seen.events.length > 100);
    fleet.memory.drop(AGENT);
    fleet.seen.acks = true;
    await until('all', () => fleet.seen.events.length > 300 && log().acknowledged > 300);
    expect(fleet.seen.events.map(({ seq }) => seq)).toEqual(fleet.seen.events.map((_, i) => i + 1));
    expect(fleet.seen.faults).toEqual([]);
  });

  it('asked for again by the collector are sent as a fill (P25)', async () => {
    fill(100, (n) => `entry ${n}`);
    await fleet.start();
    await until('the ack', () => log().acknowledged > 100);
    const before = fleet.seen.reports.length;
    await fleet.ack({ want: { incarnation: 1, from: 10, to: 20 } });
    await until('entry 10 again', () =>
      fleet.seen.reports.slice(before).some(({ from, fill }) => from === 10 && fill),
    );
    expect(fleet.seen.faults).toEqual([]);
  });
});

describe('presence', () => {
  it('is told again when a console asks, once however often it asks (P28)', async () => {
    await fleet.start();
    await until('the birth', () => fleet.seen.hellos.length === 1);
    for (let n = 0; n < 5; n++) await fleet.publish(topics.hello(), new Uint8Array([123]), false);
    await until('the answer', () => fleet.seen.hellos.length === 2);
    await until('the status', () => fleet.seen.statuses.length === 2);
    const [first, again] = fleet.seen.hellos;
    expect(again).toMatchObject({ session: first?.session, epoch: first?.epoch });
  });

  it('a lost link leaves the will; the next birth has a higher epoch and the same session (P19)', async () => {
    await fleet.start();
    await until('the birth', () => fleet.seen.hellos.length === 1);
    fleet.memory.drop(AGENT);
    await until('the will', () => fleet.seen.states.at(-1)?.online === false);
    await until('the next birth', () => fleet.seen.hellos.length === 2);
    const [first, second] = fleet.seen.hellos;
    expect(second?.session).toBe(first?.session);
    expect(second?.epoch).toBe((first?.epoch ?? 0) + 1);
  });
});

describe('an ack', () => {
  it('by another key, or with an invented head, prunes nothing (P13)', async () => {
    fleet.seen.acks = false;
    await fleet.start();
    await until('a report', () => fleet.seen.reports.length > 0);
    const head = { incarnation: 1, seq: 1, hash: 'ab'.repeat(32) };
    const forged = newKey().sign(headBytes({ fleet: FLEET, agent: AGENT, ...head }));
    const receipt = { ...head, sig: encodeBase64(forged) };
    await fleet.ack({ receipt });
    await until('ACK_PROOF', () => codes().includes('ACK_PROOF'));
    await fleet.ack({}, newKey());
    await until('KEY_UNKNOWN', () => codes().includes('KEY_UNKNOWN'));
    await fleet.ack({}, fleet.keys.alice);
    await until('SCOPE', () => codes().includes('SCOPE'));
    expect(log().acknowledged).toBe(0);
  });

  it('of a head this disk does not have holds the machine under a new incarnation, until an operator resumes it (S1)', async () => {
    const first = await fleet.start();
    await until('a report', () => fleet.seen.reports.length > 0);
    await first.close();
    copyFileSync(fleet.data.database, `${fleet.data.database}.old`);
    const second = await fleet.start();
    await fleet.publishSchedule([schedule('a')]);
    await until('the document', () =>
      fleet.seen.events.some(({ kind }) => kind === 'document-applied'),
    );
    await until('the ack', () => log().acknowledged === log().seq);
    await second.close();
    for (const suffix of ['-wal', '-shm'])
      rmSync(`${fleet.data.database}${suffix}`, { force: true });
    copyFileSync(`${fleet.data.database}.old`, fleet.data.database);
    rmSync(fleet.data.marks);
    await fleet.start();
    const held = await until('the hold', () =>
      fleet.seen.events.find((event) => event.kind === 'held' && event.reason === 'state-rollback'),
    );
    expect(log().incarnation).toBe(2);
    expect(fleet.seen.events.some((e) => e.kind === 'state' && e.code === 'STATE_ROLLBACK')).toBe(
      true,
    );
    await until('the pause', () => fleet.seen.statuses.at(-1)?.paused.includes('*'));
    await until('the new birth', () => fleet.seen.hellos.at(-1)?.incarnation === 2);
    await fleet.command({ verb: 'resume', schedule: null });
    await until('the release', () =>
      fleet.seen.events.some(
        (event) =>
          event.kind === 'released' && event.reason === 'state-rollback' && event.seq > held.seq,
      ),
    );
    await until('no pause', () => fleet.seen.statuses.at(-1)?.paused.length === 0);
  });
});
