import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { resolveHome } from '#console/cli/home.ts';
import { brokerCredentials } from '#shared/node/brokers/embedded/credentials.ts';
import { openRetained } from '#shared/node/brokers/embedded/retained.ts';
import { openBroker } from '#shared/node/brokers.ts';
import { freePort } from '#test/support/brokers.ts';

const MAIN = fileURLToPath(import.meta.resolve('#test/support/broker-process.ts'));
const homes: string[] = [];
const newHome = (): string => {
  const home = mkdtempSync(join(tmpdir(), 'muster-home-'));
  homes.push(home);
  return home;
};

afterEach(() => {
  vi.unstubAllEnvs();
  for (const home of homes.splice(0)) rmSync(home, { recursive: true });
});

interface Started {
  readonly firstLine: Promise<string>;
  readonly exit: Promise<number | null>;
  readonly kill: (signal: NodeJS.Signals) => void;
}

function start(...args: readonly string[]): Started {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'ignore'] });
  return {
    firstLine: new Promise((found) => child.stdout.once('data', (line) => found(String(line)))),
    exit: new Promise((ended) => child.once('exit', ended)),
    kill: (signal) => void child.kill(signal),
  };
}

describe('muster broker', () => {
  test('prints its address, lets users of its home in, and stops cleanly on a signal, wills kept', async () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const home = newHome();
      const broker = start('--home', home, '--port', '0', '--json');
      const { url, port } = JSON.parse(await broker.firstLine);
      expect(url).toBe(`mqtt://127.0.0.1:${port}`);
      const credentials = brokerCredentials(join(home, 'broker'));
      const password = credentials.add('office', 'console');
      credentials.close();
      const will = { topic: 'muster1/f/c/office/state', payload: Buffer.from('gone') };
      const options = { clientId: 'x', username: 'office', password, will };
      const connected = await openBroker(url).connect(options, () => undefined);
      if (!connected.ok) throw new Error(connected.fault.message);
      broker.kill(signal);
      expect(await broker.exit).toBe(0);
      expect((await connected.value.closed).reason).not.toBe('');
      const retained = openRetained(join(home, 'broker'));
      expect([...retained.match(will.topic)]).toEqual([will]);
      retained.close();
    }
  });

  test('a port in use and a directory in use are faults with a hint and exit code 3', async () => {
    const home = newHome();
    const first = start('--home', home, '--port', '0', '--json');
    const { port } = JSON.parse(await first.firstLine);
    const samePort = start('--home', newHome(), '--port', String(port), '--json');
    expect(JSON.parse(await samePort.firstLine)).toMatchObject({
      error: { code: 'BROKER_PORT_IN_USE', hint: expect.stringContaining('--port') },
    });
    expect(await samePort.exit).toBe(3);
    const sameHome = start('--home', home, '--port', '0', '--json');
    expect(JSON.parse(await sameHome.firstLine)).toMatchObject({
      error: { code: 'BROKER_RUNNING', hint: expect.stringContaining('--home') },
    });
    expect(await sameHome.exit).toBe(3);
    first.kill('SIGTERM');
    expect(await first.exit).toBe(0);
  });

  test('without --port it listens where the home says its broker is', async () => {
    const home = newHome();
    const port = await freePort();
    const facts = { fleet: 'f', collector: 'main', rootFingerprint: '0'.repeat(64) };
    const times = { createdAt: '2026-01-01T00:00:00Z' };
    const brokerUrl = `mqtt://127.0.0.1:${port}`;
    writeFileSync(join(home, 'fleet.json'), JSON.stringify({ ...facts, ...times, brokerUrl }));
    const broker = start('--home', home, '--json');
    expect(JSON.parse(await broker.firstLine)).toMatchObject({ url: brokerUrl, port });
    broker.kill('SIGTERM');
    expect(await broker.exit).toBe(0);
  });

  test('a port that is none is a usage fault', async () => {
    const broker = start('--home', newHome(), '--port', '70000', '--json');
    expect(JSON.parse(await broker.firstLine)).toMatchObject({ error: { code: 'USAGE' } });
    expect(await broker.exit).toBe(2);
  });

  test("home is --home, else MUSTER_HOME, else the user's .muster", () => {
    vi.stubEnv('MUSTER_HOME', 'from-env');
    expect(resolveHome('given')).toBe(resolve('given'));
    expect(resolveHome(undefined)).toBe(resolve('from-env'));
    vi.stubEnv('MUSTER_HOME', undefined);
    expect(resolveHome(undefined)).toBe(join(homedir(), '.muster'));
  });
});
