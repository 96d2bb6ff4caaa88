// Bad files: every fault at once, each with its line, column and a hint; nothing changes.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readDesiredFile } from '#console/core/planner/read-file.ts';
import { openFleet, type TestFleet, take } from '#test/console/core/support/fleet.ts';

const faultsOf = (text: string) => {
  const read = readDesiredFile('f.yaml', text);
  return 'faults' in read ? read.faults : [];
};
const places = (text: string) => faultsOf(text).map(({ code, at }) => `${code} ${at}`);

describe('a bad file', () => {
  it('loses no schedule because of its name', () => {
    const schedules = '  __proto__: { every: 1h, shell: x }\n  ok: { every: 1h, shell: x }\n';
    const text = `stream: s\naudience: all\nschedules:\n${schedules}`;
    expect(places(text)).toEqual(['YAML f.yaml:4:3']);
    expect(places(text.replace('__proto__', 'constructor'))).toEqual([]);
  });

  it('tells all its faults at once, each with line and column', () => {
    const text = [
      'stream: shops',
      'audience:',
      '  labels: {site: 5}',
      'defaults:',
      '  timeot: 5m',
      'schedules:',
      '  backup:',
      '    cron: "0 25 * * *"',
      '    exec: [tar, -c, 5]',
      '    timeout: 5x',
      '    overlap: skipp',
      '  twice:',
      '    every: 5m',
      '    at: 2026-03-29T02:30:00',
      '    shell: echo',
      '  Bad.Id:',
      '    every: 1h',
      '    shell: echo',
    ].join('\n');
    expect(places(text).sort()).toEqual(
      [
        'FIELD f.yaml:3:18',
        'UNKNOWN_KEY f.yaml:5:3',
        'CRON_SYNTAX f.yaml:8:11',
        'FIELD f.yaml:9:21',
        'FIELD f.yaml:10:14',
        'FIELD f.yaml:11:14',
        'TRIGGER_COUNT f.yaml:12:3',
        'FIELD f.yaml:16:3',
      ].sort(),
    );
    for (const { hint, message } of faultsOf(text)) {
      expect(`${hint ?? ''}${message}`).not.toBe('');
    }
  });

  it.each([
    ['timeot: 5m', "did you mean 'timeout'?"],
    ['timezone: UTC', "here it is called 'zone'"],
    ['overlap: skp', "did you mean 'skip'?"],
    ['retries: 3', "here it is called 'retry'"],
  ])('says what was meant by %s', (line, hint) => {
    const text = `stream: s\naudience: all\nschedules:\n  a:\n    every: 5m\n    shell: x\n    ${line}\n`;
    expect(faultsOf(text)).toMatchObject([{ hint }]);
  });

  it('explains a cron expression that YAML takes for an alias', () => {
    const text =
      'stream: s\naudience: all\nschedules:\n  a:\n    cron: */5 * * * *\n    shell: x\n';
    const [fault] = faultsOf(text);
    expect(fault).toMatchObject({ code: 'YAML', at: 'f.yaml:5:15' });
    expect(fault?.hint).toContain('quote it');
  });

  it.each([
    ['cron: 0 0 30 2 *', 'CRON_NEVER f.yaml:5:11'],
    ['every: 1y', 'PERIOD_INVALID f.yaml:5:12'],
    ['at: 2026-02-30T00:00:00Z', 'TIME_INVALID f.yaml:5:9'],
    ['cron: 0 2 * * *\n    zone: Mars/Olympus', 'ZONE_UNKNOWN f.yaml:6:11'],
  ])('refuses a trigger that cannot be: %s', (trigger, place) => {
    expect(
      places(`stream: s\naudience: all\nschedules:\n  a:\n    ${trigger}\n    shell: x\n`),
    ).toEqual([place]);
  });

  it('refuses a duplicate name and a second document in one file', () => {
    expect(places('stream: s\nstream: t\naudience: all\nschedules: {}\n')).toEqual([
      'YAML f.yaml:2:1',
    ]);
    expect(faultsOf('stream: s\n---\nstream: t\n')[0]?.hint).toContain('one stream a file');
  });

  it('names what is missing with an example', () => {
    expect(faultsOf('stream: s\n').map(({ hint }) => hint)).toEqual([
      'add it: `audience: all`',
      'add it: `schedules:` with a name and a job below it',
    ]);
  });
});

describe('plan.prepare', () => {
  let fleet: TestFleet;
  beforeAll(async () => {
    fleet = await openFleet();
  });
  afterAll(() => fleet.close());

  it('collects the faults of all files and plans nothing', async () => {
    const good = 'stream: ok\naudience: all\nschedules:\n  a:\n    every: 5m\n    shell: x\n';
    const plan = take(
      await fleet.core().call('plan.prepare', {
        files: [
          { name: 'a.yaml', text: 'stream: s\naudience: {agents: [ghost]}\nschedules: {}\n' },
          { name: 'b.yaml', text: 'stream: s\naudience: all\nschedules:\n  a: {every: 5m}\n' },
          { name: 'c.yaml', text: good },
          { name: 'd.yaml', text: good },
        ],
      }),
    );
    expect(plan.faults.map(({ code, at }) => `${code} ${at}`)).toEqual([
      'JOB_COUNT b.yaml:4:3',
      'STREAM_TWICE d.yaml:1:9',
      'AGENT_UNKNOWN a.yaml:2:21',
    ]);
    expect(plan).toMatchObject({ documents: [], changes: [], streams: [] });
  });
});
