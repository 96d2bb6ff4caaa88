// What whoever holds the broker can put in an agent's way, over the embedded broker and a real Mosquitto.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBroker } from '#shared/node/brokers.ts';
import type { BrokerConnection } from '#shared/protocol/broker.ts';
import { topicsOf } from '#shared/protocol/topics.ts';
import { requireTool } from '#test/support/require-tool.ts';
import { eventually, startTestFleet, type TestFleet } from '#test/support/test-fleet.ts';

const yaml = (greeting: string, audience = 'all') => `stream: shop
audience: ${audience}
schedules:
  greet:
    every: 1s
    shell: echo ${greeting}
`;

const brokers = [
  ['embedded', true],
  ['mosquitto', requireTool('mosquitto', 'apt-get install mosquitto')],
] as const;

for (const [name, present] of brokers) {
  describe.skipIf(!present)(`forged documents over ${name}`, () => {
    let fleet: TestFleet;
    let intruder: BrokerConnection;
    const seen = new Map<string, Uint8Array>();
    const topics = topicsOf('testfleet');
    const schedule = (agent: string) => topics.document(agent, 'schedule', 'shop');

    beforeAll(async () => {
      fleet = await startTestFleet(name);
      for (const agent of ['till-1', 'till-2']) await fleet.start(await fleet.enrol(agent));
      const first = await fleet.apply(yaml('one', '{agents: [till-2]}'), '--wait', '30');
      expect(first, first.stderr).toMatchObject({ code: 0 });
      // Two kinds of document: one till-2 alone may have, then one for both.
      const holder = openBroker(fleet.broker.url, fleet.login());
      const connected = await holder.connect({ clientId: 'intruder' }, (message) => {
        if (message.payload.length > 0) seen.set(message.topic, message.payload);
      });
      if (!connected.ok) throw new Error(connected.fault.message);
      intruder = connected.value;
      await intruder.subscribe([schedule('till-1'), schedule('till-2')]);
      await eventually('the first revision is on the broker', async () =>
        seen.has(schedule('till-2')),
      );
    }, 120_000);
    afterAll(async () => {
      await intruder?.close();
      await fleet?.close();
    });

    const put = (payload: Uint8Array) =>
      intruder.publish({ topic: schedule('till-1'), payload, retain: true });
    const refusedWith = (code: string) =>
      eventually(`till-1 refuses with ${code}`, async () => {
        const shown = await fleet.muster('agents', 'show', 'till-1', '--json');
        return (JSON.parse(shown.stdout) as { refused: { code: string }[] }).refused.some(
          (it) => it.code === code,
        );
      });
    const goesOn = async (greeting: string) => {
      const at = new Date().toISOString();
      await eventually('till-1 goes on with what it has', async () => {
        const [run] = await fleet.call('runs.list', {
          agent: 'till-1',
          since: at,
          outcome: 'succeeded',
          limit: 1,
        });
        if (!run) return false;
        const { attemptList } = await fleet.call('runs.show', { run: run.run });
        return attemptList[0]?.output.trim() === greeting;
      });
    };

    it("another agent's document is refused (P1 AUDIENCE)", async () => {
      await put(seen.get(schedule('till-2')) as Uint8Array);
      await refusedWith('AUDIENCE');
      expect((await fleet.call('runs.list', { agent: 'till-1' })).length).toBe(0);
    });

    it('a changed byte is refused (C1 SIG_INVALID), and the agent goes on', async () => {
      const applied = await fleet.apply(yaml('two'), '--wait', '30');
      expect(applied, applied.stderr).toMatchObject({ code: 0 });
      await goesOn('two');
      const envelope = JSON.parse(new TextDecoder().decode(seen.get(schedule('till-1')))) as {
        payload: string;
      };
      const payload = Buffer.from(envelope.payload, 'base64').toString();
      expect(payload).toContain('echo two');
      const forged = Buffer.from(payload.replace('echo two', 'echo 2wo')).toString('base64');
      await put(new TextEncoder().encode(JSON.stringify({ ...envelope, payload: forged })));
      await refusedWith('SIG_INVALID');
      await goesOn('two');
    });

    it('an older revision put back is refused (P2 REV_ROLLBACK), and the agent goes on', async () => {
      const second = await fleet.apply(yaml('three'), '--wait', '30');
      expect(second, second.stderr).toMatchObject({ code: 0 });
      const older = seen.get(schedule('till-2')) as Uint8Array;
      const applied = await fleet.apply(yaml('four'), '--wait', '30');
      expect(applied, applied.stderr).toMatchObject({ code: 0 });
      await put(older);
      await refusedWith('REV_ROLLBACK');
      await goesOn('four');
    });

    it('after all of it every occurrence is accounted for, and every signature holds', async () => {
      const check = await fleet.muster('ledger', '--check', '--json');
      expect(JSON.parse(check.stdout)).toMatchObject({
        unaccounted: 0,
        duplicates: 0,
        unexpected: 0,
      });
      expect(check.code).toBe(0);
      expect((await fleet.muster('verify')).code).toBe(0);
    });

    it('a machine dropped from the audience is told so, and runs nothing of it any more', async () => {
      const dropped = await fleet.apply(yaml('five', '{agents: [till-2]}'), '--wait', '30');
      expect(dropped, dropped.stderr).toMatchObject({ code: 0 });
      const list = await fleet.call('schedules.list', { agent: 'till-1' });
      expect(list).toEqual([]);
      const account = await fleet.call('ledger.check', { agent: 'till-1' });
      expect(account).toMatchObject({ unaccounted: 0, duplicates: 0 });
    });
  });
}
