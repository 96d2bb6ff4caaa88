// User names and password hashes of the embedded broker: one SQLite file, written by the console, read by the broker at each CONNECT.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase } from '#shared/node/sqlite.ts';
import { type BrokerIdentity, type BrokerRole, ENROL_PREFIX } from './access.ts';

export interface BrokerCredentials {
  /** Creates or renews a user with a random password of 192 bits and returns it; it is stored nowhere else. */
  readonly add: (username: string, role: BrokerRole) => string;
  /** As add, with a password made elsewhere. It must be random: only a fast hash protects it. */
  readonly set: (username: string, role: BrokerRole, password: string) => void;
  /** False when there was no such user. A running broker drops the user's connections within seconds. */
  readonly remove: (username: string) => boolean;
  readonly list: () => readonly BrokerIdentity[];
  readonly verify: (username: string, password: string) => BrokerIdentity | undefined;
  /** Changes with every renewal and removal: what a connection was let in with. */
  readonly stamp: (username: string) => string | undefined;
  readonly close: () => void;
}

interface Row {
  readonly username: string;
  readonly role: BrokerRole;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

const MIGRATIONS = [
  `CREATE TABLE credentials (
    username TEXT PRIMARY KEY,
    role TEXT NOT NULL CHECK (role IN ('agent', 'enrol', 'console')),
    salt BLOB NOT NULL,
    hash BLOB NOT NULL
  ) STRICT, WITHOUT ROWID`,
];
const USERNAME = /^[a-z0-9][a-z0-9_-]{0,79}$/;
const MIN_PASSWORD_LENGTH = 22;

/** Opens (and creates) the credentials in a broker's directory. Any number of processes may. */
export function brokerCredentials(directory: string): BrokerCredentials {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const db = openDatabase({ path: join(directory, 'credentials.db'), migrations: MIGRATIONS });
  const find = db.prepare<[string], Row>('SELECT * FROM credentials WHERE username = ?');
  const upsert = db.prepare<Row>(
    `INSERT INTO credentials (username, role, salt, hash) VALUES (@username, @role, @salt, @hash)
     ON CONFLICT (username) DO UPDATE SET role = @role, salt = @salt, hash = @hash`,
  );
  const remove = db.prepare<[string]>('DELETE FROM credentials WHERE username = ?');
  const all = db.prepare<[], BrokerIdentity>(
    'SELECT username, role FROM credentials ORDER BY username',
  );

  const set: BrokerCredentials['set'] = (username, role, password) => {
    if (!USERNAME.test(username)) throw new Error(`not a user name: ${username}`);
    if ((role === 'enrol') !== username.startsWith(ENROL_PREFIX)) {
      throw new Error(`${username} as ${role}: exactly enrolment users start with ${ENROL_PREFIX}`);
    }
    if (password.length < MIN_PASSWORD_LENGTH) throw new Error('passwords are random, 128 bits up');
    const salt = randomBytes(16);
    upsert.run({ username, role, salt, hash: hashOf(salt, password) });
  };

  return {
    set,
    add: (username, role) => {
      const password = randomBytes(24).toString('base64url');
      set(username, role, password);
      return password;
    },
    remove: (username) => remove.run(username).changes > 0,
    list: () => all.all(),
    verify: (username, password) => {
      const row = find.get(username);
      if (!row || !timingSafeEqual(row.hash, hashOf(row.salt, password))) return undefined;
      return { username: row.username, role: row.role };
    },
    stamp: (username) => find.get(username)?.hash.toString('hex'),
    close: () => db.close(),
  };
}

// Passwords are random, so nobody can guess them from a hash; a slow hash would only let strangers burn the broker's CPU.
const hashOf = (salt: Uint8Array, password: string): Buffer =>
  createHash('sha256').update(salt).update(password).digest();
