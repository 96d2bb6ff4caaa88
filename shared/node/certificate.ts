// A private authority for the broker's TLS, and server certificates by it: X.509 v3, ECDSA P-256, no openssl needed.
// TLS only keeps passwords and reports from listeners; who may make a machine run something never depends on it.
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto';
import { isIP } from 'node:net';
import * as der from './der.ts';

/** Certificate and private key, PEM. */
export interface CertifiedKey {
  readonly cert: string;
  readonly key: string;
}

/** Machines without a battery-backed clock wake up in 1970 and must still reach their broker. */
const FROM_ALWAYS_AT = 0;
/** RFC 5280, 4.1.2.5: a certificate with no well-defined end. */
const TO_NEVER_AT = Date.parse('9999-12-31T23:59:59Z');

const OID = {
  commonName: '2.5.4.3',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  subjectKeyId: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyId: '2.5.29.35',
  extKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
} as const;

/** An authority of its own for one fleet's broker. It has no end: machines pin it, and a new one replaces it. */
export function createAuthority(name: string): CertifiedKey {
  const { privateKey, publicKey } = newKey();
  const cert = certify({
    subject: name,
    issuer: name,
    publicKey,
    signKey: privateKey,
    untilAt: TO_NEVER_AT,
    extensions: [
      extension(OID.basicConstraints, der.sequence(der.TRUE, der.integer(Buffer.from([0]))), true),
      // keyCertSign alone: this authority signs server certificates and nothing else.
      extension(OID.keyUsage, der.bits(Buffer.from([0x04]), 2), true),
      extension(OID.subjectKeyId, der.octets(keyId(publicKey))),
    ],
  });
  return { cert, key: pemOf(privateKey) };
}

export interface ServerRequest {
  readonly authority: CertifiedKey;
  /** Name the authority was made with. */
  readonly authorityName: string;
  /** Host names and IP addresses machines may reach it by; the first one names it. At least one. */
  readonly names: readonly string[];
  /** Epoch milliseconds. */
  readonly untilAt: number;
}

/** A server certificate with a new key. Throws when a name is neither a host name nor an address: parse before. */
export function issueServer(request: ServerRequest): CertifiedKey {
  const { privateKey, publicKey } = newKey();
  const signKey = createPrivateKey(request.authority.key);
  const authorityKey = keyId(createPublicKey(request.authority.cert));
  const cert = certify({
    subject: (request.names[0] as string).slice(0, 64),
    issuer: request.authorityName,
    publicKey,
    signKey,
    untilAt: request.untilAt,
    extensions: [
      extension(OID.basicConstraints, der.sequence(), true),
      extension(OID.keyUsage, der.bits(Buffer.from([0x80]), 7), true),
      extension(OID.extKeyUsage, der.sequence(der.oid(OID.serverAuth))),
      extension(OID.subjectAltName, der.sequence(...request.names.map(altName))),
      extension(OID.subjectKeyId, der.octets(keyId(publicKey))),
      extension(OID.authorityKeyId, der.sequence(der.implicit(0, authorityKey))),
    ],
  });
  return { cert, key: pemOf(privateKey) };
}

const newKey = () => generateKeyPairSync('ec', { namedCurve: 'prime256v1' });

const pemOf = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();

interface Template {
  readonly subject: string;
  readonly issuer: string;
  readonly publicKey: KeyObject;
  readonly signKey: KeyObject;
  readonly untilAt: number;
  readonly extensions: readonly Uint8Array[];
}

function certify({ subject, issuer, publicKey, signKey, untilAt, extensions }: Template): string {
  const algorithm = der.sequence(der.oid(OID.ecdsaWithSha256));
  const serial = randomBytes(16);
  serial[0] = ((serial[0] as number) & 0x7f) | 0x40;
  const body = der.sequence(
    der.explicit(0, der.integer(Buffer.from([2]))),
    der.integer(serial),
    algorithm,
    nameOf(issuer),
    der.sequence(der.time(FROM_ALWAYS_AT), der.time(untilAt)),
    nameOf(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der.explicit(3, der.sequence(...extensions)),
  );
  const signature = sign('sha256', body, signKey);
  const bytes = der.sequence(body, algorithm, der.bits(signature)).toString('base64');
  const lines = bytes.match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

const nameOf = (common: string): Buffer =>
  der.sequence(
    der.setOf(der.sequence(der.oid(OID.commonName), der.utf8String(common.slice(0, 64)))),
  );

const extension = (id: string, value: Uint8Array, critical = false): Buffer =>
  der.sequence(der.oid(id), ...(critical ? [der.TRUE] : []), der.octets(value));

/** RFC 5280, 4.2.1.2: SHA-1 of the key's bits, here of the whole SPKI, which serves as well; a name, not a proof. */
const keyId = (key: KeyObject): Buffer =>
  createHash('sha1')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest();

function altName(name: string): Buffer {
  if (isIP(name) === 0) return der.implicit(2, Buffer.from(name, 'ascii'));
  return der.implicit(7, addressBytes(name));
}

/** Four or sixteen bytes; URL's parser writes an IPv6 address in its one short form, which is easy to spell out. */
function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number));
  const short = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = '', tail] = short.split('::');
  const [left, right] = [head, tail ?? ''].map((part) => part.split(':').filter(Boolean));
  const groups = [...(left ?? []), ...(right ?? [])];
  const zeros = Array.from({ length: 8 - groups.length }, () => '0');
  const all = [...(left ?? []), ...zeros, ...(right ?? [])];
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex');
}
