// The demo's processes: every part of Muster runs as it would in production, started by its own command.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const bin = (name: string): string =>
  fileURLToPath(new URL(`../../bin/${name}.js`, import.meta.url));

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a verb to its end. */
export function run(program: 'muster' | 'muster-agent', args: readonly string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [bin(program), ...args],
      { maxBuffer: 64 * 1024 * 1024, env: { ...process.env, NO_COLOR: '1' } },
      (error, stdout, stderr) =>
        resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr }),
    );
  });
}

/** Like run, but anything but exit 0 ends the demo with what the command said. */
export async function must(
  program: 'muster' | 'muster-agent',
  args: readonly string[],
): Promise<string> {
  const done = await run(program, args);
  if (done.code !== 0) {
    throw new Error(
      `${program} ${args.join(' ')} ended with ${done.code}:\n${done.stderr}${done.stdout}`,
    );
  }
  return done.stdout;
}

export interface Daemon {
  readonly child: ChildProcess;
  readonly stop: (signal?: NodeJS.Signals) => Promise<void>;
}

/** Starts a long-running command with its output in a log file. */
export function daemon(
  program: 'muster' | 'muster-agent',
  args: readonly string[],
  logFile: string,
): Daemon {
  return start(process.execPath, [bin(program), ...args], logFile);
}

export function start(command: string, args: readonly string[], logFile: string): Daemon {
  const log = openSync(logFile, 'a');
  const child = spawn(command, args, { stdio: ['ignore', log, log], detached: true });
  closeSync(log);
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  return {
    child,
    stop: async (signal = 'SIGTERM') => {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      const killer = setTimeout(() => child.kill('SIGKILL'), 8_000);
      await ended;
      clearTimeout(killer);
    },
  };
}

/** A loopback port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

export const sleep = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));

/** Asks until the answer is not undefined; after `seconds` the demo ends with `what`. */
export async function until<T>(
  what: string,
  seconds: number,
  ask: () => Promise<T | undefined>,
): Promise<T> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    const answer = await ask().catch(() => undefined);
    if (answer !== undefined) return answer;
    if (performance.now() > end) throw new Error(`waited ${seconds} s for ${what}`);
    await sleep(200);
  }
}
