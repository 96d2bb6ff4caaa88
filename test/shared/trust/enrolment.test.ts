import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sha256 } from '#shared/node/sha256.ts';
import type { JoinToken } from '#shared/protocol/messages.ts';
import { encodeBase64, encodeBase64Url } from '#shared/trust/base64.ts';
import { hmacSha256, utf8 } from '#shared/trust/crypto.ts';
import {
  checkEnrol,
  decodeJoinToken,
  encodeJoinToken,
  enrolProof,
  type TokenRecord,
  tokenExpired,
} from '#shared/trust/enrolment.ts';
import {
  atMs,
  codeOf,
  enrolDocument,
  FLEET,
  fingerprint,
  otherDevice,
  TOKEN_SECRET,
  unwrap,
} from './fixtures.ts';

const token: JoinToken = {
  fleet: FLEET,
  rootFingerprint: fingerprint,
  broker: { url: 'mqtts://broker.example:8883', ca: '-----BEGIN CERTIFICATE-----\né\n' },
  token: 'tok-1',
  secret: TOKEN_SECRET,
  expires: '2026-01-06T10:00:00Z',
  labels: { site: 'lyon' },
};
const record: TokenRecord = {
  fleet: FLEET,
  token: 'tok-1',
  secret: TOKEN_SECRET,
  expiresAt: Date.parse(token.expires),
  usesLeft: 1,
};
const check = (
  changes: Partial<typeof enrolDocument> = {},
  of: Partial<TokenRecord> = {},
  at = atMs,
) => codeOf(checkEnrol({ ...record, ...of }, { ...enrolDocument, ...changes }, at, sha256));

describe('join token', () => {
  it('comes back from its text, also with a line end around it (TR61)', () => {
    const text = encodeJoinToken(token);
    expect(text).toMatch(/^muster1\.[A-Za-z0-9_-]+$/);
    expect(unwrap(decodeJoinToken(`  ${text}\n`))).toEqual(token);
  });

  it('is refused damaged, cut, or of another kind (TR61)', () => {
    const text = encodeJoinToken(token);
    for (const bad of ['', 'muster1.', 'hello', text.slice(0, -5), `${text}==`, text.slice(1)]) {
      expect(codeOf(decodeJoinToken(bad))).toBe('TOKEN_FORMAT');
    }
    const other = `muster1.${encodeBase64Url(utf8(JSON.stringify({ ...token, surprise: 1 })))}`;
    expect(codeOf(decodeJoinToken(other))).toBe('SCHEMA');
    const badName = `muster1.${encodeBase64Url(utf8(JSON.stringify({ ...token, fleet: 'A/B' })))}`;
    expect(codeOf(decodeJoinToken(badName))).toBe('ID');
  });

  it('ends at its instant', () => {
    expect(tokenExpired(token, Date.parse(token.expires) - 1)).toBe(false);
    expect(tokenExpired(token, Date.parse(token.expires))).toBe(true);
  });
});

describe('proof of a join token', () => {
  it('is the HMAC everybody computes (TR63)', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 150 }), fc.uint8Array(), (secret, message) => {
        const expected = createHmac('sha256', secret).update(message).digest('hex');
        expect(Buffer.from(hmacSha256(secret, message, sha256)).toString('hex')).toBe(expected);
      }),
    );
  });

  it('is taken from the machine that was given the token', () => {
    expect(check()).toBe('ok');
  });

  it('E1 is refused when the token expired or is used up', () => {
    expect(check({}, {}, record.expiresAt)).toBe('TOKEN_EXPIRED');
    expect(check({}, { usesLeft: 0 })).toBe('TOKEN_USED');
  });

  it('E1 is refused when made for another key, name, machine or token', () => {
    const foreign = { signKey: encodeBase64(otherDevice.publicRaw) };
    expect(check(foreign)).toBe('TOKEN_PROOF');
    expect(check({ sealKey: foreign.signKey })).toBe('TOKEN_PROOF');
    expect(check({ agent: 'till-2' })).toBe('TOKEN_PROOF');
    expect(check({ binding: 'aa'.repeat(32) })).toBe('TOKEN_PROOF');
    expect(check({ nonce: 'aa'.repeat(16) })).toBe('TOKEN_PROOF');
    expect(check({}, { token: 'tok-2' })).toBe('TOKEN_PROOF');
    expect(check({ proof: enrolProof('guess', enrolDocument, sha256) })).toBe('TOKEN_PROOF');
    expect(codeOf(checkEnrol(undefined, enrolDocument, atMs, sha256))).toBe('TOKEN_PROOF');
    const empty = { ...enrolDocument, proof: enrolProof('', enrolDocument, sha256) };
    expect(codeOf(checkEnrol(undefined, empty, atMs, sha256))).toBe('TOKEN_PROOF');
  });

  it('E1 tells who proves nothing neither that the token expired nor that it is used (TR64)', () => {
    expect(check({ agent: 'till-2' }, { usesLeft: 0 }, record.expiresAt)).toBe('TOKEN_PROOF');
  });

  it('shows nothing of the secret', () => {
    expect(JSON.stringify(enrolDocument)).not.toContain(TOKEN_SECRET);
    expect(check({ fleet: 'others' })).toBe('FLEET');
  });
});
