// Commands through the whole daemon: for this session, once, soon, by somebody who may.
import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { policyText } from '#agent/policy/templates.ts';
import type { EventKind, EventOf } from '#shared/run/event.ts';
import { startFleet, type TestFleet } from './fleet.ts';
import { AGENT, newKey, schedule, topics, until } from './parts.ts';

let fleet: TestFleet;
beforeEach(async () => {
  fleet = await startFleet();
  await fleet.enrol();
  await fleet.publishSchedule([
    schedule('a'),
    schedule('slow', { job: { kind: 'exec', argv: ['/bin/sleep', '30'] } }),
  ]);
});
afterEach(() => fleet.dispose());

const event = <K extends EventKind>(
  kind: K,
  matches: (one: EventOf<K>) => boolean = () => true,
): Promise<EventOf<K>> =>
  until(`a ${kind}`, () =>
    fleet.seen.events.find(
      (one): one is EventOf<K> => one.kind === kind && matches(one as EventOf<K>),
    ),
  );
const refused = (code: string) => event('document-refused', (one) => one.code === code);
const ready = () => event('document-applied', ({ docKind }) => docKind === 'schedule');

describe('a command', () => {
  it('run: starts the job once, although it is delivered twice (P11)', async () => {
    await fleet.start();
    await ready();
    const bytes = await fleet.command({ verb: 'run', schedule: 'shop/a' });
    await event('command-accepted', ({ verb }) => verb === 'run');
    expect(await event('attempt-finished')).toMatchObject({
      outcome: 'succeeded',
      output: 'hello\n',
    });
    await fleet.publish(topics.command(AGENT), bytes, false);
    await refused('REPLAY');
    expect(fleet.seen.events.filter(({ kind }) => kind === 'attempt-started')).toHaveLength(1);
  });

  it('of an earlier session is refused after a restart (P11)', async () => {
    const daemon = await fleet.start();
    await ready();
    const bytes = await fleet.command({ verb: 'pause', schedule: null });
    await event('paused');
    await daemon.close();
    await fleet.start();
    await until('a second session', () => fleet.seen.hellos.length > 1);
    await fleet.publish(topics.command(AGENT), bytes, false);
    await refused('SESSION');
    const [first, second] = fleet.seen.hellos;
    expect(first?.session).not.toBe(second?.session);
    expect(second?.epoch).toBeGreaterThan(first?.epoch ?? 0);
  });

  it('that comes too late, or would live too long, is refused (P12)', async () => {
    await fleet.start();
    await ready();
    await fleet.command({ verb: 'run', schedule: 'shop/a' }, { notAfterMs: 0 });
    await refused('EXPIRED');
    const monthMs = 30 * 86_400_000;
    await fleet.command({ verb: 'run', schedule: 'shop/a' }, { notAfterMs: monthMs });
    await refused('EXPIRY_TOO_LONG');
  });

  it('for another agent, or by a key nobody knows, is refused (P1, C6)', async () => {
    await fleet.start();
    await ready();
    await fleet.command({ verb: 'run', schedule: 'shop/a' }, { agent: 'till-2' });
    await refused('AUDIENCE');
    await fleet.command({ verb: 'run', schedule: 'shop/a' }, {}, newKey());
    await refused('KEY_UNKNOWN');
    await fleet.command({ verb: 'run', schedule: 'shop/a' }, {}, fleet.keys.enroller);
    await refused('SCOPE');
    expect(fleet.seen.events.some(({ kind }) => kind === 'attempt-started')).toBe(false);
  });

  it('cancel: ends the run it names', async () => {
    await fleet.start();
    await ready();
    await fleet.command({ verb: 'run', schedule: 'shop/slow' });
    const { run } = await event('attempt-started');
    await fleet.command({ verb: 'cancel', run });
    expect(await event('attempt-finished')).toMatchObject({ run, outcome: 'cancelled' });
  });

  it('pause and resume: recorded with the command nonce and told in the status', async () => {
    await fleet.start();
    await ready();
    await fleet.command({ verb: 'pause', schedule: 'shop/a' }, { nonce: 'ab'.repeat(16) });
    expect(await event('paused')).toMatchObject({ schedule: 'shop/a', nonce: 'ab'.repeat(16) });
    await until('the pause', () => fleet.seen.statuses.at(-1)?.paused.includes('shop/a'));
    await fleet.command({ verb: 'resume', schedule: 'shop/a' }, { nonce: 'cd'.repeat(16) });
    expect(await event('resumed')).toMatchObject({ nonce: 'cd'.repeat(16) });
    await until('its end', () => fleet.seen.statuses.at(-1)?.paused.length === 0);
  });

  it('to run what the local policy forbids is refused with its code (L2)', async () => {
    writeFileSync(fleet.data.policy, policyText('locked'));
    await fleet.start();
    await ready();
    await fleet.command({ verb: 'run', schedule: 'shop/a' });
    await refused('POLICY_RUNAS');
    expect(fleet.seen.events.some(({ kind }) => kind === 'attempt-started')).toBe(false);
  });

  it('about a schedule that is not here is accepted as signed, and refused as impossible', async () => {
    await fleet.start();
    await ready();
    await fleet.command({ verb: 'run', schedule: 'shop/ghost' });
    await event('command-accepted');
    await refused('SCHEDULE_UNKNOWN');
  });
});
