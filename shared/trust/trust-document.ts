// The trust document: who holds which key, and how one version follows another (TR30 to TR38).
import { err, ok, type Result } from '#shared/result.ts';
import { decodeBase64 } from './base64.ts';
import { keyIdOf, type Sha256, type TrustCrypto, toHex } from './crypto.ts';
import { publicKeyFault } from './curve.ts';
import type { TrustDocument } from './documents.ts';
import { popBytes, ROOT_OWNER } from './enrolment.ts';
import {
  checkSignatures,
  type KeyOf,
  parsePayload,
  type ReadEnvelope,
  readEnvelope,
  withDocId,
} from './envelope.ts';

export interface KeyEntry {
  readonly keyId: string;
  readonly publicRaw: Uint8Array;
  /** `root`, a person's id, or a collector's id. */
  readonly owner: string;
  readonly type: 'root' | 'person' | 'service' | 'relay';
  readonly revoked?: 'compromised' | 'retired';
}
export type KeyDirectory = ReadonlyMap<string, KeyEntry>;

/** A trust document that was accepted, with its keys by id. */
export interface Trust {
  readonly document: TrustDocument;
  readonly docId: string;
  readonly keys: KeyDirectory;
}

type CarriedKey = TrustDocument['root']['keys'][number];
interface OwnedKey extends CarriedKey {
  readonly owner: string;
  readonly type: KeyEntry['type'];
}

/** The schema fixed the length; stray bits in the last character would be a second spelling of a key. */
const rawKey = (key: CarriedKey): Uint8Array | undefined => decodeBase64(key.public);

function allKeys(document: TrustDocument): OwnedKey[] {
  return [
    ...document.root.keys.map((key) => ({ ...key, owner: ROOT_OWNER, type: 'root' as const })),
    ...document.persons.flatMap(({ id, type, keys }) =>
      keys.map((key) => ({ ...key, owner: id, type })),
    ),
    ...document.collectors.flatMap(({ id, relayKeys }) =>
      relayKeys.map((key) => ({ ...key, owner: id, type: 'relay' as const })),
    ),
  ];
}

/** Every key of the document by its id, revoked ones marked. */
function keyDirectory(document: TrustDocument, sha256: Sha256): KeyDirectory {
  const revoked = new Map(document.revoked.map(({ key, reason }) => [key, reason]));
  const keys = new Map<string, KeyEntry>();
  for (const { owner, type, ...key } of allKeys(document)) {
    const publicRaw = rawKey(key);
    const keyId = publicRaw && keyIdOf(publicRaw, sha256);
    // The first owner keeps a shared key; checkTrustDocument refuses the document for it.
    if (!keyId || keys.has(keyId)) continue;
    const reason = revoked.get(keyId);
    keys.set(keyId, { keyId, publicRaw, owner, type, ...(reason ? { revoked: reason } : {}) });
  }
  return keys;
}

/** What openEnvelope asks about keys of new documents: a revoked key signs nothing any more, listed or not. */
export function signingKeys(trust: Trust): KeyOf {
  const revoked = new Set(trust.document.revoked.map(({ key }) => key));
  return (keyId) => (revoked.has(keyId) ? 'revoked' : trust.keys.get(keyId)?.publicRaw);
}

/** An installed document after the trust has changed: SUSPENDED when a signer's key is known to be in other hands. */
export function checkInstalled(trust: Trust, signers: readonly string[]): Result<void> {
  const lost = trust.document.revoked.find(
    ({ key, reason }) => reason === 'compromised' && signers.includes(key),
  );
  if (!lost) return ok(undefined);
  return err('SUSPENDED', 'signed with a key that has been compromised since', {
    ids: { keyId: lost.key },
    hint: 'sign the document again with another key',
  });
}

/**
 * Rules a schema cannot say. Faults: TRUST_INVALID, TRUST_KEY_SHARED, and of each key KEY_WEAK, KEY_NONCANONICAL, KEY_POP.
 */
export function checkTrustDocument(document: TrustDocument, crypto: TrustCrypto): Result<void> {
  const mistake = mistakeIn(document, crypto.sha256);
  if (mistake) return err('TRUST_INVALID', mistake);
  const ownerByKey = new Map<string, string>();
  for (const { owner, type, ...key } of allKeys(document)) {
    const publicRaw = rawKey(key);
    const ids = { owner, type, public: key.public };
    if (!publicRaw) return err('KEY_NONCANONICAL', 'a key in a second spelling', { ids });
    if (ownerByKey.has(key.public)) {
      const message = `one key stands for ${ownerByKey.get(key.public)} and for ${owner}`;
      return err('TRUST_KEY_SHARED', message, { ids });
    }
    ownerByKey.set(key.public, owner);
    const fault = publicKeyFault(publicRaw);
    if (fault) return err(fault, `a key of ${owner} is no key to trust`, { ids });
    const proof = decodeBase64(key.proof);
    if (!proof || !crypto.verify(publicRaw, popBytes(document.fleet, owner, publicRaw), proof)) {
      return err('KEY_POP', `${owner} does not prove to hold this key`, { ids });
    }
  }
  return ok(undefined);
}

function mistakeIn(document: TrustDocument, sha256: Sha256): string | undefined {
  const { version, previous, root, persons, roles, grants, collectors } = document;
  if ((version === 1) !== (previous === null)) return 'only version 1 has no previous one';
  if (document.notAfter <= document.issuedAt) return 'it ends before it begins';
  const repeated =
    repeatedId(persons, 'person') ??
    repeatedId(roles, 'role') ??
    repeatedId(collectors, 'collector');
  if (repeated) return repeated;
  const personIds = new Set(persons.map(({ id }) => id));
  const roleIds = new Set(roles.map(({ id }) => id));
  for (const { person, role } of grants) {
    if (!personIds.has(person)) return `a grant names nobody: ${person}`;
    if (!roleIds.has(role)) return `a grant names no role: ${role}`;
  }
  const revoked = new Set(document.revoked.map(({ key }) => key));
  const usable = root.keys.filter((key) => {
    const publicRaw = rawKey(key);
    return publicRaw && !revoked.has(keyIdOf(publicRaw, sha256));
  });
  if (root.threshold > usable.length) return 'the root wants more keys than it has';
  return undefined;
}

function repeatedId(things: readonly { readonly id: string }[], what: string): string | undefined {
  const seen = new Set<string>();
  for (const { id } of things) {
    if (seen.has(id)) return `two entries for the ${what} ${id}`;
    seen.add(id);
  }
  return undefined;
}

export interface AcceptedTrust {
  readonly trust: Trust;
  /** False when it is the version already in force. */
  readonly changed: boolean;
}

/**
 * Accepts the next trust version, or the first one by its fingerprint. The keys of a new version stand inside it, so its
 * payload is parsed before its signatures are checked; nothing else of it is believed until then.
 * Faults: those of readEnvelope, parsePayload and checkSignatures, TRUST_INVALID, FLEET, TRUST_GAP, TRUST_ROLLBACK, ROOT_PIN,
 * REV_FORK, SIG_THRESHOLD, and those of checkTrustDocument. An expired version can always be followed by its successor.
 */
export function acceptTrust(
  current: Trust | undefined,
  rootFingerprint: string,
  bytes: Uint8Array,
  crypto: TrustCrypto,
): Result<AcceptedTrust> {
  const read = readEnvelope(bytes, { expectKinds: ['trust'] });
  if (!read.ok) return read;
  const docId = toHex(crypto.sha256(read.value.signedBytes));
  return withDocId(acceptRead(current, rootFingerprint, read.value, docId, crypto), docId);
}

function acceptRead(
  current: Trust | undefined,
  rootFingerprint: string,
  read: ReadEnvelope<'trust'>,
  docId: string,
  crypto: TrustCrypto,
): Result<AcceptedTrust> {
  const parsed = parseTrust(read);
  if (!parsed.ok) return parsed;
  const document = parsed.value;
  const step = checkStep(current, rootFingerprint, document, docId);
  if (!step.ok) return step;
  const keys = keyDirectory(document, crypto.sha256);
  const signers = checkSignatures(read, rootKeys(current?.keys, keys), crypto);
  if (!signers.ok) return signers;
  const next: Trust = { document, docId, keys };
  for (const side of current ? [current, next] : [next]) {
    const quorum = checkRootQuorum(side, signers.value);
    if (!quorum.ok) return quorum;
  }
  if (current && docId === current.docId) return ok({ trust: current, changed: false });
  const rules = checkTrustDocument(document, crypto);
  return rules.ok ? ok({ trust: next, changed: true }) : rules;
}

/** A threshold outside its range is a mistake of trust, not of spelling. */
function parseTrust(read: ReadEnvelope<'trust'>): Result<TrustDocument> {
  const parsed = parsePayload(read);
  if (parsed.ok || !/(^|\.)thresholds?(\.|$)/.test(parsed.fault.at ?? '')) return parsed;
  return err('TRUST_INVALID', parsed.fault.message, { at: parsed.fault.at ?? '' });
}

function checkStep(
  current: Trust | undefined,
  rootFingerprint: string,
  document: TrustDocument,
  docId: string,
): Result<void> {
  if (!current) {
    if (document.version !== 1) return gap(1, document.version);
    if (docId === rootFingerprint) return ok(undefined);
    return err('ROOT_PIN', 'this root is not the one of the join token', {
      ids: { expected: rootFingerprint },
      hint: 'the broker may be offering a fleet of its own: check the join token and the broker',
    });
  }
  const at = current.document;
  if (document.fleet !== at.fleet) return err('FLEET', `trust of another fleet: ${document.fleet}`);
  if (document.version < at.version) {
    return err('TRUST_ROLLBACK', `version ${document.version} after ${at.version}`);
  }
  if (document.version > at.version + 1) return gap(at.version + 1, document.version);
  const forked =
    document.version === at.version ? docId !== current.docId : document.previous !== current.docId;
  if (!forked) return ok(undefined);
  return err('REV_FORK', `another history of trust than the one in force, at ${document.version}`, {
    ids: { installed: current.docId },
  });
}

const gap = (expected: number, version: number) =>
  err('TRUST_GAP', `version ${version} needs version ${expected} before it`, {
    ids: { expected: String(expected) },
    hint: 'the missing versions are fetched in order',
  });

/** Root keys of both versions. A key the new version revokes may still sign for the old one, to hand over. */
function rootKeys(current: KeyDirectory | undefined, next: KeyDirectory): KeyOf {
  return (keyId) => {
    const entries = [current?.get(keyId), next.get(keyId)].filter(
      (entry) => entry?.type === 'root',
    );
    const usable = entries.find((entry) => !entry?.revoked);
    return usable?.publicRaw ?? (entries.length > 0 ? 'revoked' : undefined);
  };
}

/** k of n root keys of one version, revoked ones not counted. Fault: SIG_THRESHOLD. */
export function checkRootQuorum(
  { document, keys }: Trust,
  signers: readonly string[],
): Result<void> {
  const count = signers.filter((keyId) => {
    const entry = keys.get(keyId);
    return entry?.type === 'root' && !entry.revoked;
  }).length;
  if (count >= document.root.threshold) return ok(undefined);
  return err(
    'SIG_THRESHOLD',
    `${count} of ${document.root.threshold} root keys of version ${document.version} signed`,
  );
}

/** Accepts every version in order, as an enrolment answer carries them. Faults: as acceptTrust; TRUST_GAP for none. */
export function acceptTrustChain(
  envelopes: readonly Uint8Array[],
  rootFingerprint: string,
  crypto: TrustCrypto,
): Result<Trust> {
  let trust: Trust | undefined;
  for (const envelope of envelopes) {
    const accepted = acceptTrust(trust, rootFingerprint, envelope, crypto);
    if (!accepted.ok) return accepted;
    trust = accepted.value.trust;
  }
  return trust ? ok(trust) : gap(1, 0);
}

/** Reads back a version that was accepted before, from one's own store: only its own root is asked. */
export function loadTrust(bytes: Uint8Array, crypto: TrustCrypto): Result<Trust> {
  const read = readEnvelope(bytes, { expectKinds: ['trust'] });
  if (!read.ok) return read;
  const parsed = parseTrust(read.value);
  if (!parsed.ok) return parsed;
  const document = parsed.value;
  const docId = toHex(crypto.sha256(read.value.signedBytes));
  const trust: Trust = { document, docId, keys: keyDirectory(document, crypto.sha256) };
  const signers = checkSignatures(read.value, rootKeys(undefined, trust.keys), crypto);
  if (!signers.ok) return signers;
  const quorum = checkRootQuorum(trust, signers.value);
  return quorum.ok ? ok(trust) : quorum;
}
