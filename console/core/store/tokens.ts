// Join tokens and what machines were answered with them.
import { z } from 'zod';
import type { EnrolmentRecord, TokenTable } from '#console/core/ports.ts';
import type { Db } from '#shared/node/sqlite.ts';

interface TokenRow {
  readonly id: string;
  readonly secret: string;
  readonly expires_at: number;
  readonly uses_left: number;
  readonly labels: string;
}

const labelsSchema = z.record(z.string(), z.string());

/** Prepared statements over `tokens` and `enrolments`. */
export function tokenTable(db: Db): TokenTable {
  const add = db.prepare(`INSERT INTO tokens (id, secret, expires_at, uses_left, labels, created_at)
    VALUES (?, ?, ?, ?, ?, ?)`);
  const get = db.prepare<[string], TokenRow>('SELECT * FROM tokens WHERE id = ?');
  const use = db.prepare(
    'UPDATE tokens SET uses_left = uses_left - 1 WHERE id = ? AND uses_left > 0',
  );
  const expired = db
    .prepare<[number], string>('SELECT id FROM tokens WHERE expires_at < ?')
    .pluck();
  const forget = db.prepare('DELETE FROM tokens WHERE id = ?');
  const enrolment = db.prepare<[string], EnrolmentRecord>(`SELECT agent, token, sign_key AS signKey,
    seal_key AS sealKey, credential FROM enrolments WHERE agent = ?`);
  const addEnrolment =
    db.prepare(`INSERT INTO enrolments (agent, token, sign_key, seal_key, credential, at)
    VALUES (?, ?, ?, ?, ?, ?)`);
  return {
    add: (token, at) =>
      void add.run(
        token.token,
        token.secret,
        token.expiresAt,
        token.usesLeft,
        JSON.stringify(token.labels),
        at,
      ),
    get: (token) => {
      const row = get.get(token);
      if (row === undefined) return undefined;
      return {
        token: row.id,
        secret: row.secret,
        expiresAt: row.expires_at,
        usesLeft: row.uses_left,
        labels: labelsSchema.parse(JSON.parse(row.labels)),
      };
    },
    use: (token) => void use.run(token),
    expired: (nowAt) => expired.all(nowAt),
    forget: (token) => void forget.run(token),
    enrolment: (agent) => enrolment.get(agent),
    addEnrolment: (record, at) =>
      void addEnrolment.run(
        record.agent,
        record.token,
        record.signKey,
        record.sealKey,
        record.credential,
        at,
      ),
  };
}
