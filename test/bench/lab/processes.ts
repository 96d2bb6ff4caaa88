// Real processes: the agent by its own command, references in a bare Node, and what /proc says of them.
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const AGENT_BIN = here('../../../bin/muster-agent.js');
const MUSTER_BIN = here('../../../bin/muster.js');
const PROBE = new URL('./loop-probe.mjs', import.meta.url).href;
const READY_MS = 60_000;
/** Ended with the bench, however it ends. */
const living = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of living) child.kill('SIGTERM');
});

export interface Started {
  readonly child: ChildProcess;
  readonly pid: number;
  /** From just before the spawn to the line that says ready, in milliseconds. */
  readonly readyMs: number;
  readonly stop: () => Promise<void>;
}

/** `muster-agent run`. With `loopFile`, SIGUSR2 appends the longest pause of its loop since the last one to that file. */
export function startAgent(data: string, loopFile?: string): Promise<Started> {
  const probe = loopFile === undefined ? [] : ['--import', PROBE];
  const env = loopFile === undefined ? {} : { BENCH_LOOP_FILE: loopFile };
  return start([...probe, AGENT_BIN, 'run', '--data', data], env, (line) =>
    line.includes('"ready"'),
  );
}

/** `muster broker`: any free port; the URL is in the line it prints. */
export async function startBroker(
  home: string,
): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
  let url = '';
  const args = [MUSTER_BIN, 'broker', '--home', home, '--port', '0', '--json'];
  const { stop } = await start(args, {}, (line) => {
    url = /"url":\s*"([^"]+)"/.exec(line)?.[1] ?? '';
    return url !== '';
  });
  return { url, stop };
}

/** A script of reference/ in a bare Node that prints `ready` and stays. */
export const startReference = (script: string): Promise<Started> =>
  start([here(`../reference/${script}`)], {}, (line) => line === 'ready');

/** A script of reference/ in a bare Node, to its end; resolves to the JSON it prints. */
export async function runReference(
  script: string,
  args: readonly (string | number)[],
): Promise<unknown> {
  const child = spawn(process.execPath, [here(`../reference/${script}`), ...args.map(String)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`${script} ended with ${code}`);
  return JSON.parse(text);
}

/** Both streams are watched for the line. */
async function start(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  isReady: (line: string) => boolean,
): Promise<Started> {
  const beganMs = performance.now();
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  living.add(child);
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  void ended.then(() => living.delete(child));
  let said = '';
  const readyMs = await new Promise<number>((resolve, reject) => {
    const fail = (why: string): void => reject(new Error(`${why}:\n${said.slice(-2_000)}`));
    const timer = setTimeout(() => fail('a process was not ready in time'), READY_MS);
    const take = (chunk: Buffer): void => {
      said = (said + chunk.toString()).slice(-10_000);
      if (!said.split('\n').some(isReady)) return;
      clearTimeout(timer);
      resolve(performance.now() - beganMs);
    };
    for (const stream of [child.stdout, child.stderr]) stream.on('data', take);
    child.once('exit', (code) => fail(`a process ended with ${code} before it was ready`));
  });
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    const killer = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(killer);
  };
  return { child, pid: child.pid as number, readyMs, stop };
}

/** CPU of all threads of a process so far, in milliseconds, from the scheduler's own nanoseconds. */
export function cpuMs(pid: number): number {
  return readdirSync(`/proc/${pid}/task`).reduce((sum, task) => {
    const [ns = '0'] = readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'latin1').split(' ');
    return sum + Number(ns) / 1e6;
  }, 0);
}

/** CPU of a process and of its children it has waited for, in milliseconds (10 ms steps). */
export function cpuWithChildrenMs(pid: number): number {
  const fields = statFields(pid);
  return [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index]) * 10, 0);
}

/** Resident memory in MB, and the part of it that is not a mapped file. */
export function memoryMb(pid: number): { readonly rss: number; readonly anonymous: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  const kb = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0);
  return { rss: kb('VmRSS') / 1024, anonymous: kb('RssAnon') / 1024 };
}

/** Direct children that live or wait to be reaped. */
export function childrenOf(pid: number): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((one) => {
      try {
        return Number(statFields(one)[1]) === pid;
      } catch {
        return false; // ended meanwhile
      }
    });
}

/** The launcher shell of an agent. */
export function launcherOf(agent: number): number {
  const found = childrenOf(agent).find((pid) =>
    readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('launcher.sh'),
  );
  if (found === undefined) throw new Error('the agent has no launcher');
  return found;
}

/** Fields of /proc/<pid>/stat after the name: [0] is the state, [1] the parent. */
const statFields = (pid: number): readonly string[] =>
  (readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1) ?? '').split(' ');
