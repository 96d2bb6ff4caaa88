// Starts real brokers for tests on free loopback ports, kills and restarts them, and stops them by their process.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BrokerRole } from '#shared/node/brokers/embedded/access.ts';
import { brokerCredentials } from '#shared/node/brokers/embedded/credentials.ts';

/** A broker process. Its directory is gone after stop(). */
export interface TestBroker {
  /** With credentials in it where the broker wants them (a console's). */
  readonly url: string;
  readonly port: number;
  readonly directory: string;
  /** SIGKILL; resolves when the process is gone. */
  readonly kill: () => Promise<void>;
  /** Starts it again on the same port and directory. */
  readonly restart: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

export interface TestEmbeddedBroker extends TestBroker {
  /** Makes a user of the running broker and returns a URL with its password. */
  readonly urlFor: (username: string, role: BrokerRole) => string;
  readonly removeUser: (username: string) => void;
}

/** A port nobody listens on. Somebody may take it in between; brokers then fail loudly. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/**
 * Mosquitto (`apt-get install mosquitto`); callers ask requireTool('mosquitto', …) first. Anonymous, no persistence;
 * `more` adds lines to its configuration and may put files into the directory.
 */
export async function startMosquitto(
  more: (directory: string) => readonly string[] = () => [],
): Promise<TestBroker> {
  const directory = mkdtempSync(join(tmpdir(), 'muster-mosquitto-'));
  const port = await freePort();
  const config = join(directory, 'mosquitto.conf');
  writeFileSync(
    config,
    [
      `listener ${port} 127.0.0.1`,
      'allow_anonymous true',
      'persistence false',
      // As root it would change to a user that may not exist.
      `user ${userInfo().username}`,
      'log_dest none',
      ...more(directory),
      '',
    ].join('\n'),
  );
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
  return manage({ port, directory, url: `mqtt://127.0.0.1:${port}` }, () =>
    spawn('mosquitto', ['-c', config], { env, stdio: 'ignore' }),
  );
}

/** The embedded broker, by `muster broker` in a process of its own, with a console user in its URL. */
export async function startEmbedded(): Promise<TestEmbeddedBroker> {
  const home = mkdtempSync(join(tmpdir(), 'muster-broker-'));
  const port = await freePort();
  const directory = join(home, 'broker');
  const urlFor = (username: string, role: BrokerRole): string => {
    const credentials = brokerCredentials(directory);
    const password = credentials.add(username, role);
    credentials.close();
    return `mqtt://${username}:${password}@127.0.0.1:${port}`;
  };
  const main = fileURLToPath(new URL('./broker-process.ts', import.meta.url));
  const broker = await manage({ port, directory: home, url: urlFor('console', 'console') }, () =>
    spawn(process.execPath, [main, '--home', home, '--port', String(port)], { stdio: 'ignore' }),
  );
  const removeUser = (username: string): void => {
    const credentials = brokerCredentials(directory);
    credentials.remove(username);
    credentials.close();
  };
  return { ...broker, urlFor, removeUser };
}

/** The embedded broker of a console's home, which `muster init` made with a mqtt://127.0.0.1:<port> address. */
export function startHomeBroker(home: string, port: number): Promise<TestBroker> {
  const main = fileURLToPath(new URL('./broker-process.ts', import.meta.url));
  const facts = { port, directory: join(home, 'broker'), url: `mqtt://127.0.0.1:${port}` };
  return manage(facts, () =>
    spawn(process.execPath, [main, '--home', home, '--port', String(port)], { stdio: 'ignore' }),
  );
}

async function manage(
  facts: Pick<TestBroker, 'port' | 'directory' | 'url'>,
  start: () => ChildProcess,
): Promise<TestBroker> {
  let child: ChildProcess | undefined;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const ending = child;
    child = undefined;
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return;
    const gone = new Promise((resolve) => ending.once('exit', resolve));
    ending.kill(signal);
    await gone;
  };
  const restart = async (): Promise<void> => {
    child = start();
    await listening(child, facts.port);
  };
  await restart();
  return {
    ...facts,
    kill: () => end('SIGKILL'),
    restart,
    stop: async () => {
      await end('SIGTERM');
      rmSync(facts.directory, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

async function listening(child: ChildProcess, port: number): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if (child.exitCode !== null) throw new Error(`the broker ended with ${child.exitCode}`);
    if (await canConnect(port)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nothing listens on port ${port}`);
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
