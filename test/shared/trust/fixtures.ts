// A small fleet whose keys come from fixed seeds: two operators, an enroller, a root of two keys, a collector, a machine.
import { nodeCrypto, signerOf } from '#shared/node/ed25519.ts';
import { sealKeyOf } from '#shared/node/seal.ts';
import { sha256 } from '#shared/node/sha256.ts';
import type { Result } from '#shared/result.ts';
import type { Schedule } from '#shared/schedule/schedule.ts';
import type { Machine } from '#shared/trust/authorize.ts';
import { encodeBase64 } from '#shared/trust/base64.ts';
import { chainNext, chainStart, headBytes } from '#shared/trust/chain.ts';
import type { Signer } from '#shared/trust/crypto.ts';
import {
  type HeadReceipt,
  type Payload,
  type PayloadKind,
  payloadType,
  type TrustDocument,
} from '#shared/trust/documents.ts';
import { enrolProof, popBytes } from '#shared/trust/enrolment.ts';
import { documentId, encodePayload, sealEnvelope } from '#shared/trust/envelope.ts';
import { acceptTrust, type Trust } from '#shared/trust/trust-document.ts';

export const crypto = nodeCrypto;
export const FLEET = 'shops';
export const AGENT = 'till-1';
export const AT = '2026-01-05T10:00:00Z';
export const atMs = Date.parse(AT);

export const key = (name: string): Signer => signerOf(sha256(`muster test key ${name}`));
export const rootA = key('root a');
export const rootB = key('root b');
export const rootC = key('root c');
export const alice = key('alice');
export const aliceSpare = key('alice spare');
export const bob = key('bob');
export const enroller = key('enroller');
export const relay = key('relay');
export const device = key('device');
export const otherDevice = key('other device');
export const seal = sealKeyOf(sha256('muster test key seal'));

export const carried = (signer: Signer, owner: string, fleet = FLEET) => ({
  public: encodeBase64(signer.publicRaw),
  proof: encodeBase64(signer.sign(popBytes(fleet, owner, signer.publicRaw))),
});

const everything = { streams: ['*'], labels: {}, jobKinds: ['*'], runAs: ['*'] };

export const trustV1: TrustDocument = {
  kind: 'trust',
  fleet: FLEET,
  version: 1,
  previous: null,
  issuedAt: '2026-01-01T00:00:00Z',
  notAfter: '2027-01-01T00:00:00Z',
  root: { keys: [carried(rootA, 'root'), carried(rootB, 'root')], threshold: 2 },
  persons: [
    { id: 'alice', type: 'person', keys: [carried(alice, 'alice'), carried(aliceSpare, 'alice')] },
    { id: 'bob', type: 'person', keys: [carried(bob, 'bob')] },
    { id: 'enroller', type: 'service', keys: [carried(enroller, 'enroller')] },
  ],
  roles: [
    { id: 'operator', may: ['schedule', 'command', 'enrol'], ...everything },
    {
      id: 'backups',
      may: ['schedule', 'command'],
      streams: ['backup'],
      labels: { site: 'lyon' },
      jobKinds: ['exec'],
      runAs: ['self'],
    },
    { id: 'enroller', may: ['enrol'], ...everything },
  ],
  grants: [
    { person: 'alice', role: 'operator' },
    { person: 'bob', role: 'backups' },
    { person: 'enroller', role: 'enroller' },
  ],
  thresholds: { schedule: 1, command: 1, enrol: 1, root: 2, protected: 2 },
  protectedLabels: ['role=vault', 'secret'],
  revoked: [],
  collectors: [{ id: 'main', relayKeys: [carried(relay, 'main')] }],
};

export const idOf = <K extends PayloadKind>(kind: K, payload: Payload<K>): string =>
  documentId(payloadType(kind), encodePayload(payload), sha256);

export const fingerprint = idOf('trust', trustV1);

/** The trust in force: version 1 with changes, through the front door, signed by both root keys. */
export function trustWith(changes: Partial<TrustDocument> = {}): Trust {
  const document = { ...trustV1, ...changes };
  const envelope = sealEnvelope('trust', document, [rootA, rootB]);
  return unwrap(acceptTrust(undefined, idOf('trust', document), envelope, crypto)).trust;
}

export const machine: Machine = { labels: { site: 'lyon' }, selfIsRoot: false };

export const schedule: Schedule = {
  id: 'nightly',
  trigger: { kind: 'cron', expression: '30 2 * * *', zone: 'Europe/Paris' },
  job: { kind: 'exec', argv: ['/usr/bin/tar', '-cf', 'b.tar', '/srv'] },
  catchUp: { policy: 'latest', limit: 100 },
  overlap: 'skip',
  retry: {
    maxAttempts: 1,
    initialIntervalMs: 1_000,
    backoffCoefficient: 2,
    maximumIntervalMs: 60_000,
  },
  splayMs: 0,
  timeoutMs: 60_000,
  graceMs: 5_000,
  outputCapBytes: 65_536,
  onInterrupted: 'fail',
  paused: false,
};
export const shellSchedule: Schedule = {
  ...schedule,
  id: 'report',
  job: { kind: 'shell', script: 'df -h' },
};

export const scheduleDocument: Payload<'schedule'> = {
  kind: 'schedule',
  fleet: FLEET,
  stream: 'backup',
  epoch: 0,
  revision: 4,
  previous: 'ab'.repeat(32),
  audience: [AGENT],
  minTrust: 1,
  issuedAt: AT,
  acceptUntil: '2026-02-05T10:00:00Z',
  capabilities: ['job-exec'],
  schedules: [schedule],
};

export const deviceDocument: Payload<'device'> = {
  kind: 'device',
  fleet: FLEET,
  agent: AGENT,
  generation: 1,
  signKey: encodeBase64(device.publicRaw),
  sealKey: encodeBase64(seal.publicRaw),
  labels: { site: 'lyon' },
  revoked: false,
  issuedAt: AT,
};

export const SESSION = '5e'.repeat(16);
export const commandDocument: Payload<'command'> = {
  kind: 'command',
  fleet: FLEET,
  agent: AGENT,
  session: SESSION,
  nonce: '0c'.repeat(16),
  notAfterMs: 400_000,
  issuedAt: AT,
  command: { verb: 'run', schedule: 'backup/nightly' },
};

export const entries = [1, 2, 3].map((seq) =>
  JSON.stringify({ seq, at: AT, kind: 'state', code: 'TEST', detail: `entry ${seq} – é` }),
);

/** Chain hashes of the entries: hashes[0] is the start. */
export function hashesOf(texts: readonly string[]): string[] {
  const hashes = [chainStart(FLEET, AGENT, 1, sha256)];
  for (const text of texts) hashes.push(chainNext(hashes.at(-1) as string, text, sha256));
  return hashes;
}

export const receipt = (seq: number, hash: string, signer = device): HeadReceipt => {
  const head = { incarnation: 1, seq, hash };
  return {
    ...head,
    sig: encodeBase64(signer.sign(headBytes({ fleet: FLEET, agent: AGENT, ...head }))),
  };
};

/** A report of texts[from-1 … to-1] of one history. */
export function reportOf(texts: readonly string[], from: number, to: number): Payload<'report'> {
  const hashes = hashesOf(texts);
  return {
    kind: 'report',
    fleet: FLEET,
    agent: AGENT,
    incarnation: 1,
    from,
    to,
    previous: hashes[from - 1] as string,
    head: receipt(to, hashes[to] as string),
    cursor: AT,
    entries: texts.slice(from - 1, to),
  };
}

export const ackDocument: Payload<'ack'> = {
  kind: 'ack',
  fleet: FLEET,
  agent: AGENT,
  collector: 'main',
  at: AT,
  session: SESSION,
  receipt: receipt(3, hashesOf(entries)[3] as string),
  heads: [{ kind: 'trust', name: 'trust', docId: fingerprint, epoch: 0, revision: 1 }],
  want: null,
};

const facts = {
  hostname: 'till',
  platform: 'linux',
  arch: 'arm64',
  version: '0.1.0',
  tzdata: '2025b',
  zone: 'Europe/Paris',
};
export const TOKEN_SECRET = 'c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LTEyMzQ';
const enrolRequest = {
  fleet: FLEET,
  token: 'tok-1',
  agent: AGENT,
  signKey: deviceDocument.signKey,
  sealKey: deviceDocument.sealKey,
  nonce: '9a'.repeat(16),
  binding: 'cd'.repeat(32),
};
export const enrolDocument: Payload<'enrol'> = {
  kind: 'enrol',
  ...enrolRequest,
  facts,
  capabilities: ['job-exec', 'job-shell'],
  proof: enrolProof(TOKEN_SECRET, enrolRequest, sha256),
};

export const helloDocument: Payload<'hello'> = {
  kind: 'hello',
  fleet: FLEET,
  agent: AGENT,
  incarnation: 1,
  epoch: 7,
  session: SESSION,
  monoMs: 1_234,
  at: AT,
  bootId: 'boot-1',
  binding: enrolRequest.binding,
  facts,
  capabilities: ['job-exec', 'job-shell'],
  policy: { digest: 'ef'.repeat(32), owner: 'self' },
};

export const statusDocument: Payload<'status'> = {
  kind: 'status',
  fleet: FLEET,
  agent: AGENT,
  incarnation: 1,
  session: SESSION,
  at: AT,
  seq: 3,
  heads: ackDocument.heads,
  refused: [
    { code: 'REV_FORK', docId: 'aa'.repeat(32), keyId: alice.keyId, topic: 't', at: AT, count: 2 },
  ],
  paused: [],
  clock: 'trusted',
  running: 0,
  next: { schedule: 'backup/nightly', at: '2026-01-06T01:30:00Z' },
};

export const tailDocument: Payload<'tail'> = {
  kind: 'tail',
  fleet: FLEET,
  agent: AGENT,
  run: 'ab'.repeat(16),
  attempt: 1,
  from: 6,
  to: 12,
  total: 12,
  text: 'world\n',
};

export function unwrap<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.fault.code}: ${result.fault.message}`);
  return result.value;
}

export const codeOf = (result: Result<unknown>): string => (result.ok ? 'ok' : result.fault.code);
