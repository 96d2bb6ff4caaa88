// Live output over the real core: asked for, signed by the machine, kept in memory, and the log's copy afterwards.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Push } from '#console/api.ts';
import { topicsOf } from '#shared/protocol/topics.ts';
import type { TailDocument } from '#shared/trust/documents.ts';
import { sealEnvelope } from '#shared/trust/envelope.ts';
import {
  FLEET,
  fault,
  NOON,
  newSigner,
  openFleet,
  type TestFleet,
  take,
  until,
} from '../support/fleet.ts';
import { CAPABILITIES, TestMachine } from '../support/machine.ts';

const topics = topicsOf(FLEET);
const RUN = 'cd'.repeat(16);
const NOW = new Date(NOON).toISOString().replace('.000Z', 'Z');
let fleet: TestFleet;
let machine: TestMachine;
const pushes: Push[] = [];
const hints: Uint8Array[] = [];

const tail = (changes: Partial<TailDocument>): TailDocument => ({
  kind: 'tail',
  fleet: FLEET,
  agent: 'till-1',
  run: RUN,
  attempt: 1,
  from: 0,
  to: 6,
  total: 6,
  text: 'hello\n',
  ...changes,
});
const send = (changes: Partial<TailDocument>, signer = machine.signer) =>
  machine.publish(topics.tail('till-1'), sealEnvelope('tail', tail(changes), [signer]), false);
const read = async (from = 0) =>
  take(await fleet.core().call('runs.tail', { run: RUN.slice(0, 8), from }));
const started = (run: string) => ({
  kind: 'attempt-started' as const,
  at: NOW,
  run,
  schedule: 'backups/nightly',
  nominal: NOW,
  due: NOW,
  attempt: 1,
  cause: 'schedule' as const,
});

/** Messages of one machine are taken in order: once this entry is acknowledged, all before it were looked at. */
async function fence(): Promise<void> {
  machine.append({ kind: 'state', at: NOW, code: 'NOTE', detail: 'still here' });
  await machine.deliver(NOON, machine.entries.length);
}

beforeAll(async () => {
  fleet = await openFleet();
  machine = new TestMachine(fleet, 'till-1');
  machine.capabilities = [...CAPABILITIES, 'tail'];
  await machine.join();
  const spy = take(
    await fleet.broker.broker.connect({ clientId: 'spy' }, ({ payload }) => hints.push(payload)),
  );
  take(await spy.subscribe([topics.watch('till-1')]));
  fleet.core().onPush((push) => pushes.push(push));
  machine.append(started(RUN));
  await machine.deliver();
  await until(async () => (await machine.summary()).running === 1, 'the run');
});
afterAll(() => fleet.close());

describe('runs.tail', () => {
  it('takes nothing that nobody asked for', async () => {
    await send({ text: 'before\n', to: 7, total: 7 });
    await fence();
    expect(pushes.some(({ kind }) => kind === 'tail')).toBe(false);
  });

  it('asks the machine, and hands on what it signed as it comes', async () => {
    expect(await read()).toMatchObject({ source: 'waiting', text: '', running: true, attempt: 1 });
    const hint = await until(() => hints[0], 'the hint');
    expect(JSON.parse(Buffer.from(hint).toString())).toEqual({ run: RUN, ms: 120_000 });
    await send({});
    await until(() => pushes.some((push) => push.kind === 'tail' && push.run === RUN), 'the push');
    expect(await read()).toEqual({
      run: RUN,
      attempt: 1,
      from: 0,
      to: 6,
      text: 'hello\n',
      total: 6,
      running: true,
      source: 'live',
    });
    await send({ from: 6, to: 12, total: 12, text: 'wörld' });
    await until(async () => (await read()).to === 12, 'the rest');
    expect((await read(6)).text).toBe('wörld');
    // The second byte of a character is no place to begin.
    expect(await read(8)).toMatchObject({ from: 9, text: 'rld' });
    expect(await read(12)).toMatchObject({ from: 12, to: 12, text: '' });
  });

  it('believes nobody but the machine itself (E3)', async () => {
    const before = pushes.filter(({ kind }) => kind === 'tail').length;
    await send({ from: 12, to: 16, text: 'lies' }, newSigner());
    await send({ from: 12, to: 16, text: 'lies', agent: 'till-2' });
    await send({ from: 99, to: 13, text: 'lies' });
    await fence();
    expect(pushes.filter(({ kind }) => kind === 'tail')).toHaveLength(before);
    expect((await read()).text).not.toContain('lies');
  });

  it('begins anew behind a hole, so that old and new never look like one', async () => {
    await send({ from: 1_000, to: 1_004, total: 1_004, text: 'late' });
    await until(async () => (await read()).to === 1_004, 'what came after the hole');
    expect(await read()).toMatchObject({ from: 1_000, text: 'late', total: 1_004 });
  });

  it('gives the signed end of the output once the attempt is over', async () => {
    machine.append({
      kind: 'attempt-finished',
      at: NOW,
      run: RUN,
      attempt: 1,
      outcome: 'succeeded',
      exitCode: 0,
      signal: null,
      startedAt: NOW,
      finishedAt: NOW,
      outputBytes: 1_009,
      output: 'late\ndone',
      truncated: false,
      isolation: 'session',
    });
    machine.append({
      kind: 'run-finished',
      at: NOW,
      run: RUN,
      schedule: 'backups/nightly',
      outcome: 'succeeded',
      attempts: 1,
    });
    await machine.deliver(NOON, machine.entries.length - 1);
    await until(async () => (await read()).source === 'log', 'the end');
    expect(await read(1_004)).toMatchObject({
      from: 1_004,
      to: 1_009,
      text: '\ndone',
      running: false,
    });
    expect(fault(await fleet.core().call('runs.tail', { run: RUN, attempt: 2 }))).toBe(
      'ATTEMPT_UNKNOWN',
    );
    expect(fault(await fleet.core().call('runs.tail', { run: 'ffff' }))).toBe('RUN_UNKNOWN');
  });

  it('names the runs that changed in its pushes', () => {
    expect(pushes).toContainEqual({ kind: 'runs', agents: ['till-1'], runs: [RUN] });
  });
});
