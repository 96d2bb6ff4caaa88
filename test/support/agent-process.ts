// A real `muster-agent run` process for tests and the demo: started, waited for, killed or stopped by its own pid.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../agent/main.ts', import.meta.url));
const READY_TIMEOUT_MS = 20_000;
const STOP_TIMEOUT_MS = 10_000;

export interface AgentProcess {
  readonly pid: number;
  /** Log lines so far, newest last, as parsed JSON. */
  readonly lines: () => readonly Readonly<Record<string, unknown>>[];
  /** Resolves at the first line (old or new) with this message; rejects after `timeoutMs`. */
  readonly sees: (message: string, timeoutMs?: number) => Promise<void>;
  /** SIGKILL; resolves when the process is gone. Jobs go on. */
  readonly kill: () => Promise<void>;
  /** SIGTERM; resolves with its exit code, which is 0 after a clean end. */
  readonly stop: () => Promise<number | null>;
}

/** Starts the agent of an enrolled data directory and waits until it says `ready`. Rejects with its output when it ends. */
export async function startAgent(
  data: string,
  {
    env = {},
    logLevel = 'info',
  }: { readonly env?: NodeJS.ProcessEnv; readonly logLevel?: string } = {},
): Promise<AgentProcess> {
  const child = spawn(process.execPath, [MAIN, 'run', '--data', data, '--log-level', logLevel], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const agent = watch(child);
  await agent.sees('ready', READY_TIMEOUT_MS);
  return agent;
}

function watch(child: ChildProcess): AgentProcess {
  const lines: Record<string, unknown>[] = [];
  const watchers = new Set<() => void>();
  let text = '';
  let ended = false;
  const tell = (): void => {
    for (const watcher of [...watchers]) watcher();
  };
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  void exited.then(() => {
    ended = true;
    tell();
  });
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    const parts = text.split('\n');
    text = parts.pop() ?? '';
    for (const part of parts) lines.push(parseLine(part));
    tell();
  });

  const sees = (message: string, timeoutMs = 10_000): Promise<void> => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = (): void => {
      if (lines.some((line) => line.msg === message)) resolve();
      else if (ended) reject(new Error(`ended before "${message}": ${JSON.stringify(lines)}`));
    };
    const timer = setTimeout(
      () => reject(new Error(`no "${message}" in ${timeoutMs} ms: ${JSON.stringify(lines)}`)),
      timeoutMs,
    );
    watchers.add(look);
    look();
    return promise.finally(() => {
      clearTimeout(timer);
      watchers.delete(look);
    });
  };

  return {
    pid: child.pid ?? -1,
    lines: () => lines,
    sees,
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
    stop: async () => {
      child.kill('SIGTERM');
      const killer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
      return exited.finally(() => clearTimeout(killer));
    },
  };
}

function parseLine(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return { msg: line };
  }
}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one verb of `muster-agent` to its end, as a process. */
export function runAgentCli(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [MAIN, ...args],
      { env: { ...process.env, NO_COLOR: '1', ...env }, maxBuffer: 16 * 1024 * 1024 },
      (error, stdout, stderr) =>
        resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr }),
    );
  });
}
