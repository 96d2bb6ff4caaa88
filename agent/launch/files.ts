// The files of one attempt: reads what the shim wrote, claims what never started, forgets what is no longer needed.
import {
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readFileSync,
  readSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { AttemptKey } from '#agent/ports.ts';
import { baseName } from './batch.ts';
import { isAlive, parseStat } from './identity.ts';
import { type AttemptRecord, parseRecord } from './record.ts';

export interface DatedRecord extends AttemptRecord {
  /** Epoch ms: the claim, which is the file's birth, or its request where the file system keeps no birth time. */
  readonly startedAt: number;
  /** Epoch ms of the last write, which for an ended attempt is its exit record. */
  readonly writtenAt: number;
}

export interface StopNote {
  readonly reason: 'timed-out' | 'cancelled';
  /** Nobody is left of the attempt. */
  readonly done: boolean;
}

export interface AttemptFiles {
  readonly record: (base: string) => DatedRecord | undefined;
  /** Makes an issue void before it starts. False: it has been claimed, so it started or is about to. */
  readonly makeVoid: (base: string) => boolean;
  readonly stopNote: (base: string) => StopNote | undefined;
  readonly hasWatchdog: (base: string, bootId: string) => boolean;
  readonly dismissWatchdog: (base: string, bootId: string) => void;
  /** The issue that counts: the last one not void, or the first one free. */
  readonly currentIssue: (key: AttemptKey) => number;
  readonly output: (base: string, fromByte: number, maxBytes: number, capBytes: number) => Output;
  /** Size of the output file; -1 while the collector has not made it. */
  readonly outputBytes: (base: string) => number;
  readonly forget: (key: AttemptKey) => void;
}

export interface Output {
  readonly bytes: Uint8Array;
  readonly total: number;
  readonly truncated: boolean;
}

export function attemptFiles(directory: string): AttemptFiles {
  const path = (base: string, kind: string): string => join(directory, `${base}.${kind}`);
  const record = (base: string): DatedRecord | undefined => readRecord(path(base, 'run'));
  const currentIssue = (key: AttemptKey): number => {
    let issue = 1;
    while (record(baseName(key, issue))?.void) issue++;
    return issue;
  };
  const watchdog = (base: string, bootId: string): number | undefined => {
    const stat = parseStat(readText(path(base, 'watch')) ?? '');
    return stat && isAlive({ ...stat, bootId }, bootId) ? stat.pid : undefined;
  };
  return {
    record,
    currentIssue,
    makeVoid: (base) => {
      try {
        writeFileSync(path(base, 'run'), 'N\n', { flag: 'wx', mode: 0o600 });
        return true;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
        throw error;
      }
    },
    stopNote: (base) => {
      const lines = readText(path(base, 'stop'))?.split('\n');
      const reason = lines?.[0];
      if (reason !== 'timed-out' && reason !== 'cancelled') return undefined;
      return { reason, done: lines?.some((line) => line.startsWith('done ')) ?? false };
    },
    hasWatchdog: (base, bootId) => watchdog(base, bootId) !== undefined,
    dismissWatchdog: (base, bootId) => {
      const pid = watchdog(base, bootId);
      try {
        if (pid !== undefined) process.kill(pid, 'SIGTERM');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    },
    output: (base, fromByte, maxBytes, capBytes) =>
      readOutput(path(base, 'out'), fromByte, maxBytes, capBytes),
    outputBytes: (base) => statSync(path(base, 'out'), { throwIfNoEntry: false })?.size ?? -1,
    forget: (key) => {
      for (let issue = 1; issue === 1 || existsSync(path(baseName(key, issue), 'run')); issue++) {
        // The record goes last: while it is there, the attempt's other files are still found.
        for (const kind of ['out', 'stop', 'watch', 'run'])
          remove(path(baseName(key, issue), kind));
      }
    },
  };
}

function readRecord(path: string): DatedRecord | undefined {
  try {
    const fd = openSync(path, 'r');
    try {
      const facts = fstatSync(fd);
      const record = parseRecord(readFileSync(fd, 'latin1'));
      // Kernel file times lag the clock by up to a tick, which must not look like an early start.
      const requestedAt = record.claim?.requestedAt ?? 0;
      const startedAt = Math.floor(Math.max(facts.birthtimeMs, requestedAt));
      return { ...record, startedAt, writtenAt: Math.max(Math.floor(facts.mtimeMs), startedAt) };
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function readOutput(path: string, fromByte: number, maxBytes: number, capBytes: number): Output {
  const none = { bytes: new Uint8Array(), total: 0, truncated: false };
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return none;
    throw error;
  }
  try {
    const size = fstatSync(fd).size;
    const total = Math.min(size, capBytes);
    const from = fromByte < 0 ? Math.max(0, total + fromByte) : Math.min(fromByte, total);
    const bytes = Buffer.alloc(Math.max(0, Math.min(maxBytes, total - from)));
    const count = bytes.length === 0 ? 0 : readSync(fd, bytes, 0, bytes.length, from);
    return { bytes: bytes.subarray(0, count), total, truncated: size > capBytes };
  } finally {
    closeSync(fd);
  }
}

function readText(path: string): string | undefined {
  // Most attempts have no such file; looking costs a fraction of an error.
  if (!existsSync(path)) return undefined;
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined; // not there, which every caller takes for "no"
  }
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
