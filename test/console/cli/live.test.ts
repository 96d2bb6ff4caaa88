// The command line against a core, a broker and a machine that really run.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LAUNCHER, muster, type Ran, workDirectory } from '../run-muster.ts';

const AGENT = fileURLToPath(new URL('../../../bin/muster-agent.js', import.meta.url));
const { root, passphraseFile } = workDirectory();
const home = join(root, 'home');
const inHome = ['--home', home, '--json'];
const withKey = ['--passphrase-file', passphraseFile];
const onTill = ['--agent', 'till-1', ...withKey, ...inHome];
const json = (ran: Ran) => JSON.parse(ran.stdout);
const running: ChildProcess[] = [];
let core: ChildProcess;

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

/** Starts a long-running command; resolves at its first line, rejects when it ends before. */
function start(launcher: string, args: readonly string[]): Promise<ChildProcess> {
  const child = spawn(process.execPath, [launcher, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  running.push(child);
  return new Promise((resolve, reject) => {
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => (said += chunk));
    child.stdout.once('data', () => resolve(child));
    child.once('exit', (code) => reject(new Error(`${args[0]} ended with ${code}: ${said}`)));
  });
}

async function stop(
  child: ChildProcess,
  signal: NodeJS.Signals = 'SIGTERM',
): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  child.kill(signal);
  return ended;
}

const serve = () => start(LAUNCHER, ['serve', '--with-broker', '--no-http', ...inHome]);

async function must(args: readonly string[]): Promise<Ran> {
  const ran = await muster(args);
  if (ran.code !== 0)
    throw new Error(`${args[0]} ended with ${ran.code}: ${ran.stdout}${ran.stderr}`);
  return ran;
}

beforeAll(async () => {
  const port = await freePort();
  await must(['init', '--person', 'ada', '--broker', `embedded:${port}`, ...withKey, ...inHome]);
  core = await serve();
  const token = (await must(['join-token', '--quiet', '--home', home])).stdout.trim();
  const data = join(root, 'till-1');
  const enrol = spawn(process.execPath, [
    AGENT,
    'enrol',
    token,
    '--name',
    'till-1',
    '--data',
    data,
  ]);
  const enrolled = await new Promise((resolve) => enrol.once('exit', resolve));
  if (enrolled !== 0) throw new Error(`enrol ended with ${enrolled}`);
  running.push(spawn(process.execPath, [AGENT, 'run', '--data', data], { stdio: 'ignore' }));
});

afterAll(async () => {
  for (const child of running.reverse()) await stop(child);
  rmSync(root, { recursive: true, force: true, maxRetries: 10 });
});

const file = (name: string, text: string): string => {
  writeFileSync(join(root, name), text);
  return join(root, name);
};
const STREAM = `stream: hello
audience: all
schedules:
  greet:
    cron: "0 3 1 1 *"
    shell: echo hello
  long:
    cron: "0 3 1 1 *"
    shell: sleep 60
`;

describe('a change', () => {
  it('apply --wait ends when every machine has it; the same again is nothing to change', async () => {
    const change = file('hello.yaml', STREAM);
    const first = await muster(['apply', change, '--yes', '--wait', '30', ...withKey, ...inHome]);
    expect(first.code).toBe(0);
    expect(json(first)).toMatchObject({
      changed: true,
      coverage: { applied: ['till-1'], refused: [] },
    });
    const again = await muster(['apply', change, '--yes', ...withKey, ...inHome]);
    expect(again.code).toBe(0);
    expect(json(again)).toMatchObject({ changed: false, published: [] });
  });

  it('without --yes and without a terminal nothing is signed', async () => {
    const change = file('other.yaml', STREAM.replace('echo hello', 'echo other'));
    const ran = await muster(['apply', change, ...withKey, ...inHome]);
    expect(ran.code).toBe(2);
    expect(json(ran).error.code).toBe('CONFIRM');
    const diff = await muster(['diff', change, '--exit-code', ...inHome]);
    expect(diff.code).toBe(1);
    expect(json(diff).changes).toContainEqual(
      expect.objectContaining({ schedule: 'greet', change: 'changed' }),
    );
  });

  it('a wrong passphrase signs nothing', async () => {
    const wrong = ['--passphrase-file', file('wrong', 'guess')];
    const change = file('third.yaml', STREAM.replace('echo hello', 'echo third'));
    const ran = await muster(['apply', change, '--yes', ...wrong, ...inHome]);
    expect(ran.code).toBe(1);
    expect(json(ran).error.code).toBe('KEY_PASSPHRASE');
  });
});

describe('commands', () => {
  it('run starts a run, logs has its output', async () => {
    const ran = await muster(['run', 'greet', ...onTill]);
    expect(ran.code).toBe(0);
    const { run } = json(ran).run;
    const logs = await muster(['logs', run.slice(0, 12), '--follow', '--home', home]);
    expect(logs.code).toBe(0);
    expect(logs.stdout).toContain('hello');
    expect(logs.stderr).toContain('succeeded');
  });

  it('cancel ends a run that goes on, once', async () => {
    const { run } = json(await must(['run', 'long', ...onTill])).run;
    const cancelled = await muster(['cancel', run, ...withKey, ...inHome]);
    expect(cancelled.code).toBe(0);
    expect(json(cancelled).state).toBe('cancelled');
    const again = await muster(['cancel', run, ...withKey, ...inHome]);
    expect(again.code).toBe(1);
    expect(json(again).error.code).toBe('RUN_OVER');
  });

  it('pause and resume are done when the machine says so', async () => {
    expect(json(await must(['pause', 'greet', ...onTill])).paused).toEqual(['hello/greet']);
    expect(json(await must(['resume', 'greet', ...onTill])).paused).toEqual([]);
  });

  it('what does not exist is 4', async () => {
    expect((await muster(['run', 'nothing', ...onTill])).code).toBe(4);
    expect((await muster(['pause', '--agent', 'nobody', ...withKey, ...inHome])).code).toBe(4);
  });
});

describe('the core as a process', () => {
  it('stops cleanly on SIGTERM, broker included, and leaves the home free', async () => {
    expect(await stop(core)).toBe(0);
    expect(existsSync(join(home, 'core.sock'))).toBe(false);
    expect(existsSync(join(home, 'core.pid'))).toBe(false);
    core = await serve();
  });

  it('killed with -9 it leaves nothing in the way of the next one', async () => {
    await stop(core, 'SIGKILL');
    const dead = await muster(['status', ...inHome]);
    expect(dead.code).toBe(3);
    expect(json(dead).running).toBe(false);
    core = await serve();
    const status = await muster(['agents', 'show', 'till-1', ...inHome]);
    expect(status.code).toBe(0);
    expect(json(await must(['ledger', '--check', ...inHome])).unaccounted).toBe(0);
  });
});
