// Retained messages of the embedded broker in SQLite: durable before they are acknowledged, found by index.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Db, openDatabase } from '#shared/node/sqlite.ts';
import { filterMatches, literalPrefix } from '#shared/protocol/filters.ts';

export interface RetainedMessage {
  readonly topic: string;
  readonly payload: Buffer;
}

type Done = (error: Error | null) => void;

export interface RetainedStore {
  /** Keeps the message, or forgets the topic when the payload is empty. `done` runs after the commit. */
  readonly put: (message: RetainedMessage, done: Done) => void;
  /** Everything a filter matches, read page by page as the consumer takes it. */
  readonly match: (filter: string) => Generator<RetainedMessage>;
  /** Commits what waits and closes. */
  readonly close: () => void;
}

export const RETAINED_SQL = {
  exact: 'SELECT topic, payload FROM retained WHERE topic = ?',
  range:
    'SELECT topic, payload FROM retained WHERE topic >= ? AND topic < ? ORDER BY topic LIMIT 64',
} as const;

export const RETAINED_MIGRATIONS = [
  `CREATE TABLE retained (topic TEXT PRIMARY KEY, payload BLOB NOT NULL) STRICT`,
];
/** Topics are printable ASCII, so this sorts after every continuation of a prefix. */
const AFTER_ALL = '\x7f';

/** Opens the store for this process alone. Throws SQLITE_BUSY when another broker has it. */
export function openRetained(directory: string): RetainedStore {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const db = openDatabase({
    path: join(directory, 'retained.db'),
    migrations: RETAINED_MIGRATIONS,
  });
  try {
    db.pragma('locking_mode = EXCLUSIVE');
    // The lock is taken by the first write and then kept until this process ends, however it ends.
    db.exec('BEGIN EXCLUSIVE; COMMIT');
  } catch (error) {
    db.close();
    throw error;
  }
  return retainedStore(db);
}

function retainedStore(db: Db): RetainedStore {
  const exact = db.prepare<[string], RetainedMessage>(RETAINED_SQL.exact);
  const range = db.prepare<[string, string], RetainedMessage>(RETAINED_SQL.range);
  const keep = db.prepare<RetainedMessage>(
    `INSERT INTO retained (topic, payload) VALUES (@topic, @payload)
     ON CONFLICT (topic) DO UPDATE SET payload = @payload`,
  );
  const forget = db.prepare<[string]>('DELETE FROM retained WHERE topic = ?');
  let waiting: { readonly message: RetainedMessage; readonly done: Done }[] = [];

  const write = db.transaction((messages: readonly RetainedMessage[]) => {
    for (const message of messages) {
      if (message.payload.byteLength === 0) forget.run(message.topic);
      else keep.run(message);
    }
  });
  // One fsync for all that arrived in the same turn: with thousands of agents at once, that is what keeps up.
  const flush = (): void => {
    const batch = waiting;
    waiting = [];
    if (batch.length === 0) return;
    let failed: Error | null = null;
    try {
      write.immediate(batch.map(({ message }) => message));
    } catch (error) {
      failed = error as Error;
    }
    for (const { done } of batch) done(failed);
  };

  return {
    put: (message, done) => {
      if (waiting.length === 0) setImmediate(flush);
      waiting.push({ message, done });
    },
    match: function* (filter) {
      const prefix = literalPrefix(filter);
      // `a/#` also matches `a`, which lies outside the range of `a/`.
      const single = prefix === filter ? filter : prefix.replace(/\/$/, '');
      if (prefix === filter || filter === `${prefix}#`) {
        const found = db.open ? exact.get(single) : undefined;
        if (found && filterMatches(filter, found.topic)) yield found;
      }
      if (prefix === filter) return;
      let from = prefix;
      while (db.open) {
        const page = range.all(from, `${prefix}${AFTER_ALL}`);
        for (const row of page) if (filterMatches(filter, row.topic)) yield row;
        const end = page.at(-1);
        if (!end) return;
        from = `${end.topic}\0`;
      }
    },
    close: () => {
      flush();
      db.close();
    },
  };
}
