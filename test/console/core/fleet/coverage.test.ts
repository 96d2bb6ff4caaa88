// How far a machine has what it should have; unknown is not pending.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { resolveSchedule } from '#console/core/fleet/names.ts';
import { nearest } from '#console/core/fleet/nearest.ts';
import { fault, openFleet, type TestFleet, until } from '#test/console/core/support/fleet.ts';
import { TestMachine } from '#test/console/core/support/machine.ts';

let fleet: TestFleet;
let machine: TestMachine;
beforeEach(async () => {
  fleet = await openFleet();
  machine = await new TestMachine(fleet, 'till-1').join({ site: 'north' });
  await fleet.apply(
    'stream: shops\naudience: all\nschedules:\n  a:\n    every: 1h\n    shell: x\n',
  );
});
afterEach(() => fleet.close());

const coverage = (word: string) =>
  until(async () => (await machine.summary()).coverage === word, `coverage ${word}`);

describe('coverage', () => {
  it('is unknown until the machine speaks, then pending, applied, or refused with its code', async () => {
    expect((await machine.summary()).coverage).toBe('unknown');
    await machine.status([]);
    await coverage('pending');
    const heads = await machine.applied();
    await machine.status(heads);
    await coverage('applied');
    await fleet.apply(
      'stream: shops\naudience: all\nschedules:\n  a:\n    every: 2h\n    shell: x\n',
    );
    expect((await machine.summary()).coverage).toBe('pending');
    const next = (await machine.applied()).find(({ kind }) => kind === 'schedule');
    await machine.status(heads, [{ code: 'POLICY_SHELL', docId: next?.docId ?? '' }]);
    await coverage('refused');
    const detail = await machine.detail();
    expect(detail.refused).toMatchObject([{ code: 'POLICY_SHELL', docId: next?.docId }]);
    expect(detail.documents.map(({ coverage: word }) => word)).toEqual([
      'applied',
      'applied',
      'refused',
    ]);
  });

  it('finds machines by label, and says that presence is unknown without a link', async () => {
    const list = async (labels: Record<string, string>) => {
      const result = await fleet.core().call('agents.list', { labels });
      return result.ok ? result.value.map(({ agent, presence }) => `${agent} ${presence}`) : [];
    };
    expect(await list({ site: 'north' })).toEqual(['till-1 online']);
    expect(await list({ site: 'south' })).toEqual([]);
    await fleet.reopen(false);
    expect(await list({})).toEqual(['till-1 unknown']);
  });
});

describe('schedule names', () => {
  const keys = ['shops/backup', 'labs/backup', 'shops/clean'];
  it('are short where that is enough, and otherwise name the candidates', () => {
    expect(resolveSchedule('clean', keys)).toEqual({ ok: true, value: 'shops/clean' });
    expect(resolveSchedule('labs/backup', keys)).toEqual({ ok: true, value: 'labs/backup' });
    expect(resolveSchedule('backup', keys)).toMatchObject({
      fault: { code: 'AMBIGUOUS', hint: 'say which: labs/backup, shops/backup' },
    });
    expect(fault(resolveSchedule('shops/nope', keys))).toBe('SCHEDULE_UNKNOWN');
  });

  it('are guessed only when near', () => {
    expect(nearest('bakup', ['backup', 'clean'])).toBe('backup');
    expect(nearest('reboot', ['backup', 'clean'])).toBeUndefined();
  });
});

describe('the surface', () => {
  it('refuses parameters that do not parse, and answers nothing once closed', async () => {
    const core = fleet.core();
    expect(fault(await core.call('agents.show', { agent: 'NO' }))).toBe('PARAMS');
    expect(fault(await core.call('nothing' as 'core.status', {}))).toBe('PARAMS');
    expect(await core.call('core.status', {})).toMatchObject({
      value: { fleet: 'shops', trustVersion: 1, agents: { total: 1, online: 1 } },
    });
    await fleet.reopen(false);
    expect(fault(await core.call('core.status', {}))).toBe('CLOSED');
  });

  it('pushes the names of what changed', async () => {
    const seen: string[] = [];
    const stop = fleet.core().onPush((push) => seen.push(push.kind));
    await machine.status([]);
    await until(() => seen.includes('agents'), 'a push');
    stop();
  });
});
