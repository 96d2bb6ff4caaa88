import { describe, expect, it } from 'vitest';
import { encodeBase64 } from '#shared/trust/base64.ts';
import { REFUSAL_CODES } from '#shared/trust/codes.ts';
import type { Signer } from '#shared/trust/crypto.ts';
import type { TrustDocument } from '#shared/trust/documents.ts';
import { openEnvelope, sealEnvelope } from '#shared/trust/envelope.ts';
import {
  acceptTrust,
  acceptTrustChain,
  checkInstalled,
  loadTrust,
  signingKeys,
} from '#shared/trust/trust-document.ts';
import {
  alice,
  aliceSpare,
  bob,
  carried,
  codeOf,
  crypto,
  fingerprint,
  idOf,
  key,
  rootA,
  rootB,
  rootC,
  scheduleDocument,
  trustV1,
  trustWith,
  unwrap,
} from './fixtures.ts';
import { mutate, seeded } from './mutate.ts';

const v1 = trustWith();
const sealTrust = (document: TrustDocument, signers: readonly Signer[] = [rootA, rootB]) =>
  sealEnvelope('trust', document, signers);

const next = (changes: Partial<TrustDocument> = {}): TrustDocument => ({
  ...trustV1,
  version: 2,
  previous: v1.docId,
  ...changes,
});
const accept = (document: TrustDocument, signers?: readonly Signer[]) =>
  acceptTrust(v1, fingerprint, sealTrust(document, signers), crypto);

/** A document accepted as the very first, for rules that do not need a predecessor. */
const asFirst = (changes: Partial<TrustDocument>) => {
  const document = { ...trustV1, ...changes };
  return codeOf(acceptTrust(undefined, idOf('trust', document), sealTrust(document), crypto));
};

const B_THEN_C = { keys: [carried(rootB, 'root'), carried(rootC, 'root')], threshold: 2 };
const withPersonKey = (publicRaw: Uint8Array, proof = new Uint8Array(64)) =>
  asFirst({
    persons: [
      ...trustV1.persons,
      {
        id: 'eve',
        type: 'person',
        keys: [{ public: encodeBase64(publicRaw), proof: encodeBase64(proof) }],
      },
    ],
  });

describe('trust document', () => {
  it('E2 refuses a root other than the pinned one', () => {
    const theirs = { ...trustV1, root: { keys: [carried(rootC, 'root')], threshold: 1 } };
    const offered = sealTrust(theirs, [rootC]);
    expect(codeOf(acceptTrust(undefined, fingerprint, offered, crypto))).toBe('ROOT_PIN');
    expect(codeOf(acceptTrust(undefined, fingerprint, sealTrust(trustV1), crypto))).toBe('ok');
  });

  it('E2 refuses the pinned document when its root has not signed it', () => {
    expect(codeOf(acceptTrust(undefined, fingerprint, sealTrust(trustV1, [rootA]), crypto))).toBe(
      'SIG_THRESHOLD',
    );
    expect(codeOf(acceptTrust(undefined, fingerprint, sealTrust(trustV1, [alice]), crypto))).toBe(
      'KEY_UNKNOWN',
    );
  });

  it('P5 refuses a skipped version and one rolled back', () => {
    expect(codeOf(accept(next({ version: 3 })))).toBe('TRUST_GAP');
    expect(codeOf(acceptTrust(undefined, fingerprint, sealTrust(next()), crypto))).toBe(
      'TRUST_GAP',
    );
    const v2 = unwrap(accept(next())).trust;
    expect(codeOf(acceptTrust(v2, fingerprint, sealTrust(trustV1), crypto))).toBe('TRUST_ROLLBACK');
  });

  it('P6 refuses a version signed by only the new root, only the old one, or one key short', () => {
    const document = next({ root: B_THEN_C });
    expect(codeOf(accept(document, [rootB, rootC]))).toBe('SIG_THRESHOLD');
    expect(codeOf(accept(document, [rootA, rootB]))).toBe('SIG_THRESHOLD');
    expect(codeOf(accept(document, [rootB]))).toBe('SIG_THRESHOLD');
    expect(codeOf(accept(document, [rootA, rootB, rootC]))).toBe('ok');
  });

  it('lets a root key that is being revoked hand over to the next (TR33)', () => {
    const revoked = [{ key: rootA.keyId, reason: 'retired' as const, at: '2026-02-01T00:00:00Z' }];
    const document = next({ root: B_THEN_C, revoked });
    const v2 = unwrap(accept(document, [rootA, rootB, rootC])).trust;
    const third = next({ root: B_THEN_C, revoked, version: 3, previous: v2.docId });
    const seal3 = (signers: Signer[]) =>
      acceptTrust(v2, fingerprint, sealTrust(third, signers), crypto);
    expect(codeOf(seal3([rootA, rootB]))).toBe('SIG_THRESHOLD');
    expect(codeOf(seal3([rootB, rootC]))).toBe('ok');
  });

  it('counts no root key that the very version revokes (TR33)', () => {
    const revoked = [
      { key: rootA.keyId, reason: 'compromised' as const, at: '2026-02-01T00:00:00Z' },
    ];
    const keys = [rootA, rootB, rootC].map((signer) => carried(signer, 'root'));
    const document = next({ root: { keys, threshold: 2 }, revoked });
    expect(codeOf(accept(document, [rootA, rootB]))).toBe('SIG_THRESHOLD');
    expect(codeOf(accept(document, [rootA, rootB, rootC]))).toBe('ok');
  });

  it('P7 refuses a threshold of zero, and one key under two owners', () => {
    expect(asFirst({ thresholds: { ...trustV1.thresholds, schedule: 0 } })).toBe('TRUST_INVALID');
    expect(asFirst({ root: { ...trustV1.root, threshold: 0 } })).toBe('TRUST_INVALID');
    const shared = (owner: string) => carried(alice, owner);
    expect(
      asFirst({
        persons: [...trustV1.persons, { id: 'eve', type: 'person', keys: [shared('eve')] }],
      }),
    ).toBe('TRUST_KEY_SHARED');
    expect(asFirst({ collectors: [{ id: 'main', relayKeys: [shared('main')] }] })).toBe(
      'TRUST_KEY_SHARED',
    );
    const asRoot = { id: 'eve', type: 'person' as const, keys: [carried(rootA, 'eve')] };
    expect(asFirst({ persons: [asRoot] })).toBe('TRUST_INVALID');
    expect(asFirst({ persons: [...trustV1.persons, asRoot] })).toBe('TRUST_KEY_SHARED');
  });

  it('C9 refuses weak, non-canonical and off-curve keys, and keys without proof', () => {
    const identity = Uint8Array.of(1, ...new Uint8Array(31));
    expect(withPersonKey(identity)).toBe('KEY_WEAK');
    const above = Uint8Array.from({ length: 32 }, (_, i) =>
      i === 0 ? 0xed + 3 : i === 31 ? 0x7f : 0xff,
    );
    expect(withPersonKey(above)).toBe('KEY_NONCANONICAL');
    expect(withPersonKey(Uint8Array.of(2, ...new Uint8Array(31)))).toBe('KEY_POP');
    expect(withPersonKey(key('eve').publicRaw)).toBe('KEY_POP');
    const elsewhere = Buffer.from(carried(key('eve'), 'eve', 'other').proof, 'base64');
    expect(withPersonKey(key('eve').publicRaw, elsewhere)).toBe('KEY_POP');
    const good = Buffer.from(carried(key('eve'), 'eve').proof, 'base64');
    expect(withPersonKey(key('eve').publicRaw, good)).toBe('ok');
  });

  it('refuses what contradicts itself (TR36)', () => {
    const person = trustV1.persons[1] as TrustDocument['persons'][number];
    const at = '2026-01-02T00:00:00Z';
    expect(asFirst({ persons: [...trustV1.persons, { ...person, keys: [] }] })).toBe(
      'TRUST_INVALID',
    );
    expect(asFirst({ grants: [{ person: 'nobody', role: 'operator' }] })).toBe('TRUST_INVALID');
    expect(asFirst({ grants: [{ person: 'alice', role: 'nothing' }] })).toBe('TRUST_INVALID');
    expect(asFirst({ notAfter: trustV1.issuedAt })).toBe('TRUST_INVALID');
    expect(asFirst({ previous: 'aa'.repeat(32) })).toBe('TRUST_INVALID');
    expect(asFirst({ root: { ...trustV1.root, threshold: 3 } })).not.toBe('ok');
    const revoked = [{ key: rootC.keyId, reason: 'retired' as const, at }];
    const keys = [...trustV1.root.keys, carried(rootC, 'root')];
    expect(asFirst({ root: { keys, threshold: 2 }, revoked })).toBe('ok');
  });

  it('refuses another fleet, and another history under a known version', () => {
    expect(codeOf(accept(next({ fleet: 'others' })))).toBe('FLEET');
    expect(codeOf(accept(next({ previous: 'aa'.repeat(32) })))).toBe('REV_FORK');
    expect(codeOf(accept({ ...trustV1, protectedLabels: [] }))).toBe('REV_FORK');
  });

  it('takes no mutated version, though its payload is read before its signatures (TR33)', () => {
    const document = next({ root: B_THEN_C });
    const envelope = sealTrust(document, [rootA, rootB, rootC]);
    const { docId } = unwrap(accept(document, [rootA, rootB, rootC])).trust;
    const random = seeded(0x1234567);
    let refused = 0;
    for (let round = 0; round < 1_500; round++) {
      const result = acceptTrust(v1, fingerprint, mutate(envelope, random), crypto);
      if (result.ok) expect(result.value.trust.docId).toBe(docId);
      else {
        refused++;
        expect(REFUSAL_CODES).toContain(result.fault.code);
      }
    }
    expect(refused).toBeGreaterThan(1_000);
  });

  it('takes the version in force again without a change', () => {
    expect(unwrap(accept(trustV1))).toEqual({ trust: v1, changed: false });
  });

  it('follows a chain of versions, and reads the last one back from its store', () => {
    const document = next({ root: B_THEN_C });
    const envelope = sealTrust(document, [rootA, rootB, rootC]);
    const chain = [sealTrust(trustV1), envelope];
    const last = unwrap(acceptTrustChain(chain, fingerprint, crypto));
    expect(last.document.version).toBe(2);
    expect(unwrap(loadTrust(envelope, crypto))).toEqual(last);
    expect(codeOf(acceptTrustChain(chain.toReversed(), fingerprint, crypto))).toBe('TRUST_GAP');
    expect(codeOf(acceptTrustChain([], fingerprint, crypto))).toBe('TRUST_GAP');
    expect(codeOf(loadTrust(sealTrust(document, [rootA, rootC]), crypto))).not.toBe('ok');
  });

  it('P8 suspends what a compromised key signed, and refuses its new documents', () => {
    const revoke = (reason: 'compromised' | 'retired') =>
      unwrap(accept(next({ revoked: [{ key: alice.keyId, reason, at: '2026-02-01T00:00:00Z' }] })))
        .trust;
    expect(codeOf(checkInstalled(revoke('compromised'), [alice.keyId]))).toBe('SUSPENDED');
    expect(codeOf(checkInstalled(revoke('retired'), [alice.keyId]))).toBe('ok');
    expect(codeOf(checkInstalled(revoke('compromised'), [bob.keyId, aliceSpare.keyId]))).toBe('ok');
    for (const reason of ['compromised', 'retired'] as const) {
      const opened = openEnvelope(sealEnvelope('schedule', scheduleDocument, [alice]), {
        expectKinds: ['schedule'],
        keyOf: signingKeys(revoke(reason)),
        crypto,
      });
      expect(codeOf(opened)).toBe('KEY_REVOKED');
    }
  });
});
