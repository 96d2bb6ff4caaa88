// What the daemon's tests are made of: keys, a first trust document, a schedule, and patience.
import { formatInstant } from '#shared/ids.ts';
import { generateKey, signerOf } from '#shared/node/ed25519.ts';
import { sha256 } from '#shared/node/sha256.ts';
import { topicsOf } from '#shared/protocol/topics.ts';
import type { Schedule } from '#shared/schedule/schedule.ts';
import { encodeBase64 } from '#shared/trust/base64.ts';
import type { Signer } from '#shared/trust/crypto.ts';
import {
  type Payload,
  type PayloadKind,
  payloadType,
  type TrustDocument,
} from '#shared/trust/documents.ts';
import { popBytes } from '#shared/trust/enrolment.ts';
import { documentId, encodePayload } from '#shared/trust/envelope.ts';

export const FLEET = 'shops';
export const AGENT = 'till-1';
export const topics = topicsOf(FLEET);
export const YEAR_MS = 365 * 86_400_000;
export const at = (offsetMs = 0): string =>
  formatInstant(Math.floor((Date.now() + offsetMs) / 1_000) * 1_000);

export const newKey = (): Signer => signerOf(generateKey().seed);
export const json = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes));

export const idOf = <K extends PayloadKind>(kind: K, payload: Payload<K>): string =>
  documentId(payloadType(kind), encodePayload(payload), sha256);

const carried = (signer: Signer, owner: string) => ({
  public: encodeBase64(signer.publicRaw),
  proof: encodeBase64(signer.sign(popBytes(FLEET, owner, signer.publicRaw))),
});

export type Keys = Readonly<Record<'root' | 'alice' | 'bob' | 'enroller' | 'relay', Signer>>;

export const newKeys = (): Keys => ({
  root: newKey(),
  alice: newKey(),
  bob: newKey(),
  enroller: newKey(),
  relay: newKey(),
});

export function firstTrust(keys: Keys): TrustDocument {
  const everything = { streams: ['*'], labels: {}, jobKinds: ['*'], runAs: ['*'] };
  return {
    kind: 'trust',
    fleet: FLEET,
    version: 1,
    previous: null,
    issuedAt: at(-3_600_000),
    notAfter: at(YEAR_MS),
    root: { keys: [carried(keys.root, 'root')], threshold: 1 },
    persons: [
      { id: 'alice', type: 'person', keys: [carried(keys.alice, 'alice')] },
      { id: 'bob', type: 'person', keys: [carried(keys.bob, 'bob')] },
      { id: 'enroller', type: 'service', keys: [carried(keys.enroller, 'enroller')] },
    ],
    roles: [
      { id: 'operator', may: ['schedule', 'command'], ...everything },
      { id: 'enroller', may: ['enrol'], ...everything },
    ],
    grants: [
      { person: 'alice', role: 'operator' },
      { person: 'bob', role: 'operator' },
      { person: 'enroller', role: 'enroller' },
    ],
    thresholds: { schedule: 1, command: 1, enrol: 1, root: 1, protected: 1 },
    protectedLabels: [],
    revoked: [],
    collectors: [{ id: 'main', relayKeys: [carried(keys.relay, 'main')] }],
  };
}

/** A schedule that never comes due by itself within a test. */
export const schedule = (id: string, changes: Partial<Schedule> = {}): Schedule => ({
  id,
  trigger: { kind: 'every', period: 'P300D', anchor: '2026-01-01T00:00:00Z' },
  job: { kind: 'exec', argv: ['/bin/echo', 'hello'] },
  catchUp: { policy: 'none', limit: 1 },
  overlap: 'skip',
  retry: { maxAttempts: 1, initialIntervalMs: 0, backoffCoefficient: 1, maximumIntervalMs: 0 },
  splayMs: 0,
  timeoutMs: 10_000,
  graceMs: 100,
  outputCapBytes: 4_096,
  onInterrupted: 'fail',
  paused: false,
  ...changes,
});

export async function until<T>(
  what: string,
  ask: () => T | undefined | false,
  ms = 15_000,
): Promise<T> {
  const end = performance.now() + ms;
  for (;;) {
    const answer = ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > end) throw new Error(`waited ${ms} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
