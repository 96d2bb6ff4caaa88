// A consistent copy of an SQLite file that others may be writing to, by SQLite's own online backup.
import Database from 'better-sqlite3';
import { err, ok, type Result } from '#shared/result.ts';

/** Copies the database `from` to the new file `to`, whatever its version. Fault: DATABASE_COPY, when it is locked or none. */
export async function backupDatabase(from: string, to: string): Promise<Result<void>> {
  try {
    const db = new Database(from, { fileMustExist: true });
    try {
      // A reader first: under another's exclusive lock the backup itself ends without a word and without a file.
      db.pragma('schema_version');
      const { remainingPages } = await db.backup(to);
      if (remainingPages === 0) return ok(undefined);
      return err('DATABASE_COPY', `${remainingPages} pages of ${from} could not be copied`);
    } finally {
      db.close();
    }
  } catch (error) {
    return err('DATABASE_COPY', `cannot copy ${from}: ${(error as Error).message}`);
  }
}
