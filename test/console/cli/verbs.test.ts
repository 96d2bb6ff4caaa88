// The command line as scripts use it: real processes, exit codes, JSON shapes.
import { spawn } from 'node:child_process';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verbs } from '#console/cli.ts';
import { LAUNCHER, muster, PASSPHRASE, type Ran, workDirectory } from '../run-muster.ts';

const { root, passphraseFile } = workDirectory();
const home = join(root, 'home');
const inHome = ['--home', home];
const withKey = ['--passphrase-file', passphraseFile];
const json = (ran: Ran) => JSON.parse(ran.stdout);
let made: Ran;

const yaml = (name: string, text: string): string => {
  const file = join(root, name);
  writeFileSync(file, text);
  return file;
};

beforeAll(async () => {
  made = await muster(['init', '--fleet', 'shops', '--person', 'ada', ...inHome, ...withKey]);
});
afterAll(() => rmSync(root, { recursive: true, force: true, maxRetries: 10 }));

describe('every verb', () => {
  it('has help with examples, and the overview names it', async () => {
    const overview = await muster(['--help']);
    expect(overview.code).toBe(0);
    for (const { name, summary, load } of verbs) {
      expect(overview.stdout).toContain(`  ${name}`);
      expect(summary.length).toBeGreaterThan(10);
      let help = '';
      const command = await load();
      command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
      expect(help, name).toContain('--json');
      expect(help, name).toMatch(new RegExp(`Examples:[^]*${name}`));
    }
  });

  it('wrong usage is 2, with a hint, in JSON where JSON was asked for', async () => {
    const unknown = await muster(['aply', 'x.yaml']);
    expect(unknown).toMatchObject({ code: 2, stdout: '' });
    expect(unknown.stderr).toContain('USAGE');
    expect(unknown.stderr).toContain('muster apply');
    const option = await muster(['agents', '--colour', '--json']);
    expect(option).toMatchObject({ code: 2, stderr: '' });
    expect(json(option).error).toMatchObject({
      code: 'USAGE',
      hint: expect.stringContaining('--help'),
    });
  });

  it('no home is 4', async () => {
    const none = await muster(['status', '--home', join(root, 'nowhere'), '--json']);
    expect(none.code).toBe(4);
    expect(json(none).error.code).toBe('HOME_MISSING');
  });
});

describe('init', () => {
  it('says what to do with the root key, and what comes next', () => {
    expect(made.code).toBe(0);
    expect(made.stdout).toContain('root.key');
    expect(made.stdout).toContain('offline');
    expect(made.stdout).toContain('muster serve');
    expect(`${made.stdout}${made.stderr}`).not.toContain(PASSPHRASE);
  });

  it('refuses a home that is there, and changes nothing', async () => {
    const again = await muster(['init', '--json', ...inHome, ...withKey]);
    expect(again.code).toBe(1);
    expect(json(again).error.code).toBe('HOME_EXISTS');
  });

  it('without a terminal and a passphrase file it asks nobody', async () => {
    const asked = await muster(['init', '--home', join(root, 'other')]);
    expect(asked.code).toBe(2);
    expect(asked.stderr).toContain('--passphrase-file');
    expect(readdirSync(root)).not.toContain('other');
  });
});

describe('diff and apply', () => {
  const good = () =>
    yaml(
      'good.yaml',
      'stream: hello\naudience: all\nschedules:\n  greet:\n    every: 10s\n    shell: echo hi\n',
    );

  it('bad YAML: all faults at once with file, line and column; nothing changes; 1', async () => {
    const bad = yaml(
      'bad.yaml',
      'stream: hello\naudience: all\nschedules:\n  one:\n    cron: "61 * * * *"\n    shell: echo hi\n  two:\n    every: 10s\n    shel: echo hi\n',
    );
    for (const args of [
      ['diff', bad],
      ['apply', bad, '--yes', ...withKey],
    ]) {
      const ran = await muster([...args, '--json', ...inHome]);
      expect(ran.code).toBe(1);
      const { faults } = json(ran);
      expect(faults.length).toBeGreaterThanOrEqual(2);
      for (const fault of faults) expect(fault.at).toMatch(/bad\.yaml:\d+:\d+$/);
    }
    const words = await muster(['apply', bad, '--yes', ...inHome]);
    expect(words.code).toBe(1);
    expect(words.stdout).toMatch(/bad\.yaml:5:\d+/);
    expect(words.stdout).toContain('nothing was changed');
  });

  it('a file that is not there is 4', async () => {
    const ran = await muster(['diff', join(root, 'none.yaml'), '--json', ...inHome]);
    expect(ran.code).toBe(4);
    expect(json(ran).error.code).toBe('FILE_NOT_FOUND');
  });

  it('diff shows what would change and changes nothing', async () => {
    const first = await muster(['diff', good(), '--json', ...inHome]);
    const second = await muster(['diff', good(), '--json', '--exit-code', ...inHome]);
    expect(first.code).toBe(0);
    expect(json(first)).toMatchObject({
      faults: [],
      changes: [{ stream: 'hello', schedule: 'greet', change: 'added' }],
    });
    expect(json(second).changes).toEqual(json(first).changes);
    expect(second.code).toBe(json(second).changed ? 1 : 0);
  });
});

describe('without a core that runs', () => {
  it('reads work, and status says so with 3', async () => {
    const status = await muster(['status', '--json', ...inHome]);
    expect(status.code).toBe(3);
    expect(json(status)).toMatchObject({ fleet: 'shops', running: false, trustVersion: 1 });
    const agents = await muster(['agents', '--json', ...inHome]);
    expect(agents).toMatchObject({ code: 0, stdout: '[]\n' });
  });

  it('what needs a live machine is 3', async () => {
    const run = await muster([
      'run',
      'greet',
      '--agent',
      'till-1',
      '--json',
      ...inHome,
      ...withKey,
    ]);
    expect(run.code).toBe(3);
    expect(json(run).error).toMatchObject({ code: 'CORE_NOT_RUNNING' });
  });

  it('what does not exist is 4', async () => {
    for (const args of [
      ['agents', 'show', 'nobody'],
      ['runs', 'show', 'abcdef'],
      ['logs', 'abcdef'],
    ]) {
      const ran = await muster([...args, '--json', ...inHome]);
      expect(ran.code, args.join(' ')).toBe(4);
    }
  });
});

describe('ledger, verify, join-token', () => {
  it('ledger --check has the numbers scripts read; nothing planned is nothing missing', async () => {
    const check = await muster(['ledger', '--check', '--json', ...inHome]);
    expect(check.code).toBe(0);
    expect(json(check)).toMatchObject({
      expected: 0,
      accounted: 0,
      unaccounted: 0,
      duplicates: 0,
      unknown: 0,
      lossRecorded: 0,
    });
    expect(await muster(['ledger', '--json', '--since', '1d', ...inHome])).toMatchObject({
      code: 0,
      stdout: '[]\n',
    });
  });

  it('verify of nothing holds', async () => {
    const proof = await muster(['verify', '--json', ...inHome]);
    expect(proof.code).toBe(0);
    expect(json(proof)).toMatchObject({ breaks: [] });
  });

  it('join-token prints the line to paste; --quiet the token alone', async () => {
    const labelled = await muster(['join-token', '--label', 'site=berlin', '--json', ...inHome]);
    expect(labelled.code).toBe(0);
    expect(json(labelled)).toMatchObject({ text: expect.stringMatching(/^muster1\./) });
    expect(json(labelled).enrol).toContain(`muster-agent enrol ${json(labelled).text}`);
    const quiet = await muster(['join-token', '--quiet', ...inHome]);
    expect(quiet.stdout).toMatch(/^muster1\.\S+\n$/);
    expect((await muster(['join-token', '--label', 'site', ...inHome])).code).toBe(2);
  });
});

describe('pipes', () => {
  it('a reader that goes away is no error', async () => {
    const child = spawn(process.execPath, [LAUNCHER, '--help'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.destroy();
    let stderr = '';
    child.stderr.on('data', (chunk) => (stderr += chunk));
    const code = await new Promise((resolve) => child.once('exit', resolve));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});
