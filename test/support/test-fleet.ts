// A whole fleet for end-to-end tests: a console's home made by `muster init`, a core, and enrolled agents as processes.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { MethodName, Params, Returns } from '#console/api.ts';
import { connectCore } from '#console/server/client.ts';
import { describeFault } from '#shared/result.ts';
import { type AgentProcess, type Ran, runAgentCli, startAgent } from './agent-process.ts';
import { freePort, startHomeBroker, startMosquitto, type TestBroker } from './brokers.ts';

const MUSTER = fileURLToPath(new URL('../../console/main.ts', import.meta.url));

export interface TestFleet {
  readonly root: string;
  readonly home: string;
  readonly broker: TestBroker;
  readonly muster: (...args: readonly string[]) => Promise<Ran>;
  readonly call: <M extends MethodName>(method: M, params: Params<M>) => Promise<Returns<M>>;
  /** Broker login of the console, as whoever holds the broker has it. */
  readonly login: () => { readonly username?: string; readonly password?: string };
  /** Enrols `name` with a new token and returns its data directory; the agent does not run yet. */
  readonly enrol: (name: string, labels?: readonly string[]) => Promise<string>;
  readonly start: (data: string) => Promise<AgentProcess>;
  /** Signs and publishes a file's text; waits until every machine applied it. */
  readonly apply: (yaml: string, ...more: readonly string[]) => Promise<Ran>;
  readonly serve: () => Promise<void>;
  readonly stopServing: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** `muster init` (with `more` options), a broker (the embedded one of the home, or Mosquitto), and `muster serve`. */
export async function startTestFleet(
  kind: 'embedded' | 'mosquitto',
  more: readonly string[] = [],
): Promise<TestFleet> {
  const root = mkdtempSync(join(tmpdir(), 'muster-fleet-'));
  const home = join(root, 'console');
  const passphrase = join(root, 'passphrase');
  writeFileSync(passphrase, 'a passphrase for tests\n', { mode: 0o600 });
  const env = {
    ...process.env,
    NO_COLOR: '1',
    MUSTER_HOME: home,
    MUSTER_PASSPHRASE_FILE: passphrase,
  };
  const agents: AgentProcess[] = [];
  let core: ChildProcess | undefined;

  const muster = (...args: readonly string[]): Promise<Ran> =>
    new Promise((resolve) => {
      execFile(
        process.execPath,
        [MUSTER, ...args],
        { env, maxBuffer: 64 * 1024 * 1024 },
        (error, stdout, stderr) =>
          resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr }),
      );
    });
  const call: TestFleet['call'] = async (method, params) => {
    const link = await connectCore(join(home, 'core.sock'));
    if (!link.ok) throw new Error(describeFault(link.fault));
    const answer = await link.value.call(method, params);
    await link.value.close();
    if (!answer.ok) throw new Error(`${method}: ${describeFault(answer.fault)}`);
    return answer.value;
  };
  const serve = async (): Promise<void> => {
    core = spawn(process.execPath, [MUSTER, 'serve', '--no-http'], { env, stdio: 'ignore' });
    await eventually(
      'the core is online',
      async () => (await call('core.status', {})).broker.online,
    );
  };
  const stopServing = async (): Promise<void> => {
    if (!core || core.exitCode !== null) return;
    const gone = new Promise((resolve) => core?.once('close', resolve));
    core.kill('SIGTERM');
    await gone;
  };

  const foreign = kind === 'mosquitto' ? await startMosquitto() : undefined;
  const port = foreign?.port ?? (await freePort());
  const brokerUrl = `mqtt://127.0.0.1:${port}`;
  const made = await muster(
    'init',
    '--fleet',
    'testfleet',
    '--broker',
    brokerUrl,
    '--person',
    'olga',
    ...more,
  );
  if (made.code !== 0) throw new Error(`muster init: ${made.stderr}${made.stdout}`);
  const broker = foreign ?? (await startHomeBroker(home, port));
  await serve();
  return {
    root,
    home,
    broker,
    muster,
    call,
    login: () => JSON.parse(readFileSync(join(home, 'keys', 'broker.json'), 'utf8')),
    enrol: async (name, labels = []) => {
      const token = await muster(
        'join-token',
        '--json',
        ...labels.flatMap((label) => ['--label', label]),
      );
      const data = join(root, name);
      const text = (JSON.parse(token.stdout) as { readonly text: string }).text;
      const enrolled = await runAgentCli(['enrol', text, '--name', name, '--data', data]);
      if (enrolled.code !== 0)
        throw new Error(`enrol ${name}: ${enrolled.stderr}${enrolled.stdout}`);
      return data;
    },
    start: async (data) => {
      const agent = await startAgent(data);
      agents.push(agent);
      return agent;
    },
    apply: async (yaml, ...more) => {
      const file = join(root, 'desired.yaml');
      writeFileSync(file, yaml);
      return muster('apply', file, '--yes', ...more);
    },
    serve,
    stopServing,
    close: async () => {
      await Promise.all(agents.map((agent) => agent.stop()));
      await stopServing();
      await broker.stop();
      rmSync(root, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

/** Polls until `ask` is true; a fault counts as not yet. Rejects with `what` and the last fault. */
export async function eventually(
  what: string,
  ask: () => Promise<boolean>,
  seconds = 30,
): Promise<void> {
  const end = performance.now() + seconds * 1_000;
  let last: unknown;
  while (performance.now() < end) {
    try {
      if (await ask()) return;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  throw new Error(`not in ${seconds} s: ${what}${last ? ` (${String(last)})` : ''}`);
}
