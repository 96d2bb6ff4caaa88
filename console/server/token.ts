// The token of the HTTP server: made once, kept 0600 in the home, compared without telling by time how near a guess is.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { writeNewFile } from '#shared/node/atomic-file.ts';
import { err, ok, type Result } from '#shared/result.ts';
import { tokenFile } from './places.ts';

const FORM = /^[A-Za-z0-9_-]{43}$/;

/** The home's token; 256 random bits, made on first use. Faults: TOKEN_MODE, TOKEN_FILE. */
export function loadToken(home: string): Result<string> {
  const path = tokenFile(home);
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) {
    const token = randomBytes(32).toString('base64url');
    const written = writeNewFile(path, Buffer.from(`${token}\n`));
    return written.ok ? ok(token) : written;
  }
  const hint = `delete ${path}: the next start makes a new one`;
  if (process.platform !== 'win32' && (stat.mode & 0o077) !== 0) {
    return err('TOKEN_MODE', 'others may read the HTTP token', { at: path, hint });
  }
  const token = readFileSync(path, 'utf8').trim();
  return FORM.test(token) ? ok(token) : err('TOKEN_FILE', 'not a token', { at: path, hint });
}

export const sameToken = (given: string, token: string): boolean =>
  timingSafeEqual(digest(given), digest(token));

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
