// One core per home. The lock is SQLite's, so the kernel releases it however the process ends, kill -9 included.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { openDatabase } from '#shared/node/sqlite.ts';
import { err, ok, type Result } from '#shared/result.ts';
import { lockFile, pidFile } from './places.ts';

export interface HomeLock {
  readonly release: () => void;
}

/** Fault: CORE_RUNNING. Never waits. */
export function lockHome(home: string): Result<HomeLock> {
  const db = openDatabase({ path: lockFile(home), migrations: [] });
  try {
    db.pragma('busy_timeout = 0');
    db.exec('BEGIN IMMEDIATE');
  } catch (error) {
    db.close();
    if ((error as { code?: string }).code !== 'SQLITE_BUSY') throw error;
    return err('CORE_RUNNING', `another process works in this home${owner(home)}`, {
      hint: 'one core per home: talk to that one, or stop it first',
    });
  }
  writeFileSync(pidFile(home), `${process.pid}\n`, { mode: 0o600 });
  return ok({
    release: () => {
      rmSync(pidFile(home), { force: true });
      db.close();
    },
  });
}

const PATIENCE_MS = 5_000;
const RETRY_MS = 50;

/** The same for who wants to stay: waits a moment for a command that only looks something up. Fault: CORE_RUNNING. */
export async function lockHomeSoon(
  home: string,
  isAnswered: () => Promise<boolean>,
): Promise<Result<HomeLock>> {
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    const lock = lockHome(home);
    if (lock.ok || performance.now() > until || (await isAnswered())) return lock;
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

function owner(home: string): string {
  try {
    return ` (pid ${readFileSync(pidFile(home), 'utf8').trim()})`;
  } catch {
    return '';
  }
}
