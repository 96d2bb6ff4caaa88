// A small real fleet for the core's tests: home with keys, trust signed by a root, a memory broker, and machines that sign.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Core, openCore } from '#console/core/core.ts';
import type { PreparedDocument } from '#console/views.ts';
import type { Clock } from '#shared/clock.ts';
import { formatInstant } from '#shared/ids.ts';
import { type MemoryBroker, memoryBroker } from '#shared/node/brokers/memory.ts';
import { generateKey, signerOf } from '#shared/node/ed25519.ts';
import { createMachineKey } from '#shared/node/key-file.ts';
import { sha256 } from '#shared/node/sha256.ts';
import type { Result } from '#shared/result.ts';
import { encodeBase64 } from '#shared/trust/base64.ts';
import type { Signer } from '#shared/trust/crypto.ts';
import type { TrustDocument } from '#shared/trust/documents.ts';
import { popBytes } from '#shared/trust/enrolment.ts';
import { documentId, encodePayload, sealEnvelope } from '#shared/trust/envelope.ts';

export const FLEET = 'shops';
export const COLLECTOR = 'hq';
/** 2026-03-02T12:00:00Z, a Monday. */
export const NOON = Date.UTC(2026, 2, 2, 12);

/** Wall time stands still until it is set; delays run in real time, at most as long as asked. */
export interface TestClock extends Clock {
  set: (wallAt: number) => void;
}

export function testClock(startAt = NOON): TestClock {
  let wallAt = startAt;
  return {
    set: (at) => {
      wallAt = at;
    },
    now: () => ({ wallAt, monoMs: performance.now() }),
    after: (delayMs, wake) => {
      const timer = setTimeout(wake, Math.min(delayMs, 30_000));
      return { cancel: () => clearTimeout(timer) };
    },
  };
}

export const newSigner = (): Signer => signerOf(generateKey().seed);

export function take<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.fault.code}: ${result.fault.message}`);
  return result.value;
}

export function fault<T>(result: Result<T>): string {
  return result.ok ? 'ok' : result.fault.code;
}

export interface TestFleet {
  readonly home: string;
  readonly clock: TestClock;
  readonly broker: MemoryBroker;
  readonly brokerName: string;
  readonly root: Signer;
  readonly operator: Signer;
  readonly core: () => Core;
  readonly rootFingerprint: string;
  readonly log: string[];
  /** Closes the core and opens it again, with the broker or without. */
  readonly reopen: (withBroker?: boolean) => Promise<void>;
  /** Signs with the operator's key and publishes. */
  readonly publish: (
    documents: readonly PreparedDocument[],
    signer?: Signer,
  ) => ReturnType<Core['call']>;
  /** Plans one file and publishes it. */
  readonly apply: (text: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

let made = 0;

/** A home with a published trust document and a core connected to a memory broker of its own. */
export async function openFleet(): Promise<TestFleet> {
  const home = mkdtempSync(join(tmpdir(), 'muster-core-'));
  mkdirSync(join(home, 'keys'));
  const relay = take(createMachineKey(join(home, 'keys', 'relay.key')));
  const enroller = take(createMachineKey(join(home, 'keys', 'enroller.key')));
  const [root, operator] = [newSigner(), newSigner()];
  const trust = trustOf({ root, operator, relay, enroller });
  const bytes = encodePayload<'trust'>(trust);
  const rootFingerprint = documentId('application/vnd.muster.trust.v1+json', bytes, sha256);
  const brokerName = `core-${process.pid}-${made++}`;
  const file = {
    fleet: FLEET,
    collector: COLLECTOR,
    brokerUrl: `memory://${brokerName}`,
    rootFingerprint,
    createdAt: formatInstant(NOON),
  };
  writeFileSync(join(home, 'fleet.json'), JSON.stringify(file));
  const clock = testClock();
  const broker = memoryBroker(brokerName);
  const log: string[] = [];
  const open = async (withBroker: boolean): Promise<Core> =>
    take(
      await openCore({
        home,
        clock,
        broker: withBroker ? broker.broker : null,
        log: (line) => log.push(line),
        random: () => 0,
      }),
    );
  let core = await open(true);
  const signed = (documents: readonly PreparedDocument[], signer: Signer): string[] =>
    documents.map(({ kind, payload }) =>
      Buffer.from(
        sealEnvelope(kind, new Uint8Array(Buffer.from(payload, 'utf8')), [signer]),
      ).toString('utf8'),
    );
  const envelope = Buffer.from(sealEnvelope('trust', bytes, [root])).toString('utf8');
  take(await core.call('documents.publish', { envelopes: [envelope] }));
  const fleet: TestFleet = {
    ...{ home, clock, broker, brokerName, root, operator, rootFingerprint, log },
    core: () => core,
    reopen: async (withBroker = true) => {
      await core.close();
      core = await open(withBroker);
    },
    publish: (documents, signer = operator) =>
      core.call('documents.publish', { envelopes: signed(documents, signer) }),
    apply: async (text) => {
      const plan = take(await core.call('plan.prepare', { files: [{ name: 'f.yaml', text }] }));
      if (plan.faults.length > 0) throw new Error(JSON.stringify(plan.faults));
      if (plan.documents.length > 0) take(await fleet.publish(plan.documents));
    },
    close: async () => {
      await core.close();
      rmSync(home, { recursive: true, force: true, maxRetries: 10 });
    },
  };
  return fleet;
}

interface Keys {
  readonly root: Signer;
  readonly operator: Signer;
  readonly relay: Signer;
  readonly enroller: Signer;
}

function trustOf({ root, operator, relay, enroller }: Keys): TrustDocument {
  const key = (owner: string, signer: Signer) => ({
    public: encodeBase64(signer.publicRaw),
    proof: encodeBase64(signer.sign(popBytes(FLEET, owner, signer.publicRaw))),
  });
  return {
    kind: 'trust',
    fleet: FLEET,
    version: 1,
    previous: null,
    issuedAt: formatInstant(NOON),
    notAfter: formatInstant(NOON + 5 * 365 * 86_400_000),
    root: { keys: [key('root', root)], threshold: 1 },
    persons: [
      { id: 'ana', type: 'person', keys: [key('ana', operator)] },
      { id: 'enroller', type: 'service', keys: [key('enroller', enroller)] },
    ],
    roles: [
      {
        id: 'operator',
        may: ['schedule', 'command', 'enrol'],
        streams: ['*'],
        labels: {},
        jobKinds: ['*'],
        runAs: ['*'],
      },
      { id: 'enroller', may: ['enrol'], streams: [], labels: {}, jobKinds: [], runAs: [] },
    ],
    grants: [
      { person: 'ana', role: 'operator' },
      { person: 'enroller', role: 'enroller' },
    ],
    thresholds: { schedule: 1, command: 1, enrol: 1, root: 1, protected: 1 },
    protectedLabels: [],
    revoked: [],
    collectors: [{ id: COLLECTOR, relayKeys: [key(COLLECTOR, relay)] }],
  };
}

/** Polls until `probe` answers something else than undefined or false. */
export async function until<T>(probe: () => T | Promise<T>, what: string): Promise<NonNullable<T>> {
  const endMs = performance.now() + 20_000;
  while (performance.now() < endMs) {
    const answer = await probe();
    if (answer !== undefined && answer !== false && answer !== null) return answer;
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
  throw new Error(`waited in vain for ${what}`);
}
