import { createPrivateKey, createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  generateKey,
  importPublicKey,
  keyId,
  nodeCrypto,
  signerOf,
  verifyWith,
} from '#shared/node/ed25519.ts';
import { sha256Hex } from '#shared/node/sha256.ts';
import type { Result } from '#shared/result.ts';

const hex = (text: string) => new Uint8Array(Buffer.from(text, 'hex'));
const codeOf = (result: Result<unknown>) => (result.ok ? 'ok' : result.fault.code);

/** RFC 8032 §7.1: secret, public, message, signature. */
const RFC_8032 = [
  [
    '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    '',
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  ],
  [
    '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    '72',
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  ],
  [
    'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
    'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    'af82',
    '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  ],
] as const;

/** The eight points of small order, and the other spellings that decoders are known to take. */
const SMALL_ORDER = [
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0000000000000000000000000000000000000000000000000000000000000080',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
];
const SMALL_ORDER_RESPELLED = [
  '0100000000000000000000000000000000000000000000000000000000000080',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
];

describe('Ed25519', () => {
  it('signs and verifies as RFC 8032 says', () => {
    for (const [secret, publicKey, message, signature] of RFC_8032) {
      const signer = signerOf(hex(secret));
      expect(Buffer.from(signer.publicRaw).toString('hex')).toBe(publicKey);
      expect(Buffer.from(signer.sign(hex(message))).toString('hex')).toBe(signature);
      expect(nodeCrypto.verify(hex(publicKey), hex(message), hex(signature))).toBe(true);
      expect(nodeCrypto.verify(hex(publicKey), hex(`${message}00`), hex(signature))).toBe(false);
    }
  });

  it('makes new keys that work, named by their hash', () => {
    const { publicRaw, seed } = generateKey();
    const signer = signerOf(seed);
    expect(signer.publicRaw).toEqual(publicRaw);
    expect(signer.keyId).toBe(sha256Hex(publicRaw).slice(0, 32));
    expect(keyId(publicRaw)).toBe(signer.keyId);
    expect(nodeCrypto.verify(publicRaw, hex('aa'), signer.sign(hex('aa')))).toBe(true);
    expect(generateKey().publicRaw).not.toEqual(publicRaw);
  });

  it('C9 refuses every point of small order, in every spelling', () => {
    for (const point of [...SMALL_ORDER, ...SMALL_ORDER_RESPELLED]) {
      expect([point, codeOf(importPublicKey(hex(point)))]).toEqual([point, 'KEY_WEAK']);
    }
  });

  it('C9 refuses points in a second spelling, and bytes that are no point', () => {
    let noncanonical = 0;
    // y = p + n for n below 19; those that are points at all are second spellings.
    for (let low = 0xed; low <= 0xff; low++) {
      const code = codeOf(importPublicKey(hex(`${low.toString(16)}${'ff'.repeat(30)}7f`)));
      expect(['KEY_NONCANONICAL', 'KEY_POP', 'KEY_WEAK']).toContain(code);
      if (code === 'KEY_NONCANONICAL') noncanonical++;
    }
    expect(noncanonical).toBeGreaterThan(3);
    expect(codeOf(importPublicKey(hex(`02${'00'.repeat(31)}`)))).toBe('KEY_POP');
    expect(codeOf(importPublicKey(new Uint8Array(31)))).toBe('KEY_POP');
  });

  it('C9 lets no signature pass under a weak key, also where the platform would', () => {
    // R = A = the identity and S = 0 satisfy the equation for every message.
    const identity = hex(SMALL_ORDER[0] as string);
    const universal = new Uint8Array([...identity, ...new Uint8Array(32)]);
    expect(nodeCrypto.verify(identity, hex('00'), universal)).toBe(false);
    expect(nodeCrypto.verify(identity, hex('ff'), universal)).toBe(false);
  });

  it('takes every honest key', () => {
    for (let i = 0; i < 50; i++)
      expect(codeOf(importPublicKey(generateKey().publicRaw))).toBe('ok');
    for (const [, publicKey] of RFC_8032)
      expect(codeOf(importPublicKey(hex(publicKey)))).toBe('ok');
  });

  it('C10 refuses a signature whose S has the group order added', () => {
    const [, publicKey, message, signature] = RFC_8032[1];
    const order = 2n ** 252n + 27742317777372353535851937790883648493n;
    const bytes = hex(signature);
    let s = order;
    for (let i = 0; i < 32; i++) s += BigInt(bytes[32 + i] as number) << BigInt(8 * i);
    for (let i = 0; i < 32; i++) bytes[32 + i] = Number((s >> BigInt(8 * i)) & 255n);
    expect(nodeCrypto.verify(hex(publicKey), hex(message), bytes)).toBe(false);
  });

  it('C10 refuses signatures of 63 and 65 bytes, and of none', () => {
    const [, publicKey, message, signature] = RFC_8032[1];
    for (const wrong of [signature.slice(2), `${signature}00`, '']) {
      expect(nodeCrypto.verify(hex(publicKey), hex(message), hex(wrong))).toBe(false);
    }
  });

  it('C11 refuses an RSA, an EC and a private key object, though node would verify with them', () => {
    const message = Buffer.from('m');
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const own = generateKeyPairSync('ed25519');
    const x448 = generateKeyPairSync('ed448');
    for (const key of [rsa.publicKey, ec.publicKey, own.privateKey, x448.publicKey]) {
      expect(codeOf(verifyWith(key, message, new Uint8Array(64)))).toBe('KEY_TYPE');
    }
    expect(codeOf(verifyWith(own.publicKey, message, new Uint8Array(64)))).toBe('ok');
    const seedKey = createPrivateKey(own.privateKey.export({ format: 'pem', type: 'pkcs8' }));
    expect(verify(null, message, seedKey, new Uint8Array(64))).toBe(false);
    expect(createPublicKey(own.privateKey).type).toBe('public');
  });
});
