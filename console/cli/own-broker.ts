// `muster serve --with-broker`: the embedded broker as a process of its own, started, watched and stopped with the core.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadFleet } from '#console/core/home.ts';
import { brokerDirectory } from '#console/setup/home-files.ts';
import { err, ok, type Result } from '#shared/result.ts';

const CHILD = fileURLToPath(new URL('./broker-child.ts', import.meta.url));
const START_MS = 15_000;
/** The broker of a core that was killed needs a moment to notice and to leave the port. */
const TRIES = 10;
const AGAIN_MS = 300;

export interface OwnBroker {
  /** Resolves when the broker ends by itself. */
  readonly ended: Promise<void>;
  readonly stop: () => Promise<void>;
}

/** On the port the home names; resolves once it listens. Faults: BROKER_START, USAGE, HOME_*. */
export async function startOwnBroker(home: string): Promise<Result<OwnBroker>> {
  const fleet = loadFleet(home);
  if (!fleet.ok) return fleet;
  const { brokerUrl } = fleet.value;
  if (!existsSync(brokerDirectory(home))) {
    return err('USAGE', `this home uses the broker ${brokerUrl}`, {
      hint: 'leave --with-broker out',
    });
  }
  for (let tries = 1; ; tries++) {
    const started = await startOnce(home, brokerUrl);
    if (started.ok || tries === TRIES) return started;
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}

async function startOnce(home: string, url: string): Promise<Result<OwnBroker>> {
  const { hostname, port } = new URL(url);
  const where = ['--home', home, '--host', hostname, '--port', port || '1883', '--json'];
  // Detached: Ctrl-C on the terminal reaches the core alone, which says goodbye through the broker and then stops it.
  const child = spawn(process.execPath, [CHILD, ...where], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  });
  child.stdin.on('error', () => undefined);
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve()).once('error', () => resolve());
  });
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await ended;
  };
  const said = await firstLine(child, ended);
  if (said.includes('"url"')) return ok({ ended, stop });
  await stop();
  const why = /"message":"([^"]*)"/.exec(said)?.[1] ?? 'no answer';
  return err('BROKER_START', `the embedded broker did not start: ${why}`, {
    hint: 'does a broker already run on this port? Then leave --with-broker out',
  });
}

/** The first line on stdout, or what there was when the process ended or time was over. */
async function firstLine(child: ChildProcess, ended: Promise<void>): Promise<string> {
  let text = '';
  let timer: NodeJS.Timeout | undefined;
  const line = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, START_MS);
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('\n')) resolve();
    });
  });
  await Promise.race([line, ended]);
  clearTimeout(timer);
  return text;
}
