// One daemon per data directory. The lock is SQLite's own file lock: the system drops it with the process, kill -9 included.
import Database from 'better-sqlite3';
import { err, ok, type Result } from '#shared/result.ts';

export interface Lock {
  readonly release: () => void;
}

/** Takes the lock at `path` for the life of this process. Fault ALREADY_RUNNING. */
export function takeLock(path: string, waitMs = 2_000): Result<Lock> {
  const db = new Database(path, { timeout: waitMs });
  try {
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if (!isBusy(error)) throw error;
    return err('ALREADY_RUNNING', 'another muster-agent runs on this data directory', {
      hint: 'stop it first, or give --data another directory',
    });
  }
  return ok({ release: () => db.close() });
}

/** True while some process holds the lock; reads only. */
export function isLocked(path: string): boolean {
  let db: Database.Database;
  try {
    db = new Database(path, { readonly: true, fileMustExist: true, timeout: 0 });
  } catch {
    return false;
  }
  try {
    db.prepare('SELECT count(*) FROM sqlite_schema').get();
    return false;
  } catch (error) {
    return isBusy(error);
  } finally {
    db.close();
  }
}

const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY');
