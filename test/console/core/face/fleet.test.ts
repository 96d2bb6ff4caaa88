// The fleet at a glance over the real core: pages, counts, groups, cells, attention, the timeline of one machine.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '#shared/node/sha256.ts';
import { splayOffset } from '#shared/time/splay.ts';
import { fault, NOON, openFleet, type TestFleet, take, until } from '../support/fleet.ts';
import { TestMachine } from '../support/machine.ts';

const YAML = `stream: backups
audience: all
schedules:
  nightly:
    cron: "30 2 * * *"
    splay: 10m
    exec: [/usr/bin/backup]
  hourly:
    every: 1h
    exec: [/usr/bin/true]
`;
const RUN = 'ab'.repeat(16);
let fleet: TestFleet;
let one: TestMachine;
let two: TestMachine;
let silent: TestMachine;

const at = (offsetMs: number): string =>
  new Date(NOON + offsetMs).toISOString().replace('.000Z', 'Z');
const call = () => fleet.core();
const page = async (params = {}) => take(await call().call('fleet.page', params));

beforeAll(async () => {
  fleet = await openFleet();
  one = await new TestMachine(fleet, 'till-1').join({ site: 'berlin' });
  two = await new TestMachine(fleet, 'till-2').join({ site: 'kiel' });
  silent = await new TestMachine(fleet, 'kiosk-1').join();
  await fleet.apply(YAML);
  await one.status(await one.applied());
  const refused = (await two.applied()).find(({ kind }) => kind === 'schedule');
  await two.status([], [{ code: 'SCOPE', docId: refused?.docId ?? '' }]);
  const row = {
    schedule: 'backups/hourly',
    from: at(-3_600_000),
    to: at(-3_600_000),
    count: 1,
    due: at(-3_600_000),
    detail: null,
  };
  one.append(
    {
      kind: 'ledger',
      at: at(-3_600_000),
      rows: [{ ...row, disposition: 'starting', reason: null, run: RUN }],
    },
    {
      kind: 'attempt-started',
      at: at(-3_599_000),
      run: RUN,
      schedule: 'backups/hourly',
      nominal: at(-3_600_000),
      due: at(-3_600_000),
      attempt: 1,
      cause: 'schedule',
    },
  );
  await one.deliver(NOON);
  await until(async () => (await one.summary()).running === 1, 'the run');
});
afterAll(() => fleet.close());

describe('fleet.page', () => {
  it('gives each machine one word, and counts them all', async () => {
    const { rows, total, counts } = await page();
    expect(total).toBe(3);
    expect(rows.map(({ agent, status }) => [agent, status])).toEqual([
      ['kiosk-1', 'unknown'],
      ['till-1', 'running'],
      ['till-2', 'refused'],
    ]);
    expect(counts).toMatchObject({ unknown: 1, running: 1, refused: 1, ok: 0 });
    expect(rows[1]).toMatchObject({
      revision: { stream: 'backups', applied: 1, wanted: 1 },
      running: 1,
      presence: 'online',
      labels: { site: 'berlin' },
    });
  });

  it('filters by words, labels and status, and counts what the filter leaves', async () => {
    expect((await page({ filter: 'TILL' })).total).toBe(2);
    expect((await page({ filter: 'ber' })).rows.map(({ agent }) => agent)).toEqual(['till-1']);
    expect((await page({ filter: 'site=kiel till' })).total).toBe(1);
    expect((await page({ labels: { site: 'nowhere' } })).total).toBe(0);
    const refused = await page({ status: ['refused'] });
    expect([refused.total, refused.matched, refused.rows.length]).toEqual([3, 1, 1]);
    expect((await page({ filter: '100%_' })).total).toBe(0);
  });

  it('groups by a label, machines without it last', async () => {
    const { groups, rows } = await page({ groupBy: 'site' });
    expect(groups?.map(({ value, total }) => [value, total])).toEqual([
      ['berlin', 1],
      ['kiel', 1],
      [null, 1],
    ]);
    expect(rows.map(({ agent }) => agent)).toEqual(['till-1', 'till-2', 'kiosk-1']);
  });

  it('pages by offset and by the last machine, in either direction', async () => {
    const names = async (params: object) => (await page(params)).rows.map(({ agent }) => agent);
    expect(await names({ limit: 1, offset: 1 })).toEqual(['till-1']);
    expect(await names({ limit: 2, after: 'kiosk-1' })).toEqual(['till-1', 'till-2']);
    expect(await names({ sort: '-name', after: 'till-2' })).toEqual(['till-1', 'kiosk-1']);
    expect(await names({ sort: 'status', limit: 1 })).toEqual(['till-2']);
    expect(await names({ sort: 'status', after: 'till-2', limit: 1 })).toEqual(['kiosk-1']);
    expect(fault(await call().call('fleet.page', { after: 'nobody' }))).toBe('AGENT_UNKNOWN');
    const mixed = await call().call('fleet.page', { after: 'till-1', groupBy: 'site' });
    expect(fault(mixed)).toBe('PARAMS');
  });

  it('computes the next occurrence here, with the machine’s own splay (T22)', async () => {
    const [row] = (await page({ filter: 'till-1' })).rows;
    expect(row?.next).toEqual({ schedule: 'backups/hourly', at: at(3_600_000) });
    // Just after the nominal instant the machine's own moment is still to come.
    const nominal = Date.UTC(2026, 2, 3, 2, 30);
    fleet.clock.set(nominal + 1);
    const splayMs = splayOffset('till-1', 'backups/nightly', 600_000, 86_400_000, sha256);
    const [later] = (await page({ filter: 'till-1' })).rows;
    fleet.clock.set(NOON);
    expect(splayMs).toBeGreaterThan(1);
    expect(later?.next).toEqual({
      schedule: 'backups/nightly',
      at: new Date(nominal + splayMs).toISOString().replace('.000Z', 'Z'),
    });
  });

  it('shows what changed since, without being asked to', async () => {
    await silent.cut();
    await until(
      async () => (await page({ filter: 'kiosk-1' })).rows[0]?.status === 'offline',
      'the machine that went away',
    );
  });
});

describe('fleet.grid and fleet.attention', () => {
  it('gives a cell per machine, with its group', async () => {
    const { cells, truncated } = take(await call().call('fleet.grid', { groupBy: 'site' }));
    expect(truncated).toBe(false);
    expect(cells.map(({ agent, group }) => [agent, group])).toEqual([
      ['till-1', 'berlin'],
      ['till-2', 'kiel'],
      ['kiosk-1', null],
    ]);
  });

  it('names who refuses with the code, and who fell silent', async () => {
    const items = take(await call().call('fleet.attention', {}));
    const byKind = new Map(items.map((item) => [item.kind, item]));
    expect(byKind.get('refused')).toMatchObject({
      machines: 1,
      first: [{ agent: 'till-2', detail: 'SCOPE' }],
      link: { trouble: 'refused' },
    });
    expect(byKind.get('silent')?.machines).toBe(0);
    expect((await page({ trouble: 'refused' })).rows.map(({ agent }) => agent)).toEqual(['till-2']);
    fleet.clock.set(NOON + 2 * 3_600_000);
    const later = take(await call().call('fleet.attention', {}));
    fleet.clock.set(NOON);
    expect(later.find(({ kind }) => kind === 'silent')?.machines).toBe(3);
  });

  it('counts failures and missed occurrences of a day, and forgets them after it', async () => {
    one.append({
      kind: 'ledger',
      at: at(0),
      rows: [
        {
          schedule: 'backups/hourly',
          from: at(-2 * 3_600_000),
          to: at(-2 * 3_600_000),
          count: 1,
          due: at(-2 * 3_600_000),
          disposition: 'expired',
          reason: 'deadline',
          detail: null,
          run: null,
        },
      ],
    });
    await one.deliver(NOON, 3);
    const missed = async () => (await page({ filter: 'till-1' })).rows[0]?.missed24h;
    await until(async () => (await missed()) === 1, 'the missed one');
    const items = take(await call().call('fleet.attention', {}));
    expect(items.find(({ kind }) => kind === 'missed')?.first).toEqual([
      {
        agent: 'till-1',
        run: null,
        schedule: 'backups/hourly',
        detail: 'deadline',
        at: at(-2 * 3_600_000),
      },
    ]);
    fleet.clock.set(NOON + 23 * 3_600_000);
    expect(await missed()).toBe(0);
    fleet.clock.set(NOON);
  });
});

describe('agents.timeline', () => {
  it('puts runs, gaps with reasons and coming occurrences on one axis', async () => {
    const timeline = take(
      await call().call('agents.timeline', {
        agent: 'till-1',
        since: at(-86_400_000),
        until: at(86_400_000),
      }),
    );
    expect(timeline.runs).toMatchObject([
      { run: RUN, planned: at(-3_600_000), due: at(-3_600_000), started: at(-3_599_000) },
    ]);
    expect(timeline.gaps).toMatchObject([{ disposition: 'expired', reason: 'deadline' }]);
    expect(timeline.coming.filter(({ schedule }) => schedule === 'backups/hourly')).toHaveLength(
      24,
    );
    const nightly = timeline.coming.find(({ schedule }) => schedule === 'backups/nightly');
    expect(nightly?.planned).toBe('2026-03-03T02:30:00Z');
    expect(Date.parse(nightly?.due ?? '')).toBeGreaterThan(Date.parse('2026-03-03T02:30:00Z'));
    expect(timeline).toMatchObject({ truncated: false, cursor: at(0) });
  });

  it('is cut at the limit and says so; nonsense is a fault', async () => {
    const range = { agent: 'till-1', since: at(0), until: at(86_400_000) };
    const cut = take(await call().call('agents.timeline', { ...range, limit: 5 }));
    expect([cut.coming.length, cut.truncated]).toEqual([5, true]);
    expect(fault(await call().call('agents.timeline', { ...range, agent: 'nobody' }))).toBe(
      'AGENT_UNKNOWN',
    );
    expect(fault(await call().call('agents.timeline', { ...range, until: at(-1_000) }))).toBe(
      'RANGE',
    );
  });
});
