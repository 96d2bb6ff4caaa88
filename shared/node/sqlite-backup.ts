// A consistent copy of an SQLite file that others may be writing to, by SQLite's own online backup.
import Database from 'better-sqlite3';

/** Copies the database `from` to the new file `to`, whatever its version. Throws when `from` is missing or no database. */
export async function backupDatabase(from: string, to: string): Promise<void> {
  const db = new Database(from, { fileMustExist: true });
  try {
    await db.backup(to);
  } finally {
    db.close();
  }
}
