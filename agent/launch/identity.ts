// Who a process is: (pid, start time, boot). A pid alone may by now belong to a stranger.
import { readdirSync, readFileSync } from 'node:fs';

export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot, as in /proc/<pid>/stat. */
  readonly startTicks: number;
  readonly bootId: string;
}

/** The kernel's random name for this boot. */
export const readBootId = (): string =>
  readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();

/** Pid and start time out of a /proc/<pid>/stat line; undefined when it is not one. */
export function parseStat(
  line: string,
): { readonly pid: number; readonly startTicks: number; readonly state: string } | undefined {
  // The name in parentheses may hold spaces and parentheses itself: fields count from the last one.
  const end = line.lastIndexOf(') ');
  const pid = Number.parseInt(line, 10);
  const fields = line.slice(end + 2).split(' ');
  const startTicks = Number(fields[19]);
  const state = fields[0];
  if (end < 0 || !Number.isInteger(pid) || !Number.isInteger(startTicks) || !state)
    return undefined;
  return { pid, startTicks, state };
}

/** True while exactly this process lives; a zombie does not. */
export function isAlive(process: ProcessIdentity, bootId: string): boolean {
  if (process.bootId !== bootId) return false;
  const now = readStat(process.pid);
  return now !== undefined && now.startTicks === process.startTicks && !/[ZX]/.test(now.state);
}

function readStat(pid: number): ReturnType<typeof parseStat> {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return undefined; // no such process
  }
}

/** True when any process of ours still carries the run's marker in its environment. */
export function isMarked(run: string): boolean {
  const marker = `\0MUSTER_RUN_ID=${run}\0`;
  return readdirSync('/proc').some((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      return `\0${readFileSync(`/proc/${name}/environ`, 'latin1')}\0`.includes(marker);
    } catch {
      return false; // gone meanwhile, or another user's
    }
  });
}
