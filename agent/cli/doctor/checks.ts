// The list of doctor's checks. A new one is a function here and a line in CHECKS.
import { execFile } from 'node:child_process';
import {
  accessSync,
  constants,
  existsSync,
  mkdtempSync,
  rmSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { policyPath } from '#agent/cli/policy-path.ts';
import type { DataDirectory } from '#agent/config.ts';
import type { Identity } from '#agent/daemon/identity.ts';
import { openProcessLauncher } from '#agent/launch/process.ts';
import { loadPolicy } from '#agent/policy/policy.ts';
import type { AttemptExit } from '#agent/ports.ts';
import { describeFault } from '#shared/result.ts';

export interface Patient {
  readonly data: DataDirectory;
  readonly identity: Identity | undefined;
  readonly uid: number;
}

export interface Finding {
  /** `odd`: works, but an operator should know. */
  readonly is: 'good' | 'odd' | 'bad';
  readonly detail: string;
  readonly hint?: string;
}

type Check = (patient: Patient) => Finding | Promise<Finding>;

const LEAST_FREE_BYTES = 64 * 1024 * 1024;
const LOW_FREE_BYTES = 512 * 1024 * 1024;
const CONNECT_TIMEOUT_MS = 5_000;
const TRIAL_TIMEOUT_MS = 10_000;

const good = (detail: string): Finding => ({ is: 'good', detail });
const odd = (detail: string, hint: string): Finding => ({ is: 'odd', detail, hint });
const bad = (detail: string, hint: string): Finding => ({ is: 'bad', detail, hint });

const node: Check = () => {
  const [major = 0] = process.versions.node.split('.').map(Number);
  return major >= 24
    ? good(`Node ${process.versions.node}`)
    : bad(`Node ${process.versions.node}`, 'this agent needs Node 24');
};

const directory: Check = ({ data }) => {
  const stats = statSync(data.root, { throwIfNoEntry: false });
  if (!stats) return bad(`${data.root} does not exist`, 'enrol this machine, or give --data');
  try {
    accessSync(data.root, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    return bad(`${data.root} cannot be written`, 'run as the user the directory belongs to');
  }
  if (process.platform !== 'win32' && (stats.mode & 0o077) !== 0) {
    return bad(`${data.root} is open to others`, `chmod 700 ${data.root}`);
  }
  const open = [data.signKey, data.sealKey, data.identity].find(
    (path) => existsSync(path) && (statSync(path).mode & 0o077) !== 0,
  );
  if (open && process.platform !== 'win32')
    return bad(`others may read ${open}`, `chmod 600 ${open}`);
  return good(data.root);
};

const enrolment: Check = ({ identity }) =>
  identity
    ? good(`${identity.agent} of fleet ${identity.fleet}`)
    : bad('not enrolled', '`muster-agent enrol TOKEN --name NAME`');

const disk: Check = ({ data }) => {
  if (!existsSync(data.root)) return bad('no data directory', 'enrol this machine');
  const { bavail, bsize } = statfsSync(data.root);
  const free = bavail * bsize;
  const detail = `${Math.round(free / 1024 / 1024)} MiB free`;
  if (free < LEAST_FREE_BYTES) return bad(detail, 'make room: the log cannot grow');
  return free < LOW_FREE_BYTES
    ? odd(detail, 'make room before output has to be dropped')
    : good(detail);
};

const policy: Check = ({ data, uid }) => {
  const path = policyPath(data);
  const loaded = loadPolicy(path, uid);
  if (!loaded.result.ok)
    return bad(describeFault(loaded.result.fault), 'nothing runs until it is mended');
  const halt = data.halts.find((file) => existsSync(file));
  if (halt !== undefined) return odd('halted by its owner', `remove ${halt} to start jobs`);
  if (uid === 0) return odd(`${path}; self is root`, 'let the agent run as a user of its own');
  return loaded.owner === 'root'
    ? good(`${path}, root-owned`)
    : odd(`${path}, self-owned`, 'chown it to root, so that the agent cannot change it');
};

const clock: Check = async () => {
  const sync = (await output('timedatectl', ['show', '-p', 'NTPSynchronized', '--value'])) ?? '';
  if (sync.trim() === 'yes') return good('synchronised (timedatectl)');
  const tracking = (await output('chronyc', ['-c', 'tracking'])) ?? '';
  if (tracking.includes(',')) {
    return tracking.trim().endsWith('Normal')
      ? good('synchronised (chronyc)')
      : odd('chrony is not synchronised', 'look at `chronyc sources`');
  }
  return odd(
    sync.trim() === 'no' ? 'not synchronised' : 'cannot tell whether the clock is synchronised',
    'run an NTP client: calendar schedules follow this clock',
  );
};

const broker: Check = async ({ identity }) => {
  if (!identity) return bad('unknown', 'enrol this machine');
  const url = URL.canParse(identity.broker.url) ? new URL(identity.broker.url) : undefined;
  if (!url?.hostname) return bad('its URL is not one', 'enrol again');
  const ports: Readonly<Record<string, number>> = { 'mqtts:': 8883, 'wss:': 443, 'ws:': 80 };
  const port = Number(url.port) || (ports[url.protocol] ?? 1883);
  const failure = await reach(url.hostname, port);
  return failure === undefined
    ? good(`${url.hostname}:${port} answers`)
    : bad(
        `${url.hostname}:${port}: ${failure}`,
        'jobs run without it; reports wait until it is back',
      );
};

const launcher: Check = async () => {
  const directory = mkdtempSync(join(tmpdir(), 'muster-doctor-'));
  try {
    const exit = await trial(directory);
    if (exit === undefined) return bad('a job did not end', 'look at the process list');
    return exit.ended === 'exited' && exit.exitCode === 0
      ? good(`runs jobs (${exit.isolation})`)
      : bad(`\`true\` ended as ${exit.ended}, code ${exit.exitCode}`, 'is /bin/sh there?');
  } catch (error) {
    return bad(error instanceof Error ? error.message : String(error), 'install what is missing');
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
};

export const CHECKS: Readonly<Record<string, Check>> = {
  node,
  data: directory,
  enrolment,
  disk,
  policy,
  clock,
  broker,
  launcher,
};

async function output(program: string, args: readonly string[]): Promise<string | undefined> {
  try {
    return (await promisify(execFile)(program, [...args], { timeout: 3_000 })).stdout;
  } catch {
    return undefined;
  }
}

/** Undefined when something accepts connections there, else why not. */
function reach(host: string, port: number): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const socket = connect({ host, port, timeout: CONNECT_TIMEOUT_MS });
  socket.once('connect', () => resolve(undefined));
  socket.once('timeout', () => resolve('no answer'));
  socket.once('error', (error) => resolve(error.message));
  return promise.finally(() => socket.destroy());
}

async function trial(directory: string): Promise<AttemptExit | undefined> {
  const { promise, resolve } = Promise.withResolvers<AttemptExit | undefined>();
  const opened = await openProcessLauncher({ directory, onExit: resolve });
  const timer = setTimeout(() => resolve(undefined), TRIAL_TIMEOUT_MS);
  opened.start([
    {
      run: '0'.repeat(32),
      attempt: 1,
      launch: { argv: ['/bin/sh', '-c', 'true'], env: {} },
      env: { PATH: '/usr/bin:/bin' },
      cwd: directory,
      timeoutMs: TRIAL_TIMEOUT_MS,
      graceMs: 100,
      outputCapBytes: 0,
    },
  ]);
  const exit = await promise;
  clearTimeout(timer);
  await opened.close();
  return exit;
}
