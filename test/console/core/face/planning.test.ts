// Editing over the real core: previews, the text of streams, the occurrence diff, coverage.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareOccurrences } from '#console/core/fleet/compare.ts';
import { readDesiredFile } from '#console/core/planner/read-file.ts';
import { parseDuration, parseSize } from '#console/core/planner/units.ts';
import { formatDuration, formatSize, writeFile } from '#console/core/planner/write-file.ts';
import type { Trigger } from '#shared/schedule/trigger.ts';
import { compileTrigger } from '#shared/time/occurrences.ts';
import { fault, NOON, openFleet, type TestFleet, take } from '../support/fleet.ts';
import { TestMachine } from '../support/machine.ts';

const FILE = `# The night's work.
stream: backups
audience: all
defaults: {zone: Europe/Berlin}
schedules:
  nightly: # after the shop closed
    cron: "30 2 * * *"
    exec: [/usr/bin/backup, "two words"]
    catchUp: {policy: all, limit: 3, deadline: 1h30m}
    retry: {attempts: 3, initial: 90s}
    outputCap: 1MB
  hourly:
    every: 90m
    anchor: 2026-01-01T00:00:30Z
    shell: "echo 'ja: #1' && true"
    env: {A: "yes", B: "007"}
    timeout: 2m
    splay: 250ms
  once:
    at: 2026-05-01T10:00:00
    exec: [/usr/bin/true]
    x: {ticket: 7}
    paused: true
    description: "a: b"
`;
let fleet: TestFleet;
let one: TestMachine;

beforeAll(async () => {
  fleet = await openFleet();
  one = await new TestMachine(fleet, 'till-1').join({ site: 'berlin' });
  await new TestMachine(fleet, 'till-2').join({ site: 'kiel' });
});
afterAll(() => fleet.close());
const core = () => fleet.core();

describe('preview.next', () => {
  it('marks the days on which clocks change (T19)', async () => {
    const schedule = { cron: '30 2 * * *', zone: 'Europe/Berlin' };
    const asked = { schedule, count: 3, after: '2026-03-27T12:00:00Z' };
    const preview = take(await core().call('preview.next', asked));
    expect(preview.occurrences).toEqual([
      { at: '2026-03-28T01:30:00Z', local: '2026-03-28T02:30:00+01:00' },
      {
        at: '2026-03-29T01:00:00Z',
        local: '2026-03-29T03:00:00+02:00',
        shift: 'gap',
        note: 'moved: its time is skipped today',
      },
      { at: '2026-03-30T00:30:00Z', local: '2026-03-30T02:30:00+02:00' },
    ]);
    expect(preview).toMatchObject({
      zone: 'Europe/Berlin',
      words: 'cron 30 2 * * * in Europe/Berlin',
    });
  });

  it('takes every, at and ready triggers, and periods as files write them', async () => {
    const every = take(await core().call('preview.next', { schedule: { every: '90m' }, count: 2 }));
    expect(every.occurrences.map(({ at }) => at)).toEqual(
      ['2026-03-02T12:00:00Z', '2026-03-02T13:30:00Z'].map((at) =>
        new Date(Date.parse(at) + 90 * 60_000).toISOString().replace('.000Z', 'Z'),
      ),
    );
    const trigger: Trigger = { kind: 'at', time: '2027-01-01T00:00:00Z' };
    expect(take(await core().call('preview.next', { trigger })).occurrences).toHaveLength(1);
  });

  it('answers nonsense with a fault that says where', async () => {
    const where = async (schedule: Record<string, string>) => {
      const answer = await core().call('preview.next', { schedule });
      return answer.ok ? 'ok' : `${answer.fault.code} ${answer.fault.at}`;
    };
    expect(await where({ cron: '61 * * * *' })).toMatch(/^CRON_SYNTAX cron/);
    expect(await where({ cron: '0 0 30 2 *' })).toBe('CRON_NEVER cron');
    expect(await where({ cron: '* * * * *', zone: 'Mars/Base' })).toBe('ZONE_UNKNOWN zone');
    expect(await where({ every: 'often' })).toBe('PERIOD_INVALID every');
    expect(await where({ every: '5m', anchor: 'then' })).toBe('TIME_INVALID anchor');
    expect(await where({ at: 'soon' })).toMatch(/_INVALID at$/);
    expect(await where({ cron: '* * * * *', every: '5m' })).toBe('TRIGGER_COUNT every');
    expect(await where({})).toBe('TRIGGER_COUNT cron');
    expect(await where({ every: '5m', zone: 'Mars/Base' })).toBe('ZONE_UNKNOWN zone');
    expect(fault(await core().call('preview.next', {}))).toBe('TRIGGER_COUNT');
  });
});

describe('the text of a stream', () => {
  it('is the file as it was written while it says what was signed', async () => {
    await fleet.apply(FILE);
    const kept = take(await core().call('streams.yaml', { stream: 'backups' }));
    expect(kept).toEqual({ stream: 'backups', revision: 1, yaml: FILE, from: 'file' });
    await fleet.reopen();
    expect(take(await core().call('streams.yaml', { stream: 'backups' })).from).toBe('file');
    expect(take(await core().call('streams.list', {}))).toMatchObject([
      {
        stream: 'backups',
        revision: 1,
        schedules: 3,
        agents: 2,
        publishedAt: '2026-03-02T12:00:00Z',
      },
    ]);
    expect(fault(await core().call('streams.yaml', { stream: 'nothing' }))).toBe('STREAM_UNKNOWN');
  });

  it('is made from the document otherwise, and means the very same', () => {
    const read = readDesiredFile('f', FILE);
    if (!('stream' in read)) throw new Error('does not parse');
    const text = writeFile('backups', ['till-1'], read.stream.schedules);
    const again = readDesiredFile('f', text);
    if (!('stream' in again)) throw new Error(JSON.stringify(again.faults));
    expect(again.stream.schedules).toEqual(read.stream.schedules);
    expect(text).toContain('retry:\n      attempts: 3\n      initial: 1m30s');
    expect(text).toContain('every: 1h30m');
  });

  it('writes durations and sizes that read back as they were', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 400 * 86_400_000 }), (ms) => {
        expect(parseDuration(formatDuration(ms))).toBe(ms);
      }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 67_108_864 }), (bytes) => {
        expect(parseSize(formatSize(bytes))).toBe(bytes);
      }),
    );
  });
});

describe('schedules.show', () => {
  it('has all an editor needs', async () => {
    const shown = take(await core().call('schedules.show', { schedule: 'nightly', count: 2 }));
    expect(shown).toMatchObject({
      schedule: 'backups/nightly',
      trigger: 'cron 30 2 * * * in Europe/Berlin',
      agents: ['till-1', 'till-2'],
      agentCount: 2,
      runs: [],
      yaml: FILE,
    });
    expect(shown.next).toHaveLength(2);
    const paused = take(await core().call('schedules.show', { schedule: 'backups/once' }));
    expect(paused.next).toEqual([]);
    expect(fault(await core().call('schedules.show', { schedule: 'nigthly' }))).toBe(
      'SCHEDULE_UNKNOWN',
    );
  });
});

describe('plan.occurrences', () => {
  const diff = async (text: string, days = 14) =>
    take(await core().call('plan.occurrences', { files: [{ name: 'f.yaml', text }], days }));

  it('says nothing where nothing changes', async () => {
    const same = await diff(FILE);
    expect(same.schedules).toEqual([]);
    expect(same.total).toEqual({ starts: 0, stops: 0, moves: 0, machines: 0 });
  });

  it('tells what moves, starts and stops, per machine and in all', async () => {
    const text = FILE.replace('30 2 * * *', '30 4 * * *').replace('every: 90m', 'every: 3h');
    const { schedules, total, from, to } = await diff(text, 10);
    const byName = new Map(schedules.map((one) => [one.schedule, one]));
    expect([from, to]).toEqual(['2026-03-02T12:00:00Z', '2026-03-12T12:00:00Z']);
    expect(byName.get('nightly')).toMatchObject({
      change: 'changed',
      exact: true,
      before: 10,
      after: 10,
      starts: { count: 0 },
      stops: { count: 0 },
      moves: { count: 10 },
      machines: { before: 2, after: 2, joining: 0, leaving: 0 },
    });
    expect(byName.get('nightly')?.moves.first[0]).toEqual({
      from: '2026-03-03T01:30:00Z',
      to: '2026-03-03T03:30:00Z',
    });
    expect(byName.get('hourly')).toMatchObject({ starts: { count: 0 }, stops: { count: 80 } });
    expect(total).toEqual({ starts: 0, stops: 160, moves: 20, machines: 2 });
  });

  it('counts machines that leave, a removal, and faults as plan.prepare has them', async () => {
    const left = await diff(FILE.replace('audience: all', 'audience: {labels: {site: kiel}}'), 1);
    expect(left.total).toEqual({ starts: 0, stops: 17, moves: 0, machines: 2 });
    const gone = take(await core().call('plan.occurrences', { remove: 'backups', days: 1 }));
    expect(gone.total).toEqual({ starts: 0, stops: 34, moves: 0, machines: 2 });
    expect((await diff('stream: x')).faults.length).toBeGreaterThan(0);
    expect(fault(await core().call('plan.occurrences', {}))).toBe('PARAMS');
    expect(fault(await core().call('plan.occurrences', { remove: 'nothing' }))).toBe(
      'STREAM_UNKNOWN',
    );
  });

  it('sees other jobs at the same times', async () => {
    const { schedules } = await diff(FILE.replace('/usr/bin/backup', '/usr/bin/other'));
    expect(schedules).toMatchObject([
      { schedule: 'nightly', starts: { count: 0 }, stops: { count: 0 }, otherwise: ['job.argv'] },
    ]);
  });

  it('never walks a huge range', () => {
    const compiled = (expression: string) =>
      take(compileTrigger({ kind: 'cron', expression, zone: 'Europe/Berlin' }));
    const window = { fromAt: NOON, toAt: NOON + 60 * 86_400_000 };
    const began = performance.now();
    const second = compiled('* * * * * *');
    const odd = compareOccurrences(second, compiled('*/2 * * * * *'), false, window);
    const daily = compareOccurrences(second, compiled('0 0 3 * * *'), false, window);
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(odd).toMatchObject({ exact: false, before: 5_184_000, after: 2_592_000 });
    expect(daily).toMatchObject({ exact: true, starts: 0, stops: 5_184_000 - 60 });
    expect(daily.firstStops).toHaveLength(5);
  });

  it('agrees with looking at every instant', () => {
    const crons = [
      '0 * * * *',
      '*/7 * * * *',
      '30 2 * * *',
      '5 3 * * 1',
      '0 0 1 * *',
      '15 */3 * * *',
    ];
    const all = (trigger: ReturnType<typeof compileTrigger>, toAt: number) =>
      new Set(
        take(trigger)
          .between(NOON, toAt, 1e6)
          .map(({ at }) => at),
      );
    fc.assert(
      fc.property(
        fc.constantFrom(...crons),
        fc.constantFrom(...crons),
        fc.integer({ min: 1, max: 60 }),
        (a, b, days) => {
          const [old, fresh] = [a, b].map((expression) =>
            compileTrigger({ kind: 'cron', expression, zone: 'Europe/Berlin' }),
          ) as [ReturnType<typeof compileTrigger>, ReturnType<typeof compileTrigger>];
          const toAt = NOON + days * 86_400_000;
          const window = { fromAt: NOON, toAt };
          const compared = compareOccurrences(take(old), take(fresh), a === b, window);
          const [before, after] = [all(old, toAt), all(fresh, toAt)];
          expect(compared.exact).toBe(true);
          expect(compared.before).toBe(before.size);
          const { starts, stops, moves } = compared;
          expect(starts + moves).toBe([...after].filter((at) => !before.has(at)).length);
          expect(stops + moves).toBe([...before].filter((at) => !after.has(at)).length);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('coverage.show', () => {
  it('counts who has the newest revision, worst first, with the code of a refusal', async () => {
    await one.status(await one.applied());
    const shown = async () => take(await core().call('coverage.show', { stream: 'backups' }));
    const deadline = performance.now() + 10_000;
    while ((await shown()).counts.applied < 1 && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(await shown()).toMatchObject({
      revision: 1,
      since: '2026-03-02T12:00:00Z',
      counts: { applied: 1, pending: 0, refused: 0, unknown: 1 },
      agents: [
        { agent: 'till-2', state: 'unknown', applied: null, code: null, leaving: false },
        { agent: 'till-1', state: 'applied', applied: 1, code: null, leaving: false },
      ],
    });
    expect(fault(await core().call('coverage.show', { stream: 'nothing' }))).toBe('STREAM_UNKNOWN');
  });
});
