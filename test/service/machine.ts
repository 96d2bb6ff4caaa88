// A whole Debian with a really booted systemd, in a container that shares this machine's network (tests use loopback only).
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

/** Debian 12 has systemd 252, Debian 13 has 257. */
export type Suite = 'bookworm' | 'trixie';
/** Each made once (about half a minute) and kept for the next time; delete it to have it made anew. */
const CACHE = join(tmpdir(), 'muster-debian-root');
const BOOT_MS = 60_000;

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Machine {
  /** Runs a shell script inside as root. */
  readonly run: (script: string) => Ran;
  /** The same; throws unless it exits with 0. Returns stdout. */
  readonly must: (script: string) => string;
  /** Copies a file into /root and returns its path there. */
  readonly put: (file: string) => string;
  readonly stop: () => Promise<void>;
}

function need(
  ran: { readonly status: number | null; readonly stderr: string },
  what: string,
): void {
  if (ran.status !== 0) throw new Error(`${what}: ${ran.stderr.slice(-2_000)}`);
}

function debianRoot(suite: Suite): string {
  const tar = join(CACHE, `${suite}.tar`);
  if (existsSync(tar)) return tar;
  mkdirSync(CACHE, { recursive: true });
  const fresh = join(CACHE, `${process.pid}.tar`);
  const packages = '--include=systemd,systemd-sysv,dbus,procps';
  const made = spawnSync('mmdebstrap', ['--variant=minbase', packages, suite, fresh], {
    encoding: 'utf8',
  });
  need(made, 'mmdebstrap');
  renameSync(fresh, tar);
  return tar;
}

/** Boots; resolves when systemd says that it runs. Needs root, mmdebstrap, systemd-nspawn and nsenter. */
export async function bootMachine(suite: Suite): Promise<Machine> {
  const root = mkdtempSync(join(tmpdir(), 'muster-machine-'));
  need(spawnSync('tar', ['-xf', debianRoot(suite), '-C', root], { encoding: 'utf8' }), 'tar');
  const options = ['--boot', '--register=no', '--keep-unit', '--console=pipe', '--quiet'];
  const container = spawn('systemd-nspawn', [`--directory=${root}`, ...options], {
    env: { ...process.env, SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let words = '';
  for (const stream of [container.stdout, container.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      words += chunk.toString();
    });
  }
  const machine = open(container, root);
  const untilMs = performance.now() + BOOT_MS;
  for (;;) {
    const said = machine.run('systemctl is-system-running').stdout.trim();
    if (said === 'running' || said === 'degraded') return machine;
    if (container.exitCode !== null || performance.now() > untilMs) {
      await machine.stop();
      throw new Error(`the machine did not boot (${said}): ${words.slice(-2_000)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function open(container: ChildProcess, root: string): Machine {
  const gone = new Promise<void>((resolve) => container.once('exit', () => resolve()));
  const run = (script: string): Ran => {
    const init = firstChild(container.pid ?? -1);
    if (init === undefined) return { code: -1, stdout: '', stderr: 'not up' };
    const inside = ['-t', init, '-m', '-u', '-i', '-p', '-C', '/bin/sh', '-c', script];
    const ran = spawnSync('nsenter', inside, {
      encoding: 'utf8',
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8' },
    });
    return { code: ran.status ?? -1, stdout: ran.stdout, stderr: ran.stderr };
  };
  return {
    run,
    must: (script) => {
      const { code, stdout, stderr } = run(script);
      if (code !== 0) throw new Error(`${script}: exit code ${code}\n${stdout}\n${stderr}`);
      return stdout;
    },
    put: (file) => {
      copyFileSync(file, join(root, 'root', basename(file)));
      return `/root/${basename(file)}`;
    },
    stop: async () => {
      // For a booted container this asks systemd inside for an orderly end.
      if (container.exitCode === null) container.kill('SIGTERM');
      const killer = setTimeout(() => container.kill('SIGKILL'), 20_000);
      await gone;
      clearTimeout(killer);
      rmSync(root, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function firstChild(pid: number): string | undefined {
  try {
    return (
      readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0] || undefined
    );
  } catch {
    return undefined;
  }
}
