import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { encodeBase64 } from '#shared/trust/base64.ts';
import { REFUSAL_CODES } from '#shared/trust/codes.ts';
import { utf8 } from '#shared/trust/crypto.ts';
import { type PayloadKind, payloadType } from '#shared/trust/documents.ts';
import {
  documentId,
  encodePayload,
  type KeyOf,
  openEnvelope,
  pae,
  sealEnvelope,
} from '#shared/trust/envelope.ts';
import { signingKeys } from '#shared/trust/trust-document.ts';
import { howMany } from '#test/support/long.ts';
import {
  alice,
  bob,
  codeOf,
  commandDocument,
  crypto,
  key,
  rootA,
  schedule,
  scheduleDocument,
  trustWith,
  unwrap,
} from './fixtures.ts';
import { mutate, seeded } from './mutate.ts';

const MUTATIONS = howMany(
  'mutated schedule envelopes, none accepted but as the same payload',
  4_000,
  200_000,
);

interface Carried {
  payload: string;
  payloadType: string;
  signatures: { keyid: string; sig: string }[];
}

const keyOf = signingKeys(trustWith());
const open = (bytes: Uint8Array, expectKinds: PayloadKind[] = ['schedule'], keys: KeyOf = keyOf) =>
  openEnvelope(bytes, { expectKinds, keyOf: keys, crypto });

const sealed = sealEnvelope('schedule', scheduleDocument, [alice]);

/** The sealed schedule with a change to the envelope's JSON. */
function edited(change: (envelope: Carried) => void, from = sealed): Uint8Array {
  const envelope = JSON.parse(Buffer.from(from).toString()) as Carried;
  change(envelope);
  return utf8(JSON.stringify(envelope));
}
const first = (envelope: Carried) => envelope.signatures[0] as Carried['signatures'][number];

/** Bytes that are no schedule, signed as one by somebody trusted. */
const signedText = (text: string | Uint8Array) =>
  sealEnvelope('schedule', typeof text === 'string' ? utf8(text) : text, [alice]);
const variant = (change: object) => signedText(JSON.stringify({ ...scheduleDocument, ...change }));

describe('envelope', () => {
  it('encodes as DSSE says, byte for byte (TR2)', () => {
    expect(Buffer.from(pae('http://example.com/HelloWorld', utf8('hello world'))).toString()).toBe(
      'DSSEv1 29 http://example.com/HelloWorld 11 hello world',
    );
    expect(Buffer.from(pae('é', utf8('ü'))).toString()).toBe('DSSEv1 2 é 2 ü');
  });

  it('opens what was sealed and names signers and document (TR8)', () => {
    const both = sealEnvelope('schedule', scheduleDocument, [alice, bob]);
    const opened = unwrap(open(both));
    expect(opened.payload).toEqual(scheduleDocument);
    expect(opened.signers).toEqual([alice.keyId, bob.keyId]);
    expect(opened.docId).toBe(unwrap(open(sealed)).docId);
    const bytes = encodePayload(scheduleDocument);
    expect(opened.docId).toBe(documentId(payloadType('schedule'), bytes, crypto.sha256));
  });

  it('C1 refuses a payload with one byte changed', () => {
    const at = 10;
    const bytes = Uint8Array.from(encodePayload(scheduleDocument));
    bytes[at] = (bytes[at] as number) ^ 1;
    const changed = edited((envelope) => {
      envelope.payload = encodeBase64(bytes);
    });
    expect(codeOf(open(changed))).toBe('SIG_INVALID');
  });

  it('C2 refuses another payload type, and a signed command on the schedule topic', () => {
    const retyped = edited((envelope) => {
      envelope.payloadType = payloadType('command');
    });
    expect(codeOf(open(retyped))).toBe('PAYLOAD_TYPE');
    expect(codeOf(open(retyped, ['command']))).toBe('SIG_INVALID');
    expect(codeOf(open(sealEnvelope('command', commandDocument, [alice])))).toBe('PAYLOAD_TYPE');
  });

  it('C3 refuses an inner kind that differs from the payload type', () => {
    expect(codeOf(open(signedText(JSON.stringify(commandDocument))))).toBe('KIND');
  });

  it('C4 refuses no signatures, a JWT and alg none', () => {
    const bare = edited((envelope) => {
      envelope.signatures = [];
    });
    expect(codeOf(open(bare))).toBe('SIG_NONE');
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const jwt = `${part({ alg: 'none' })}.${part(scheduleDocument)}.`;
    expect(codeOf(open(utf8(jwt)))).toBe('ENVELOPE');
    const jws = {
      payload: part(scheduleDocument),
      protected: part({ alg: 'none' }),
      signature: '',
    };
    expect(codeOf(open(utf8(JSON.stringify(jws))))).toBe('ENVELOPE');
    expect(codeOf(open(encodePayload(scheduleDocument)))).toBe('ENVELOPE');
  });

  it('C5 refuses an HMAC made with the public key', () => {
    const mac = createHmac('sha256', alice.publicRaw)
      .update(pae(payloadType('schedule'), encodePayload(scheduleDocument)))
      .digest();
    const forged = edited((envelope) => {
      first(envelope).sig = encodeBase64(mac);
    });
    expect(codeOf(open(forged))).toBe('SIG_FORMAT');
  });

  it('C6 refuses an own key under a stolen id, and an unknown id', () => {
    const mallory = key('mallory');
    const stolen = { ...mallory, keyId: alice.keyId };
    expect(codeOf(open(sealEnvelope('schedule', scheduleDocument, [stolen])))).toBe('SIG_INVALID');
    expect(codeOf(open(sealEnvelope('schedule', scheduleDocument, [mallory])))).toBe('KEY_UNKNOWN');
  });

  it('C7 refuses one signature twice', () => {
    expect(codeOf(open(sealEnvelope('schedule', scheduleDocument, [alice, alice])))).toBe(
      'SIG_DUPLICATE',
    );
  });

  it('C10 refuses a malleated signature, and one of 63 or 65 bytes', () => {
    const resign = (change: (sig: Buffer) => Uint8Array) =>
      edited((envelope) => {
        first(envelope).sig = encodeBase64(change(Buffer.from(first(envelope).sig, 'base64')));
      });
    const order = 2n ** 252n + 27742317777372353535851937790883648493n;
    const malleated = resign((sig) => {
      let s = order;
      for (let i = 63; i >= 32; i--) s += BigInt(sig[i] as number) << BigInt((i - 32) * 8);
      for (let i = 32; i < 64; i++) sig[i] = Number((s >> BigInt((i - 32) * 8)) & 255n);
      return sig;
    });
    expect(codeOf(open(malleated))).toBe('SIG_INVALID');
    expect(codeOf(open(resign((sig) => sig.subarray(1))))).toBe('SIG_FORMAT');
    expect(codeOf(open(resign((sig) => Buffer.concat([sig, Buffer.of(0)]))))).toBe('SIG_FORMAT');
  });

  it('C13 refuses inexact base64 and too many signatures before any is verified', () => {
    let verified = 0;
    const counting = {
      ...crypto,
      verify: () => {
        verified++;
        return true;
      },
    };
    const refusal = (change: (envelope: Carried) => void) =>
      codeOf(
        openEnvelope(edited(change), {
          expectKinds: ['schedule'],
          keyOf: () => alice.publicRaw,
          crypto: counting,
          maxBytes: 2_000_000,
        }),
      );
    for (const junk of ['\n', ' ', '=', '-', 'A', 'é']) {
      expect(refusal((envelope) => (envelope.payload += junk))).toBe('B64');
    }
    // 64 bytes end in two characters whose last four bits must be zero.
    expect(refusal((e) => (first(e).sig = first(e).sig.replace(/.==$/, 'B==')))).toBe('B64');
    const many = (count: number) => (envelope: Carried) => {
      envelope.signatures = Array.from({ length: count }, (_, i) => ({
        keyid: i.toString(16).padStart(32, '0'),
        sig: first(envelope).sig,
      }));
    };
    expect(refusal(many(9))).toBe('SIG_LIMIT');
    expect(refusal(many(10_000))).toBe('SIG_LIMIT');
    expect(verified).toBe(0);
    expect(refusal(many(8))).toBe('ok');
  });

  it('J6 refuses 300 KB by its size alone', () => {
    expect(codeOf(open(new Uint8Array(300_000)))).toBe('SIZE');
    expect(codeOf(open(new Uint8Array(300_000), ['report']))).toBe('SIZE');
  });

  it('J7 refuses unknown fields, foreign letters in ids, climbing paths and NUL in arguments', () => {
    expect(codeOf(open(variant({ surprise: 1 })))).toBe('SCHEMA');
    expect(codeOf(open(variant({ x: { surprise: 1 } })))).toBe('ok');
    for (const stream of ['bаckup', 'back\u202eup', '../backup', 'Backup', 'back.up', '']) {
      expect([stream, codeOf(open(variant({ stream })))]).toEqual([stream, 'ID']);
    }
    const job = (change: object) =>
      variant({ schedules: [{ ...schedule, job: { ...schedule.job, ...change } }] });
    for (const cwd of ['/srv/../etc', '../etc', 'srv', '']) {
      expect([cwd, codeOf(open(job({ cwd })))]).toEqual([cwd, 'PATH']);
    }
    expect(codeOf(open(job({ argv: ['/bin/true', 'a\0b'] })))).toBe('SCHEMA');
    expect(codeOf(open(variant({ issuedAt: '2026-02-30T00:00:00Z' })))).toBe('SCHEMA');
  });

  it('quotes no text of a hostile document in its fault (TR17)', () => {
    const fault = open(variant({ ['\u202e\u001b[31m'.repeat(50)]: 1 }));
    expect(fault.ok ? '' : JSON.stringify(fault.fault)).toMatch(/^[\x20-\x7e]{1,700}$/);
  });

  it('refuses a payload of strict JSON codes though it is properly signed', () => {
    expect(codeOf(open(signedText('{"kind":"schedule","kind":"trust"}')))).toBe('JSON_DUPKEY');
    expect(codeOf(open(signedText('{"kind":"schedule"} x')))).toBe('JSON_TRAILING');
    expect(codeOf(open(signedText(Uint8Array.of(0xef, 0xbb, 0xbf, 0x7b, 0x7d))))).toBe('UTF8');
  });

  it('lets unknown keys count for nothing, and one bad signature refuse all (TR6, TR7)', () => {
    const mixed = sealEnvelope('schedule', scheduleDocument, [key('mallory'), alice]);
    expect(unwrap(open(mixed)).signers).toEqual([alice.keyId]);
    const bad = { ...bob, sign: () => new Uint8Array(64) };
    expect(codeOf(open(sealEnvelope('schedule', scheduleDocument, [alice, bad])))).toBe(
      'SIG_INVALID',
    );
  });

  it('refuses any signature of a revoked key, listed or not (TR6, TR37)', () => {
    const revoked = ['alice', 'mallory'].map((name) => ({
      key: key(name).keyId,
      reason: 'retired' as const,
      at: '2026-01-02T00:00:00Z',
    }));
    const keys = signingKeys(trustWith({ revoked }));
    for (const signers of [[alice], [bob, alice], [bob, key('mallory')]]) {
      const bytes = sealEnvelope('schedule', scheduleDocument, signers);
      expect(codeOf(open(bytes, ['schedule'], keys))).toBe('KEY_REVOKED');
    }
    expect(
      codeOf(open(sealEnvelope('schedule', scheduleDocument, [bob]), ['schedule'], keys)),
    ).toBe('ok');
  });

  it('a mutated envelope is refused with a code, or means the same with fewer persons', () => {
    const both = sealEnvelope('schedule', scheduleDocument, [alice, bob]);
    const original = unwrap(open(both));
    const random = seeded(0x2545f491);
    let passed = 0;
    for (let round = 0; round < MUTATIONS; round++) {
      const mutated = mutate(both, random);
      if (Buffer.compare(mutated, both) === 0) continue;
      const result = open(mutated);
      if (result.ok) {
        passed++;
        expect(result.value.docId).toBe(original.docId);
        expect(result.value.payload).toEqual(original.payload);
        expect(result.value.signers.length).toBe(1);
        expect(original.signers).toContain(result.value.signers[0]);
      } else expect(REFUSAL_CODES).toContain(result.fault.code);
    }
    expect(passed).toBeGreaterThan(0);
  });

  it('throws for a caller without a signer', () => {
    expect(() => sealEnvelope('schedule', scheduleDocument, [])).toThrow(/1 to 8 signatures/);
    expect(() => sealEnvelope('schedule', scheduleDocument, Array(9).fill(rootA))).toThrow();
  });
});
