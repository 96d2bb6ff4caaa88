// Names and identities. Ids have no dot (two brokers refuse or rewrite it in topics) and no slash.
import { z } from 'zod';

export const idSchema = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9_-]{0,63}$/,
    'an id is 1 to 64 of a-z 0-9 _ - and starts with a letter or digit',
  );

/** `<stream>/<schedule>`: the identity of a schedule on every machine. */
export const scheduleKeySchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,63}\/[a-z0-9][a-z0-9_-]{0,63}$/);

/** SHA-256 in lower-case hex. */
export const digestSchema = z.string().regex(/^[0-9a-f]{64}$/);
/** Key id: the first 32 hex digits of SHA-256 of the raw 32-byte public key. */
export const keyIdSchema = z.string().regex(/^[0-9a-f]{32}$/);
/** Random or derived 128-bit values in hex: sessions, nonces, run ids. */
export const hex128Schema = z.string().regex(/^[0-9a-f]{32}$/);

/** RFC 3339 in UTC with `Z`, milliseconds optional, existing calendar date (checked by a round trip). */
export const instantSchema = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/)
  .refine((text) => {
    const ms = Date.parse(text);
    return (
      Number.isFinite(ms) &&
      formatInstant(ms) === (text.includes('.') ? text.replace('.000Z', 'Z') : text)
    );
  }, 'not an existing date and time');

/** Epoch milliseconds → RFC 3339 UTC; whole seconds carry no fraction. */
export const formatInstant = (at: number): string =>
  new Date(at).toISOString().replace('.000Z', 'Z');
export const parseInstant = (text: string): number => Date.parse(text);

export const scheduleKey = (stream: string, schedule: string): string => `${stream}/${schedule}`;

/** Splits a key made by scheduleKey. */
export function splitScheduleKey(key: string): {
  readonly stream: string;
  readonly schedule: string;
} {
  const slash = key.indexOf('/');
  return { stream: key.slice(0, slash), schedule: key.slice(slash + 1) };
}
