// From desired state to signed documents and back: revisions, audiences, what is refused, what is sent.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inert, summarize } from '#console/core/planner/summary.ts';
import { scheduleDocumentSchema } from '#shared/schedule/document.ts';
import {
  fault,
  newSigner,
  openFleet,
  type TestFleet,
  take,
  until,
} from '#test/console/core/support/fleet.ts';
import { CAPABILITIES, TestMachine } from '#test/console/core/support/machine.ts';

let fleet: TestFleet;
beforeEach(async () => {
  fleet = await openFleet();
});
afterEach(() => fleet.close());

const file = (
  audience: string,
  body = '  backup:\n    cron: 0 2 * * *\n    exec: [tar, -c, "a b"]',
) => `stream: shops\naudience: ${audience}\nschedules:\n${body}\n`;
const plan = async (text: string) =>
  take(await fleet.core().call('plan.prepare', { files: [{ name: 'f.yaml', text }] }));
const topic = (agent: string) => `muster1/shops/a/${agent}/down/doc/schedule/shops`;
const retained = (agent: string) => {
  const bytes = fleet.broker.retained(topic(agent));
  if (!bytes) return undefined;
  const { payload } = JSON.parse(Buffer.from(bytes).toString());
  return scheduleDocumentSchema.parse(JSON.parse(Buffer.from(payload, 'base64').toString()));
};

describe('a plan', () => {
  it('chooses machines by their signed labels, fills in the documented defaults, and is published retained', async () => {
    await new TestMachine(fleet, 'till-1').join({ site: 'north' });
    await new TestMachine(fleet, 'till-2').join({ site: 'south' });
    await fleet.apply(file('{labels: {site: north}}'));
    await until(() => retained('till-1'), 'the document');
    expect(retained('till-2')).toBeUndefined();
    expect(retained('till-1')).toMatchObject({
      revision: 1,
      previous: null,
      audience: ['till-1'],
      capabilities: ['job-exec', 'trigger-cron'],
      schedules: [
        {
          id: 'backup',
          trigger: { kind: 'cron', expression: '0 2 * * *', zone: 'UTC' },
          catchUp: { policy: 'latest', limit: 100 },
          overlap: 'skip',
          timeoutMs: 3_600_000,
          onInterrupted: 'fail',
        },
      ],
    });
  });

  it('goes above what machines have, after this console was restored from an older backup', async () => {
    const machine = await new TestMachine(fleet, 'till-1').join();
    await fleet.apply(file('all'));
    const head = (await machine.applied()).find(({ kind }) => kind === 'schedule');
    if (!head) throw new Error('no head');
    const says = async (revision: number) => {
      await machine.status([{ ...head, revision, docId: 'd'.repeat(64) }]);
      await until(async () => {
        const { documents } = await machine.detail();
        return documents.some(({ applied }) => applied?.revision === revision);
      }, `revision ${revision}`);
    };
    await says(7);
    expect((await plan(file('all'))).streams).toMatchObject([{ revision: 8 }]);
    // What no restored console can explain wastes no numbers.
    await says(2 ** 40);
    expect((await plan(file('all'))).documents).toEqual([]);
  });

  it('has nothing to sign when the desired state is already the newest', async () => {
    await new TestMachine(fleet, 'till-1').join();
    await fleet.apply(file('all'));
    const again = await plan(file('all'));
    expect(again).toMatchObject({ documents: [], streams: [{ revision: 1 }] });
    expect(again.changes).toMatchObject([{ schedule: 'backup', change: 'unchanged' }]);
  });

  it('says field by field what changes, and previews', async () => {
    await new TestMachine(fleet, 'till-1').join();
    await fleet.apply(file('all'));
    const next = await plan(
      file(
        'all',
        '  backup:\n    cron: 0 3 * * *\n    exec: [tar, -c, b]\n  clean:\n    every: 6h\n    shell: rm x',
      ),
    );
    expect(next.changes).toEqual([
      {
        stream: 'shops',
        schedule: 'backup',
        change: 'changed',
        fields: [
          { path: 'job.argv', from: '["tar","-c","a b"]', to: '["tar","-c","b"]' },
          { path: 'trigger.expression', from: '0 2 * * *', to: '0 3 * * *' },
        ],
        next: ['2026-03-03T03:00:00Z', '2026-03-04T03:00:00Z', '2026-03-05T03:00:00Z'],
      },
      {
        stream: 'shops',
        schedule: 'clean',
        change: 'added',
        fields: [],
        next: ['2026-03-02T18:00:00Z', '2026-03-03T00:00:00Z', '2026-03-03T06:00:00Z'],
      },
    ]);
  });

  it('gives machines that leave the audience an empty document of their own at the same revision', async () => {
    await new TestMachine(fleet, 'till-1').join();
    await new TestMachine(fleet, 'till-2').join();
    await fleet.apply(file('all'));
    const next = await plan(file('{agents: [till-1]}'));
    expect(next.streams).toMatchObject([{ revision: 2, joining: [], leaving: ['till-2'] }]);
    expect(next.documents).toHaveLength(2);
    take(await fleet.publish(next.documents));
    await until(() => retained('till-2')?.revision === 2, 'the farewell');
    expect(retained('till-2')).toMatchObject({ audience: ['till-2'], schedules: [] });
    expect(retained('till-1')).toMatchObject({ revision: 2, audience: ['till-1'] });
    // Told once: the next revision leaves it alone.
    const third = await plan(
      file('{agents: [till-1]}', '  backup:\n    cron: 0 4 * * *\n    shell: x'),
    );
    expect(third.documents).toHaveLength(1);
  });

  it('removes a stream by an empty next revision for everybody who has it', async () => {
    await new TestMachine(fleet, 'till-1').join();
    await fleet.apply(file('all'));
    expect(fault(await fleet.core().call('plan.remove', { stream: 'nope' }))).toBe(
      'STREAM_UNKNOWN',
    );
    const removal = take(await fleet.core().call('plan.remove', { stream: 'shops' }));
    expect(removal.changes).toMatchObject([{ schedule: 'backup', change: 'removed' }]);
    take(await fleet.publish(removal.documents));
    await until(() => retained('till-1')?.schedules.length === 0, 'the removal');
    expect(take(await fleet.core().call('schedules.list', {}))).toEqual([]);
  });

  it('refuses what a machine cannot do, before anything is signed', async () => {
    const old = new TestMachine(fleet, 'till-1');
    old.capabilities = CAPABILITIES.filter((name) => name !== 'job-shell');
    await old.join();
    const refused = await plan(file('all', '  a:\n    every: 5m\n    shell: x'));
    expect(refused.faults).toMatchObject([
      { code: 'CAPABILITY', at: 'f.yaml:2:11', ids: { agent: 'till-1' } },
    ]);
  });

  it('refuses a document too large to send, with a hint to split the stream', async () => {
    await new TestMachine(fleet, 'till-1').join();
    const body = Array.from(
      { length: 120 },
      (_, i) => `  s${i}:\n    every: 5m\n    shell: ${'x'.repeat(400)}`,
    ).join('\n');
    expect((await plan(file('all', body))).faults).toMatchObject([
      { code: 'DOCUMENT_TOO_LARGE', hint: expect.stringContaining('split') },
    ]);
  });

  it('warns when nobody is in the audience', async () => {
    const empty = await plan(file('{labels: {site: moon}}'));
    expect(empty.documents).toEqual([]);
    expect(empty.warnings[0]).toContain('no machine is in the audience');
  });

  it('splits an audience beyond 1,000 machines over documents of one revision', async () => {
    const { buildDocuments } = await import('#console/core/planner/build.ts');
    const documents = buildDocuments({
      ...{ fleet: 'shops', stream: 's', epoch: 0, revision: 4, previous: null, minTrust: 1 },
      ...{ nowAt: 0, personsNeeded: 1, schedules: [], leaving: [] },
      audience: Array.from({ length: 1_500 }, (_, i) => `m${i}`),
    });
    const sizes = documents.map(({ payload }) => JSON.parse(payload).audience.length);
    expect(sizes).toEqual([1_000, 500]);
  });
});

describe('documents.publish', () => {
  it('refuses a signature of somebody unknown, and changes nothing (C6)', async () => {
    await new TestMachine(fleet, 'till-1').join();
    const { documents } = await plan(file('all'));
    expect(fault(await fleet.publish(documents, newSigner()))).toBe('KEY_UNKNOWN');
    expect((await plan(file('all'))).streams).toMatchObject([{ revision: 1 }]);
  });

  it('refuses two different documents of one revision (P3)', async () => {
    await new TestMachine(fleet, 'till-1').join();
    const one = await plan(file('all'));
    const other = await plan(file('all', '  a:\n    every: 5m\n    shell: x'));
    take(await fleet.publish(one.documents));
    expect(fault(await fleet.publish(other.documents))).toBe('REV_FORK');
    // The very same document again is no fork.
    expect(take(await fleet.publish(one.documents))).toMatchObject([{ sent: true }]);
  });

  it('keeps what is published without a broker until one is there', async () => {
    await new TestMachine(fleet, 'till-1').join();
    await fleet.reopen(false);
    const { documents } = await plan(file('all'));
    expect(take(await fleet.publish(documents))).toMatchObject([{ sent: false }]);
    expect(retained('till-1')).toBeUndefined();
    await fleet.reopen();
    await until(() => retained('till-1'), 'the document');
  });

  it('publishes everything again to a broker that was wiped', async () => {
    const machine = await new TestMachine(fleet, 'till-1').join();
    await fleet.apply(file('all'));
    await until(() => retained('till-1'), 'the document');
    fleet.broker.wipe();
    machine.received.clear();
    fleet.broker.drop('shops-hq');
    await until(() => retained('till-1'), 'the document again');
    await until(() => fleet.broker.retained('muster1/shops/trust/1'), 'the trust again');
    await until(() => machine.ack()?.heads.length === 3, 'the ack again');
  });
});

describe('commands', () => {
  it('are bound to the live session and sent unretained', async () => {
    const machine = await new TestMachine(fleet, 'till-1').join();
    await fleet.apply(file('all'));
    const prepared = take(
      await fleet.core().call('command.prepare', {
        agent: 'till-1',
        command: { verb: 'run', schedule: 'backup' },
      }),
    );
    expect(JSON.parse(prepared.payload)).toMatchObject({
      session: machine.session,
      notAfterMs: 301_000,
      command: { verb: 'run', schedule: 'shops/backup' },
    });
    expect(take(await fleet.publish([prepared]))).toMatchObject([{ kind: 'command', sent: true }]);
    const down = 'muster1/shops/a/till-1/down/cmd';
    await until(() => machine.received.get(down), 'the command');
    expect(fleet.broker.retained(down)).toBeUndefined();
    expect(fault(await fleet.publish([prepared]))).toBe('REPLAY');
  });

  it('are for machines that are there, and for schedules they have', async () => {
    const machine = await new TestMachine(fleet, 'till-1').join();
    await fleet.apply(file('all'));
    const ask = (schedule: string) =>
      fleet.core().call('command.prepare', {
        agent: 'till-1',
        command: { verb: 'pause', schedule },
      });
    expect(fault(await ask('bakup'))).toBe('SCHEDULE_UNKNOWN');
    await machine.cut();
    await until(async () => fault(await ask('backup')) === 'AGENT_OFFLINE', 'the will');
  });
});

describe('the summary', () => {
  it('is made from the bytes: arguments quoted, machines counted, nothing invisible', async () => {
    await new TestMachine(fleet, 'till-1').join();
    const { documents } = await plan(
      file('all', '  backup:\n    cron: 0 2 * * *\n    exec: [echo, "a b", "\\u202egnp.exe"]'),
    );
    const payload = new Uint8Array(Buffer.from(documents[0]?.payload ?? '', 'utf8'));
    expect(summarize(payload)).toEqual(documents[0]?.summary);
    expect(documents[0]?.summary).toEqual([
      'stream shops, revision 0.1, for 1 machine: till-1',
      'to be accepted until 2027-03-02T12:00:00Z',
      'backup: cron 0 2 * * * in UTC',
      "  runs echo 'a b' '\\u{202e}gnp.exe'",
      '  timeout 3600 s, catch-up latest, overlap skip',
    ]);
    expect(inert('a\u200bb\nc\u00a0d e')).toBe('a\\u{200b}b\\u{a}c\\u{a0}d e');
  });
});
