// `muster next` as scripts see it: a real process, its output and its exit code.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const MUSTER = fileURLToPath(new URL('../../../bin/muster.js', import.meta.url));

function muster(args: readonly string[], input = '') {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MUSTER, 'next', ...args], {
    input,
    encoding: 'utf8',
    timeout: 30_000,
  });
  return { status, stdout, stderr };
}

const BERLIN = ['--zone', 'Europe/Berlin', '--after', '2026-03-28T12:00:00Z'];

describe('muster next', () => {
  it('--stdin answers every line in order, bad ones too', () => {
    const lines = [
      '{"trigger":{"kind":"cron","expression":"30 2 * * *","zone":"Europe/Berlin"},"after":"2026-03-28T12:00:00Z","count":2}',
      '{"trigger":{"kind":"every","period":"PT15M","anchor":"2026-01-01T00:00:00Z"},"after":"2026-01-01T00:00:00Z","count":1}',
      '{"trigger":{"kind":"at","time":"2026-03-29T02:30:00","zone":"Europe/Berlin"},"after":"2026-01-01T00:00:00Z","count":5}',
      'not json',
      '',
      '{"trigger":{"kind":"cron","expression":"0 0 30 2 *","zone":"UTC"}}',
      '{"trigger":{"kind":"moon"}}',
      '{"trigger":{"kind":"cron","expression":"* * * * *","zone":"UTC"},"after":"2026-02-30T00:00:00Z"}',
    ];
    const { status, stdout } = muster(['--stdin'], `${lines.join('\n')}\n`);
    const answers = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(answers.slice(0, 3)).toEqual([
      {
        occurrences: [
          { at: '2026-03-29T01:00:00Z', local: '2026-03-29T03:00:00+02:00', shift: 'gap' },
          { at: '2026-03-30T00:30:00Z', local: '2026-03-30T02:30:00+02:00' },
        ],
      },
      { occurrences: [{ at: '2026-01-01T00:15:00Z', local: '2026-01-01T00:15:00+00:00' }] },
      {
        occurrences: [
          { at: '2026-03-29T01:00:00Z', local: '2026-03-29T03:00:00+02:00', shift: 'gap' },
        ],
      },
    ]);
    expect(answers.slice(3).map(({ error }) => error.code)).toEqual([
      'INPUT_INVALID',
      'INPUT_INVALID',
      'CRON_NEVER',
      'INPUT_INVALID',
      'TIME_INVALID',
    ]);
    for (const { error } of answers.slice(3))
      expect(Object.keys(error)).toEqual(['code', 'message', 'hint']);
    expect(status).toBe(0);
  });

  it('--json gives the same shape for one trigger', () => {
    const { status, stdout } = muster(['--every', 'PT6H', '--count', '2', '--json', ...BERLIN]);
    expect(JSON.parse(stdout)).toEqual({
      occurrences: [
        { at: '2026-03-28T18:00:00Z', local: '2026-03-28T19:00:00+01:00' },
        { at: '2026-03-29T00:00:00Z', local: '2026-03-29T01:00:00+01:00' },
      ],
    });
    expect(status).toBe(0);
  });

  it('people get a table with weekday and clock changes (T19)', () => {
    const { status, stdout } = muster(['--cron', '30 2 * * *', '--count', '1', ...BERLIN]);
    expect(stdout.split('\n')[1]).toBe(
      '2026-03-29T01:00:00Z  2026-03-29T03:00:00+02:00  Sun  moved: its time is skipped today',
    );
    expect(status).toBe(0);
  });

  it('an exhausted trigger is no error', () => {
    const { status, stdout } = muster(['--at', '2026-01-01T00:00:00Z', ...BERLIN]);
    expect([status, stdout]).toEqual([0, 'no occurrence\n']);
  });

  it.each([
    [['--cron', '0 0 30 2 *'], 'CRON_NEVER'],
    [['--cron', 'x'], 'CRON_SYNTAX'],
    [['--cron', '* * * * *', '--zone', 'Nowhere'], 'ZONE_UNKNOWN'],
    [['--every', 'P1M'], 'PERIOD_INVALID'],
    [['--at', '2026-02-30T00:00:00Z'], 'TIME_INVALID'],
    [['--cron', '* * * * *', '--after', 'yesterday'], 'TIME_INVALID'],
    [['--cron', '* * * * *', '--count', '0'], 'USAGE'],
    [['--cron', '* * * * *', '--every', 'PT1H'], 'USAGE'],
    [['--stdin', '--cron', '* * * * *'], 'USAGE'],
    [[], 'USAGE'],
  ])('%j is refused with exit 2', (args, code) => {
    const { status, stdout, stderr } = muster(args);
    expect(stderr).toContain(code);
    expect([status, stdout]).toEqual([2, '']);
  });

  it('a reader that goes away ends it quietly', () => {
    const question = '{"trigger":{"kind":"cron","expression":"* * * * *","zone":"UTC"},"count":50}';
    const { status, stdout, stderr } = spawnSync(
      'sh',
      ['-c', `yes '${question}' | "$NODE" "$MUSTER" next --stdin | head -n 1`],
      {
        encoding: 'utf8',
        timeout: 30_000,
        env: { ...process.env, NODE: process.execPath, MUSTER },
      },
    );
    expect([status, stderr, stdout.split('\n').length]).toEqual([0, '', 2]);
  });

  it('--help shows examples', () => {
    const { status, stdout } = muster(['--help']);
    expect(stdout).toContain('$ muster next --cron');
    expect(status).toBe(0);
  });
});
