// Taking in reports: exactly once, contiguous, acknowledged after the commit.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatInstant } from '#shared/ids.ts';
import type { NewEvent } from '#shared/run/event.ts';
import { NOON, openFleet, type TestFleet, take, until } from '#test/console/core/support/fleet.ts';
import { TestMachine } from '#test/console/core/support/machine.ts';

let fleet: TestFleet;
let machine: TestMachine;
beforeEach(async () => {
  fleet = await openFleet();
  machine = await new TestMachine(fleet, 'till-1').join();
});
afterEach(() => fleet.close());

const at = formatInstant(NOON);
const state = (code: string): NewEvent => ({ kind: 'state', at, code, detail: 'x' });
const RUN = 'ab'.repeat(16);

const runEvents = (): NewEvent[] => [
  {
    kind: 'attempt-started',
    at,
    run: RUN,
    schedule: 'shops/backup',
    nominal: at,
    due: at,
    attempt: 1,
    cause: 'schedule',
  },
  {
    kind: 'attempt-finished',
    at,
    run: RUN,
    attempt: 1,
    outcome: 'failed',
    exitCode: 3,
    signal: null,
    startedAt: formatInstant(NOON + 40),
    finishedAt: formatInstant(NOON + 1_040),
    outputBytes: 5,
    output: 'disk?',
    truncated: false,
    isolation: 'session',
  },
  { kind: 'run-finished', at, run: RUN, schedule: 'shops/backup', outcome: 'failed', attempts: 1 },
];

describe('ingest', () => {
  it('acknowledges with the machine’s own receipt, its heads and an echo of its session', async () => {
    machine.append(state('A'), state('B'));
    const ack = await machine.deliver();
    expect(ack.receipt).toMatchObject({ incarnation: 1, seq: 2, hash: machine.hashes[2] });
    expect(ack.session).toBe(machine.session);
    expect(ack.want).toBeNull();
    expect(ack.heads.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'trust trust',
      'device till-1',
    ]);
    expect((await machine.detail()).log).toMatchObject({ incarnation: 1, seq: 2 });
  });

  it('projects runs with attempts and output from signed events', async () => {
    machine.append(...runEvents());
    await machine.deliver();
    const [run] = take(await fleet.core().call('runs.list', { schedule: 'backup' }));
    expect(run).toMatchObject({ run: RUN, state: 'failed', exitCode: 3, latenessMs: 40 });
    const detail = take(await fleet.core().call('runs.show', { run: RUN.slice(0, 6) }));
    expect(detail.attemptList).toMatchObject([{ attempt: 1, outcome: 'failed', output: 'disk?' }]);
    expect(await machine.summary()).toMatchObject({ failed: 1, running: 0 });
  });

  it('ignores what it has already and acknowledges again', async () => {
    machine.append(state('A'), ...runEvents());
    await machine.deliver();
    machine.received.clear();
    await machine.deliver();
    machine.append(state('B'));
    // A batch that overlaps what is stored brings only its new end.
    await machine.send(machine.report(3, 5, NOON));
    await machine.acked(5);
    const result = take(await fleet.core().call('verify', {}));
    expect(result).toMatchObject({ entries: 5, breaks: [] });
    expect(await machine.alarms()).not.toContain('CHAIN_BREAK');
  });

  it('asks for a gap and takes nothing beyond it (S5)', async () => {
    machine.append(state('A'), state('B'), state('C'));
    await machine.send(machine.report(3, 3, NOON));
    const ack = await until(() => (machine.ack()?.want ? machine.ack() : undefined), 'a want');
    expect(ack.want).toEqual({ incarnation: 1, from: 1, to: 2 });
    expect(ack.receipt).toBeNull();
    await machine.deliver();
    expect(machine.ack()?.want).toBeNull();
  });

  it('accepts nothing of an edited batch, and raises CHAIN_BREAK (S5)', async () => {
    machine.append(state('A'), state('B'));
    const entries = [
      machine.entries[0] as string,
      (machine.entries[1] as string).replace('B', 'C'),
    ];
    await machine.send(machine.report(1, 2, NOON, { entries }));
    await until(async () => (await machine.alarms()).includes('CHAIN_BREAK'), 'the alarm');
    expect((await machine.detail()).log).toBeNull();
  });

  it('raises CLONE_OR_FORK when another history comes under the same numbers (S6)', async () => {
    machine.append(state('A'), state('B'));
    await machine.deliver();
    const clone = new TestMachine(fleet, 'till-1', machine.signer);
    clone.append(state('A'), state('X'), state('Y'));
    await machine.send(clone.report(1, 3, NOON));
    await until(async () => (await machine.alarms()).includes('CLONE_OR_FORK'), 'the alarm');
    expect((await machine.detail()).log).toMatchObject({ seq: 2, hash: machine.hashes[2] });
  });

  it('refuses a report signed by another key (E3)', async () => {
    const stranger = new TestMachine(fleet, 'till-1');
    stranger.append(state('A'));
    await machine.send(stranger.report(1, 1, NOON));
    await until(async () => (await machine.alarms()).includes('DEVICE_KEY'), 'the alarm');
    expect((await machine.detail()).log).toBeNull();
  });

  it('stops inflating a bomb at the limit (J9)', async () => {
    const { gzipSync } = await import('node:zlib');
    await machine.send(gzipSync(Buffer.alloc(2_000_000)));
    await until(async () => (await machine.alarms()).includes('DECOMPRESS_LIMIT'), 'the alarm');
  });

  it('records a stated loss and goes on after it', async () => {
    machine.append(state('A'), state('B'), state('C'), state('D'));
    await machine.send(machine.report(1, 1, NOON));
    await machine.acked(1);
    const lost = { from: 2, to: 3, head: machine.hashes[3] as string };
    await machine.send(machine.report(4, 4, NOON, { lost }));
    await machine.acked(4);
    expect(await machine.alarms()).toContain('LOSS');
    expect(take(await fleet.core().call('verify', {}))).toMatchObject({ entries: 2, breaks: [] });
  });

  it('junk is one alarm, and ever fewer lines (P14)', async () => {
    const lines = () => fleet.log.filter((line) => line.startsWith('till-1:'));
    for (let n = 0; n < 120; n++) await machine.send(Buffer.from(`junk ${n}`));
    await until(() => lines().some((line) => line.endsWith('(100 times)')), 'the hundredth');
    expect(await machine.alarms()).toHaveLength(1);
    expect(lines()).toHaveLength(3);
  });

  it('keeps a death older than the last birth from undoing it (P16)', async () => {
    await machine.connect();
    await machine.hello();
    const dead = Buffer.from(JSON.stringify({ online: false, epoch: machine.epoch - 1 }));
    await machine.publish('muster1/shops/a/till-1/up/state', dead, true);
    machine.append(state('A'));
    await machine.deliver();
    expect((await machine.summary()).presence).toBe('online');
    await machine.cut();
    await until(async () => (await machine.summary()).presence === 'offline', 'the will');
  });
});
