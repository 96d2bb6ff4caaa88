// DSSE 1.0.2 in a strict profile (TR1 to TR9): the carried bytes are verified, then those same bytes are parsed.
import { z } from 'zod';
import { MAX_MESSAGE_BYTES } from '#shared/protocol/broker.ts';
import { err, ok, type Result } from '#shared/result.ts';
import { decodeBase64, encodeBase64 } from './base64.ts';
import { concatBytes, type Signer, type TrustCrypto, toHex, utf8 } from './crypto.ts';
import { type Payload, type PayloadKind, payloadSchemas, payloadType } from './documents.ts';
import { schemaFault } from './schema-fault.ts';
import { parseStrictJson } from './strict-json.ts';

export const MAX_SIGNATURES = 8;
/** For reports, after bounded decompression; every other document is bounded as it is sent. */
export const MAX_REPORT_BYTES = 256 * 1024;
const SIGNATURE_BYTES = 64;

/** What a key id means now: its raw public key, nothing, or a key that may sign no more. */
export type KeyOf = (keyId: string) => Uint8Array | 'revoked' | undefined;

export interface ReadOptions<K extends PayloadKind> {
  readonly expectKinds: readonly K[];
  /** Default: MAX_REPORT_BYTES when a report is expected, else the broker's message limit. */
  readonly maxBytes?: number;
}

/** An envelope whose form is right; nothing in it is verified yet. */
export interface ReadEnvelope<K extends PayloadKind> {
  readonly kind: K;
  readonly payloadBytes: Uint8Array;
  /** The bytes the signatures are over. */
  readonly signedBytes: Uint8Array;
  readonly signatures: readonly { readonly keyId: string; readonly sig: Uint8Array }[];
}

export interface Opened<K extends PayloadKind> {
  readonly kind: K;
  /** SHA-256 of the PAE: the identity of the document, however often it is signed. */
  readonly docId: string;
  readonly payload: Payload<K>;
  readonly payloadBytes: Uint8Array;
  /** Ids of known keys whose signatures are valid, at least one. */
  readonly signers: readonly string[];
}

/** Opened, of one of several kinds: a union that `kind` tells apart. */
export type AnyOpened<K extends PayloadKind> = { [P in K]: Opened<P> }[K];

/** Pre-authentication encoding: what is signed. */
export function pae(type: string, payload: Uint8Array): Uint8Array {
  const typeBytes = utf8(type);
  return concatBytes(
    utf8(`DSSEv1 ${typeBytes.length} `),
    typeBytes,
    utf8(` ${payload.length} `),
    payload,
  );
}

/** Document id: SHA-256 of the PAE in hex. */
export const documentId = (
  type: string,
  payloadBytes: Uint8Array,
  sha256: TrustCrypto['sha256'],
): string => toHex(sha256(pae(type, payloadBytes)));

/** The one spelling of a payload this program makes. Text must be well formed Unicode, or nobody will open it. */
export const encodePayload = <K extends PayloadKind>(payload: Payload<K>): Uint8Array =>
  utf8(JSON.stringify(payload));

/** Signs and writes an envelope as compact JSON. Throws when the caller has no signer, or too many: a bug. */
export function sealEnvelope<K extends PayloadKind>(
  kind: K,
  payload: Payload<K> | Uint8Array,
  signers: readonly Signer[],
): Uint8Array {
  if (signers.length === 0 || signers.length > MAX_SIGNATURES) {
    throw new Error(`an envelope has 1 to ${MAX_SIGNATURES} signatures, not ${signers.length}`);
  }
  const bytes = payload instanceof Uint8Array ? payload : encodePayload<K>(payload);
  const message = pae(payloadType(kind), bytes);
  const signatures = signers.map((signer) => ({
    keyid: signer.keyId,
    sig: encodeBase64(signer.sign(message)),
  }));
  return utf8(
    JSON.stringify({ payload: encodeBase64(bytes), payloadType: payloadType(kind), signatures }),
  );
}

const envelopeSchema = z.strictObject({
  payload: z.string(),
  payloadType: z.string(),
  signatures: z.array(
    z.strictObject({ keyid: z.string().regex(/^[0-9a-f]{32}$/), sig: z.string() }),
  ),
});

const sizeLimit = (kinds: readonly PayloadKind[]): number =>
  kinds.includes('report') ? MAX_REPORT_BYTES : MAX_MESSAGE_BYTES;

/** Steps 1 to 5: size, envelope, payloadType, base64, signature limits. Verifies nothing. */
export function readEnvelope<K extends PayloadKind>(
  bytes: Uint8Array,
  { expectKinds, maxBytes = sizeLimit(expectKinds) }: ReadOptions<K>,
): Result<ReadEnvelope<K>> {
  const json = parseStrictJson(bytes, { maxBytes });
  if (!json.ok) {
    return json.fault.code === 'JSON_SYNTAX' ? err('ENVELOPE', 'not a signed document') : json;
  }
  const envelope = envelopeSchema.safeParse(json.value);
  if (!envelope.success) return err('ENVELOPE', 'not a signed document of this profile');
  const { payloadType: type, payload, signatures } = envelope.data;
  const kind = expectKinds.find((candidate) => payloadType(candidate) === type);
  if (kind === undefined) {
    return err('PAYLOAD_TYPE', `expected here: ${expectKinds.map(payloadType).join(', ')}`);
  }
  const payloadBytes = decodeBase64(payload);
  if (!payloadBytes) return err('B64', 'the payload is not exact base64');
  const decoded = decodeSignatures(signatures);
  if (!decoded.ok) return decoded;
  const signedBytes = pae(type, payloadBytes);
  return ok({ kind, payloadBytes, signedBytes, signatures: decoded.value });
}

function decodeSignatures(
  carried: readonly { readonly keyid: string; readonly sig: string }[],
): Result<ReadEnvelope<PayloadKind>['signatures']> {
  if (carried.length === 0) return err('SIG_NONE', 'nobody signed this');
  if (carried.length > MAX_SIGNATURES) {
    return err('SIG_LIMIT', `${carried.length} signatures, at most ${MAX_SIGNATURES} are read`);
  }
  const signatures: { readonly keyId: string; readonly sig: Uint8Array }[] = [];
  for (const { keyid: keyId, sig: text } of carried) {
    const sig = decodeBase64(text);
    if (!sig) return err('B64', 'a signature is not exact base64', { ids: { keyId } });
    if (sig.length !== SIGNATURE_BYTES) {
      const message = `a signature has ${sig.length} bytes instead of ${SIGNATURE_BYTES}`;
      return err('SIG_FORMAT', message, { ids: { keyId } });
    }
    if (signatures.some((other) => other.keyId === keyId)) {
      return err('SIG_DUPLICATE', 'one key signed twice', { ids: { keyId } });
    }
    signatures.push({ keyId, sig });
  }
  return ok(signatures);
}

/** Steps 6 and 7: keys, then signatures. Unknown keys count for nothing; any revoked key or bad signature refuses all. */
export function checkSignatures(
  read: ReadEnvelope<PayloadKind>,
  keyOf: KeyOf,
  crypto: TrustCrypto,
): Result<readonly string[]> {
  const known: { keyId: string; sig: Uint8Array; key: Uint8Array }[] = [];
  for (const { keyId, sig } of read.signatures) {
    const key = keyOf(keyId);
    if (key === 'revoked') return err('KEY_REVOKED', 'signed by a revoked key', { ids: { keyId } });
    if (key) known.push({ keyId, sig, key });
  }
  if (known.length === 0) {
    const keyId = read.signatures[0]?.keyId ?? '';
    return err('KEY_UNKNOWN', 'signed only by keys that are not trusted here', { ids: { keyId } });
  }
  for (const { keyId, sig, key } of known) {
    if (!crypto.verify(key, read.signedBytes, sig)) {
      return err('SIG_INVALID', 'a signature does not fit the bytes', { ids: { keyId } });
    }
  }
  return ok(known.map(({ keyId }) => keyId));
}

/** Steps 8 and 9: strict parse, inner kind, schema. The kind comes first because it chooses the schema. */
export function parsePayload<K extends PayloadKind>(read: ReadEnvelope<K>): Result<Payload<K>> {
  const json = parseStrictJson(read.payloadBytes, { maxBytes: read.payloadBytes.length });
  if (!json.ok) return json;
  const inner = z.looseObject({ kind: z.string() }).safeParse(json.value);
  if (inner.success && inner.data.kind !== read.kind) {
    return err('KIND', `the payload does not say it is a ${read.kind}, as its envelope does`);
  }
  const parsed = payloadSchemas[read.kind].safeParse(json.value);
  if (!parsed.success) return schemaFault(parsed.error, `${read.kind} document`);
  return ok(parsed.data as Payload<K>);
}

export interface OpenOptions<K extends PayloadKind> extends ReadOptions<K> {
  readonly keyOf: KeyOf;
  readonly crypto: TrustCrypto;
}

/** All steps up to the kind, in order; the first failure wins. A fault carries docId once the signed bytes are known. */
export function openEnvelope<K extends PayloadKind>(
  bytes: Uint8Array,
  options: OpenOptions<K>,
): Result<AnyOpened<K>> {
  const read = readEnvelope(bytes, options);
  if (!read.ok) return read;
  const docId = toHex(options.crypto.sha256(read.value.signedBytes));
  const signers = checkSignatures(read.value, options.keyOf, options.crypto);
  if (!signers.ok) return withDocId(signers, docId);
  const payload = parsePayload(read.value);
  if (!payload.ok) return withDocId(payload, docId);
  const { kind, payloadBytes } = read.value;
  const opened: Opened<K> = {
    kind,
    docId,
    payload: payload.value,
    payloadBytes,
    signers: signers.value,
  };
  return ok(opened as AnyOpened<K>);
}

/** Adds the document's id to a fault, so that both sides of a dispute can name the bytes. */
export function withDocId<T>(result: Result<T>, docId: string): Result<T> {
  if (result.ok) return result;
  return { ok: false, fault: { ...result.fault, ids: { ...result.fault.ids, docId } } };
}
