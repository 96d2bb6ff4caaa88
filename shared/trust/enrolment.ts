// How a machine proves that it was given a join token, without showing its secret (TR60 to TR64).
import { idSchema, parseInstant } from '#shared/ids.ts';
import { type JoinToken, joinTokenSchema } from '#shared/protocol/messages.ts';
import { err, ok, type Result } from '#shared/result.ts';
import { decodeBase64Url, encodeBase64, encodeBase64Url } from './base64.ts';
import { equalBytes, fromHex, hmacSha256, type Sha256, toHex, utf8 } from './crypto.ts';
import type { EnrolDocument } from './documents.ts';
import { schemaFault } from './schema-fault.ts';
import { parseStrictJson } from './strict-json.ts';

const PREFIX = 'muster1.';
const MAX_TOKEN_BYTES = 32_768;

/** The text an operator copies to the machine. */
export const encodeJoinToken = (token: JoinToken): string =>
  PREFIX + encodeBase64Url(utf8(JSON.stringify(token)));

/** Faults: TOKEN_FORMAT, SCHEMA, ID. Expiry is for the caller's clock, or the console's answer, to say. */
export function decodeJoinToken(text: string): Result<JoinToken> {
  const hint = 'copy the whole line that `muster join-token` printed';
  const trimmed = text.trim();
  const bytes = trimmed.startsWith(PREFIX)
    ? decodeBase64Url(trimmed.slice(PREFIX.length))
    : undefined;
  if (!bytes) return err('TOKEN_FORMAT', 'this is not a join token', { hint });
  const json = parseStrictJson(bytes, { maxBytes: MAX_TOKEN_BYTES });
  if (!json.ok) return err('TOKEN_FORMAT', 'the join token is damaged', { hint });
  const token = joinTokenSchema.safeParse(json.value);
  return token.success ? ok(token.data) : schemaFault(token.error, 'join token');
}

export type EnrolTranscript = Pick<
  EnrolDocument,
  'fleet' | 'token' | 'agent' | 'signKey' | 'sealKey' | 'nonce' | 'binding'
>;

/** What the proof is over. No field can hold NUL, so the fields cannot run together. */
export const enrolTranscript = (enrol: EnrolTranscript): Uint8Array =>
  utf8(
    [
      'muster-enrol.v1',
      enrol.fleet,
      enrol.token,
      enrol.agent,
      enrol.signKey,
      enrol.sealKey,
      enrol.nonce,
      enrol.binding,
    ].join('\0'),
  );

/** HMAC-SHA-256 under the token's secret (its text as UTF-8), hex. */
export const enrolProof = (secret: string, enrol: EnrolTranscript, sha256: Sha256): string =>
  toHex(hmacSha256(utf8(secret), enrolTranscript(enrol), sha256));

/** What the console kept of a token it gave out. */
export interface TokenRecord {
  readonly fleet: string;
  readonly token: string;
  readonly secret: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  readonly usesLeft: number;
}

/** The console's check of a request whose own signature is already verified. Faults: FLEET, TOKEN_PROOF, TOKEN_EXPIRED, TOKEN_USED. */
export function checkEnrol(
  record: TokenRecord | undefined,
  enrol: EnrolDocument,
  nowAt: number,
  sha256: Sha256,
): Result<void> {
  const ids = { token: enrol.token, agent: enrol.agent };
  if (record && enrol.fleet !== record.fleet) return err('FLEET', 'another fleet', { ids });
  // An unknown token costs the same work as a known one, and tells nothing.
  const expected = hmacSha256(utf8(record?.secret ?? ''), enrolTranscript(enrol), sha256);
  const proven = equalBytes(expected, fromHex(enrol.proof));
  if (!record || record.token !== enrol.token || !proven) {
    return err('TOKEN_PROOF', 'the machine does not prove this join token', {
      ids,
      hint: 'make a new one with `muster join-token`',
    });
  }
  const hint = 'make a new one with `muster join-token`';
  if (nowAt >= record.expiresAt)
    return err('TOKEN_EXPIRED', 'the join token expired', { ids, hint });
  if (record.usesLeft < 1) return err('TOKEN_USED', 'the join token is used up', { ids, hint });
  return ok(undefined);
}

/** The machine's own look at its token before it asks. `nowAt`: epoch milliseconds of a clock that may be wrong. */
export const tokenExpired = (token: JoinToken, nowAt: number): boolean =>
  nowAt >= parseInstant(token.expires);

/** What each key in a trust document signs about itself: nobody lists a key he does not hold. */
export function popBytes(fleet: string, owner: string, publicRaw: Uint8Array): Uint8Array {
  return utf8(`muster-pop.v1\0${fleet}\0${owner}\0${encodeBase64(publicRaw)}`);
}

/** Owner of the root keys in their proofs; a person's or a collector's is its id. */
export const ROOT_OWNER = idSchema.parse('root');
