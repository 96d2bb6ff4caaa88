// Documents through the whole daemon: real keys, store, scheduler and launcher; the broker lies in every way it can.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatInstant } from '#shared/ids.ts';
import type { TrustDocument } from '#shared/trust/documents.ts';
import { sealEnvelope } from '#shared/trust/envelope.ts';
import { startFleet, type TestFleet } from './fleet.ts';
import { AGENT, idOf, newKey, schedule, topics, until } from './parts.ts';
import { openStore } from './peek.ts';

let fleet: TestFleet;
beforeEach(async () => {
  fleet = await startFleet();
  expect((await fleet.enrol()).code).toBe(0);
});
afterEach(() => fleet.dispose());

const docTopic = topics.document(AGENT, 'schedule', 'shop');
const applied = (revision: number) =>
  until(`revision ${revision} applied`, () =>
    fleet.seen.events.find(
      (event) =>
        event.kind === 'document-applied' &&
        event.docKind === 'schedule' &&
        event.revision === revision,
    ),
  );
const refused = (code: string) =>
  until(`refusal ${code}`, () =>
    fleet.seen.events.find((event) => event.kind === 'document-refused' && event.code === code),
  );
const heads = () => fleet.seen.statuses.at(-1)?.heads ?? [];
const revisionTold = (revision: number) =>
  until(`status with revision ${revision}`, () =>
    heads().some((head) => head.name === 'shop' && head.revision === revision),
  );
const newer = (changes: Partial<TrustDocument>): TrustDocument => ({
  ...fleet.trust,
  version: 2,
  previous: idOf('trust', fleet.trust),
  ...changes,
});

describe('a schedule document', () => {
  it('is applied, recorded with the cursor, told in the status, and outlives a restart', async () => {
    const docId = await fleet.publishSchedule([schedule('a')]);
    const daemon = await fleet.start();
    expect(await applied(1)).toMatchObject({ docId, name: 'shop', epoch: 0 });
    await revisionTold(1);
    await daemon.close();
    await fleet.start();
    await until('a second start', () => fleet.seen.hellos.length > 1);
    await revisionTold(1);
    const events = fleet.seen.events.filter((event) => event.kind === 'document-applied');
    expect(events).toHaveLength(1);
    expect(fleet.seen.events.filter(({ kind }) => kind === 'document-refused')).toEqual([]);
  });

  it('is learnt from the ack where the broker refuses the wildcard', async () => {
    fleet.memory.refuseSubscribe([topics.documents(AGENT)]);
    const docId = await fleet.publishSchedule([schedule('a')]);
    await fleet.start();
    await until('a report', () => fleet.seen.reports.length > 0);
    await fleet.ack({
      heads: [{ kind: 'schedule', name: 'shop', docId, epoch: 0, revision: 1 }],
    });
    expect(await applied(1)).toMatchObject({ docId });
  });

  it('with one byte changed is refused; the agent goes on with what it has (C1)', async () => {
    await fleet.start();
    await fleet.publishSchedule([schedule('a')]);
    await applied(1);
    const good = fleet.memory.retained(docTopic) as Uint8Array;
    const text = new TextDecoder().decode(good).replace('"payload":"ey', '"payload":"fy');
    await fleet.publish(docTopic, new TextEncoder().encode(text));
    expect(await refused('SIG_INVALID')).toMatchObject({ topic: docTopic, count: 1 });
    await until('the refusal in the status', () =>
      fleet.seen.statuses.at(-1)?.refused.some(({ code }) => code === 'SIG_INVALID'),
    );
    await revisionTold(1);
  });

  it('of another agent or another fleet is refused (P1)', async () => {
    await fleet.start();
    await fleet.publishSchedule([schedule('a')], { audience: ['till-2'] });
    await refused('AUDIENCE');
    await fleet.publishSchedule([schedule('a')], { fleet: 'ships' });
    await refused('FLEET');
  });

  it('that is older is refused, also after a restart and after the database is gone (P2, S2)', async () => {
    const daemon = await fleet.start();
    await fleet.publishSchedule([schedule('a')]);
    await applied(1);
    const old = fleet.memory.retained(docTopic) as Uint8Array;
    const docId = await fleet.publishSchedule([schedule('a')], { revision: 2 });
    await applied(2);
    const newest = fleet.memory.retained(docTopic) as Uint8Array;
    await fleet.publish(docTopic, old);
    await refused('REV_ROLLBACK');
    await daemon.close();
    for (const suffix of ['', '-wal', '-shm'])
      rmSync(`${fleet.data.database}${suffix}`, { force: true });
    fleet.seen.events.length = 0;
    await fleet.start();
    await until('STATE_SUSPECT', () =>
      fleet.seen.events.find((event) => event.kind === 'state' && event.code === 'STATE_SUSPECT'),
    );
    await refused('REV_ROLLBACK');
    // The very document it had is taken again.
    await fleet.publish(docTopic, newest);
    expect(await applied(2)).toMatchObject({ docId });
  });

  it('is remembered although the agent died before it wrote marks.json (D20)', async () => {
    const daemon = await fleet.start();
    await fleet.publishSchedule([schedule('a')]);
    await applied(1);
    const old = fleet.memory.retained(docTopic) as Uint8Array;
    const marks = readFileSync(fleet.data.marks);
    await fleet.publishSchedule([schedule('a')], { revision: 2 });
    await applied(2);
    await daemon.close();
    writeFileSync(fleet.data.marks, marks);
    await fleet.publish(docTopic, old);
    await fleet.start();
    await refused('REV_ROLLBACK');
    expect(fleet.seen.events.some(({ kind }) => kind === 'state')).toBe(false);
  });

  it('that expired before time that has certainly passed is refused, whatever the clock says (T1, D37)', async () => {
    await fleet.start();
    const acceptUntil = formatInstant(Date.parse(fleet.trust.issuedAt) - 1_000);
    await fleet.publishSchedule([schedule('a')], { acceptUntil });
    await refused('ACCEPT_UNTIL');
  });

  it('with the same revision and other bytes is a fork (P3)', async () => {
    await fleet.start();
    await fleet.publishSchedule([schedule('a')]);
    await applied(1);
    await fleet.publishSchedule([schedule('b')]);
    await refused('REV_FORK');
  });

  it('with a revision far ahead is refused (P4)', async () => {
    await fleet.start();
    await fleet.publishSchedule([schedule('a')], { revision: 2_000_000 });
    await refused('REV_JUMP');
  });

  it('signed by the relay key is refused (P13)', async () => {
    await fleet.start();
    await fleet.publishSchedule([schedule('a')], {}, [fleet.keys.relay]);
    await refused('SCOPE');
  });

  it('this agent cannot do, or with a trigger that never comes, is refused as a whole', async () => {
    await fleet.start();
    await fleet.publishSchedule([schedule('a')], { capabilities: ['job-dream'] });
    await refused('CAPABILITY');
    const trigger = { kind: 'cron', expression: '0 0 31 2 *', zone: 'UTC' } as const;
    await fleet.publishSchedule([schedule('a'), schedule('b', { trigger })]);
    await refused('SCHEDULE_INVALID');
    await fleet.publishSchedule([schedule('a'), schedule('a')]);
    await until('both refused', () => {
      const codes = fleet.seen.statuses.at(-1)?.refused.map(({ code }) => code) ?? [];
      return codes.filter((code) => code === 'SCHEDULE_INVALID').length === 2;
    });
    expect(heads().some(({ name }) => name === 'shop')).toBe(false);
  });

  it('is not removed by an empty retained message', async () => {
    await fleet.start();
    await fleet.publishSchedule([schedule('a')]);
    await applied(1);
    await fleet.publish(docTopic, new Uint8Array());
    await fleet.publishSchedule([schedule('a')], { revision: 2 });
    await applied(2);
    expect(fleet.seen.events.some(({ kind }) => kind === 'document-refused')).toBe(false);
  });
});

describe('the trust document', () => {
  it('steps by one; schedules by a compromised key are suspended until somebody else signs (P8)', async () => {
    await fleet.start();
    await fleet.publishSchedule([schedule('a')]);
    await applied(1);
    const revoked = newer({
      revoked: [{ key: fleet.keys.alice.keyId, reason: 'compromised', at: fleet.trust.issuedAt }],
    });
    await fleet.publish(topics.trust(2), sealEnvelope('trust', revoked, [fleet.keys.root]));
    await until('the hold', () =>
      fleet.seen.events.find((event) => event.kind === 'held' && event.reason === 'suspended shop'),
    );
    await until('the pause', () => fleet.seen.statuses.at(-1)?.paused.includes('shop/a'));
    await fleet.publishSchedule([schedule('b')], { revision: 2 });
    await refused('KEY_REVOKED');
    await fleet.publishSchedule([schedule('a')], { revision: 3 }, [fleet.keys.bob]);
    await applied(3);
    await until('the end of the pause', () => fleet.seen.statuses.at(-1)?.paused.length === 0);
  });

  it('a document that waits for a newer one is taken when that comes', async () => {
    await fleet.start();
    await fleet.publishSchedule([schedule('a')], { minTrust: 2 });
    await refused('MIN_TRUST');
    const next = newer({});
    await fleet.publish(topics.trust(2), sealEnvelope('trust', next, [fleet.keys.root]));
    await applied(1);
  });

  it('of a foreign root, or two versions ahead, changes nothing (P5, P6)', async () => {
    await fleet.start();
    await until('a connection', () => fleet.seen.hellos.length > 0);
    await fleet.publish(topics.trust(2), sealEnvelope('trust', newer({}), [newKey()]));
    await refused('KEY_UNKNOWN');
    const ahead = newer({ version: 3 });
    await fleet.publish(topics.trust(2), sealEnvelope('trust', ahead, [fleet.keys.root]));
    await refused('TRUST_GAP');
    expect(heads().find(({ kind }) => kind === 'trust')?.revision).toBe(1);
  });
});

describe('the device document', () => {
  it('of a revoked device holds the machine', async () => {
    await fleet.start();
    await until('a status', () => fleet.seen.statuses.length > 0);
    const device = { ...fleet.seen.device, generation: 2, revoked: true } as never;
    const envelope = sealEnvelope('device', device, [fleet.keys.enroller]);
    await fleet.publish(topics.document(AGENT, 'device', AGENT), envelope);
    await until('the hold', () =>
      fleet.seen.events.find((event) => event.kind === 'held' && event.reason === 'device-revoked'),
    );
    await until('the pause', () => fleet.seen.statuses.at(-1)?.paused.includes('*'));
  });
});

describe('with no broker', () => {
  it('the very first start after enrolment works, and everything follows when the broker comes', async () => {
    const down = cutAgent(fleet);
    await fleet.publishSchedule([schedule('a')]);
    await fleet.start();
    expect(fleet.seen.hellos).toEqual([]);
    down.restore();
    await applied(1);
  });

  it('the agent starts, runs what it has, and reports it all when the broker comes', async () => {
    const argv = ['/bin/sh', '-c', 'echo done'];
    const every = schedule('often', {
      trigger: { kind: 'every', period: 'PT1S', anchor: '2026-01-01T00:00:00Z' },
      job: { kind: 'exec', argv },
    });
    const first = await fleet.start();
    await fleet.publishSchedule([every]);
    await applied(1);
    await first.close();
    // The console in this process needs its own link: only the agent's is cut.
    const down = cutAgent(fleet);
    const daemon = await fleet.start();
    const store = openStore(fleet.data);
    const from = store.log.head().seq;
    await until('runs without a link', () => {
      // This view caches; the daemon writes beside it.
      store.log.reset();
      return store.log.head().seq >= from + 6;
    });
    store.close();
    expect(fleet.seen.hellos).toHaveLength(1);
    down.restore();
    await until('the reports', () =>
      fleet.seen.events.some(
        (event) =>
          event.seq > from && event.kind === 'attempt-finished' && event.output === 'done\n',
      ),
    );
    expect(fleet.seen.faults).toEqual([]);
    await daemon.close();
  });
});

/** Makes every connection attempt of the agent fail until restored. */
function cutAgent(cut: TestFleet): { readonly restore: () => void } {
  const { broker } = cut.memory;
  const original = broker.connect;
  const target = broker as { connect: typeof original };
  target.connect = async (options, onMessage) =>
    options.clientId === AGENT
      ? { ok: false, fault: { code: 'CONNECT_FAILED', message: 'cut' } }
      : original(options, onMessage);
  return {
    restore: () => {
      target.connect = original;
    },
  };
}
