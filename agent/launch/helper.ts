// The launcher process: a lean shell in a session of its own, fed by a pipe, started again when it dies.
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Tools } from './batch.ts';

/** Starts are given up with the launcher that was to read them, and issued anew by the caller; orders are handed to the next one. */
export type BatchKind = 'starts' | 'orders';

export interface Helper {
  readonly pid: () => number | undefined;
  /** Hands a script over in one write of a file and one line in the pipe; returns the batch's name. */
  readonly send: (script: string, kind: BatchKind) => string;
  /** Lets `count` output readers of started jobs begin. */
  readonly open: (count: number) => void;
  /** The launcher has read the batch; its file goes. */
  readonly done: (batch: string) => void;
  /** Ends the pipe; resolves when the launcher has seen to the timeouts and ended. */
  readonly close: () => Promise<void>;
  /** Lets the launcher collect processes that have ended. */
  readonly reap: () => void;
}

export interface HelperOptions {
  readonly directory: string;
  readonly bootId: string;
  readonly tools: Tools;
  /** The launcher died; another one has already been started. */
  readonly onDeath: () => void;
}

const script = (name: string): string => fileURLToPath(new URL(`./shim/${name}`, import.meta.url));

export function startHelper({ directory, bootId, tools, onDeath }: HelperOptions): Helper {
  let closing = false;
  let batches = 0;
  // Batches of an earlier life have other names, should their launcher still be reading.
  const life = `${process.pid}-${Date.now().toString(36)}`;
  const unread = new Map<string, BatchKind>();
  let respawn: NodeJS.Timeout | undefined;
  let child = launch();

  function launch(): ChildProcess {
    const log = openSync(join(directory, 'launcher.log'), 'a', 0o600);
    const started = spawn(
      tools.shell,
      [script('launcher.sh'), bootId, script('stop.sh'), tools.tee],
      {
        cwd: directory,
        env: { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin' },
        stdio: ['pipe', 'ignore', log, 'pipe'],
        detached: true,
      },
    );
    closeSync(log);
    const startedAt = performance.now();
    // A write to a launcher that has just died is answered by `exit` below, not here.
    for (const end of [started.stdin, started.stdio[3]]) end?.on('error', () => {});
    started.on('error', () => {});
    started.once('exit', () => {
      gate(started).end();
      if (closing) return;
      // One that dies at once (no processes left, say) is given time; requests meanwhile are found unclaimed and issued again.
      const pauseMs = performance.now() - startedAt < 1_000 ? 250 : 0;
      respawn = setTimeout(() => {
        child = launch();
        for (const [name, kind] of unread) {
          if (kind === 'orders') child.stdin?.write(`${name}\n`);
          else forget(name);
        }
        onDeath();
      }, pauseMs);
    });
    return started;
  }
  function forget(batch: string): void {
    unread.delete(batch);
    rmSync(join(directory, batch), { force: true });
  }
  const gate = (of: ChildProcess): Writable => of.stdio[3] as Writable;

  return {
    pid: () => child.pid,
    send: (text, kind) => {
      const name = `batch-${life}-${++batches}.sh`;
      writeFileSync(join(directory, name), text, { mode: 0o600 });
      unread.set(name, kind);
      child.stdin?.write(`${name}\n`);
      return name;
    },
    open: (count) => {
      if (count > 0 && !gate(child).writableEnded) gate(child).write('\n'.repeat(count));
    },
    reap: () => child.stdin?.write('-\n'),
    done: forget,
    close: () =>
      new Promise((resolve) => {
        closing = true;
        clearTimeout(respawn);
        if (child.exitCode !== null || child.signalCode !== null) return resolve();
        child.once('exit', () => resolve());
        child.stdin?.end();
        gate(child).end();
      }),
  };
}
