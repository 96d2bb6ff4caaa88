// Telling systemd that the agent is ready and alive, with no native code: sd_notify(3) wants a datagram, which Node cannot send.
import { type ChildProcess, spawn } from 'node:child_process';
import { writeSync } from 'node:fs';

type Environment = Readonly<Record<string, string | undefined>>;

export interface Notifier {
  /** One message as in sd_notify(3), `READY=1`. Never throws: a missed ping is for the watchdog to judge. */
  readonly send: (message: string) => void;
  /** How often WATCHDOG=1 is wanted, in milliseconds; undefined: no watchdog. */
  readonly watchdogMs: number | undefined;
  readonly close: () => void;
}

const FIRST_FD = 3;

/** By the open file the unit hands over (systemd 253 on), else by systemd-notify, else (no service) not at all. */
export function openNotifier(env: Environment, pid: number): Notifier | undefined {
  const watchdogMs = watchdogOf(env, pid);
  const fd = handedOver(env, pid);
  if (fd !== undefined) {
    const send = (message: string): void => {
      try {
        writeSync(fd, message);
      } catch {
        // systemd itself restarts just now; the next ping comes soon.
      }
    };
    return { send, watchdogMs, close: () => undefined };
  }
  return env.NOTIFY_SOCKET ? byHelper(env.NOTIFY_SOCKET, pid, watchdogMs) : undefined;
}

/** sd_listen_fds(3): the number of the file named `notify`. */
function handedOver({ LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES }: Environment, pid: number) {
  if (Number(LISTEN_PID) !== pid) return undefined;
  const at = (LISTEN_FDNAMES ?? '').split(':').indexOf('notify');
  return at >= 0 && at < Number(LISTEN_FDS) ? FIRST_FD + at : undefined;
}

/** sd_watchdog_enabled(3). A third of the limit: one ping may be lost. */
function watchdogOf({ WATCHDOG_USEC, WATCHDOG_PID }: Environment, pid: number) {
  const limitMs = Number(WATCHDOG_USEC) / 1_000;
  if (!(limitMs > 0) || (WATCHDOG_PID !== undefined && Number(WATCHDOG_PID) !== pid)) {
    return undefined;
  }
  return Math.floor(limitMs / 3);
}

/** One lean shell for the agent's whole life: forking the agent for every ping would cost its memory each time. */
function byHelper(socket: string, pid: number, watchdogMs: number | undefined): Notifier {
  const script = 'while read -r message; do systemd-notify --pid="$1" "$message"; done';
  let child: ChildProcess | undefined;
  const start = (): ChildProcess => {
    const started = spawn('/bin/sh', ['-c', script, 'muster-notify', String(pid)], {
      env: { PATH: '/usr/bin:/bin', NOTIFY_SOCKET: socket },
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    started.on('error', () => undefined);
    started.stdin?.on('error', () => undefined);
    started.once('exit', () => {
      if (child === started) child = undefined;
    });
    return started;
  };
  return {
    send: (message) => {
      child ??= start();
      child.stdin?.write(`${message}\n`);
    },
    watchdogMs,
    close: () => child?.stdin?.end(),
  };
}

/**
 * Says READY now and WATCHDOG as often as wanted, from the agent's own loop: one that hangs, or whose `pulse` throws,
 * stays silent, and systemd starts the agent anew. Returns how to end it.
 */
export function startHeartbeat(notifier: Notifier, pulse: () => void): () => void {
  notifier.send('READY=1');
  const { watchdogMs } = notifier;
  if (watchdogMs === undefined) return () => undefined;
  const timer = setInterval(() => {
    try {
      pulse();
    } catch {
      return;
    }
    notifier.send('WATCHDOG=1');
  }, watchdogMs);
  return () => clearInterval(timer);
}
