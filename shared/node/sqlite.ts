// Opening SQLite the way both sides need it: WAL, synchronous=FULL (better-sqlite3's own WAL default is NORMAL), migrations by number.
import Database from 'better-sqlite3';

export type Db = Database.Database;

/** Migration n (from 1) brings user_version from n-1 to n. Only ever append. */
export type Migration = string | ((db: Db) => void);

export interface OpenOptions {
  readonly path: string;
  readonly migrations: readonly Migration[];
  /** Pages of WAL before a checkpoint; the WAL file is kept grown. */
  readonly checkpointPages?: number;
}

/** Opens and migrates. Throws when the file was written by a newer version, which is refused rather than guessed at. */
export function openDatabase({ path, migrations, checkpointPages = 1_000 }: OpenOptions): Db {
  const db = new Database(path);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.pragma('foreign_keys = ON');
  db.pragma('busy_timeout = 5000');
  db.pragma(`wal_autocheckpoint = ${checkpointPages}`);
  migrate(db, migrations);
  return db;
}

function migrate(db: Db, migrations: readonly Migration[]): void {
  const at = db.pragma('user_version', { simple: true }) as number;
  if (at > migrations.length) {
    throw new Error(
      `database is at version ${at}, this program knows ${migrations.length}: run a newer one`,
    );
  }
  for (let version = at; version < migrations.length; version++) {
    const step = migrations[version] as Migration;
    db.transaction(() => {
      if (typeof step === 'string') db.exec(step);
      else step(db);
      db.pragma(`user_version = ${version + 1}`);
    }).immediate();
  }
}
