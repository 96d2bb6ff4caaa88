// Data directories of enrolled agents, made with the store, keys and documents of the real thing, only without waiting for a console.
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataDirectory } from '#agent/config.ts';
import { formatIdentity, type Identity } from '#agent/daemon/identity.ts';
import { readBinding } from '#agent/machine.ts';
import { policyText } from '#agent/policy/templates.ts';
import { openAgentStore } from '#agent/store/open.ts';
import { buildDocuments, tooLarge } from '#console/core/planner/build.ts';
import { firstTrust } from '#console/setup/first-trust.ts';
import { formatInstant } from '#shared/ids.ts';
import { createMachineKey, createSealKey } from '#shared/node/key-file.ts';
import { sha256 } from '#shared/node/sha256.ts';
import { describeFault, type Result } from '#shared/result.ts';
import type { Schedule } from '#shared/schedule/schedule.ts';
import { encodeBase64 } from '#shared/trust/base64.ts';
import type { Signer } from '#shared/trust/crypto.ts';
import { payloadType } from '#shared/trust/documents.ts';
import { documentId, encodePayload, sealEnvelope } from '#shared/trust/envelope.ts';

export const FLEET = 'bench';
export const AGENT = 'bench-1';
const COLLECTOR = 'main';
const SCHEDULES_PER_DOCUMENT = 80;

export interface BrokerLogin {
  readonly url: string;
  readonly password: string;
}

export interface AgentHome {
  readonly path: string;
  readonly operator: Signer;
}

/** Keys, identity, policy, trust and device document in a new data directory. */
export function makeAgentHome(path: string, broker: BrokerLogin): AgentHome {
  const data = dataDirectory(path);
  const own = must(createMachineKey(data.signKey));
  const seal = must(createSealKey(data.sealKey));
  const key = (name: string): Signer => must(createMachineKey(join(path, `console-${name}.key`)));
  const [root, operator, relay, enroller] = ['root', 'operator', 'relay', 'enroller'].map(key) as [
    Signer,
    Signer,
    Signer,
    Signer,
  ];
  const nowAt = Date.now();
  const trust = encodePayload<'trust'>(
    firstTrust({
      ...{ fleet: FLEET, person: 'operator', collector: COLLECTOR, nowAt },
      ...{ root, operator, relay, enroller },
    }),
  );
  const device = encodePayload<'device'>({
    kind: 'device',
    fleet: FLEET,
    agent: AGENT,
    generation: 1,
    signKey: encodeBase64(own.publicRaw),
    sealKey: encodeBase64(seal.publicRaw),
    labels: { site: 'bench' },
    revoked: false,
    issuedAt: formatInstant(nowAt),
  });
  const idOf = (kind: 'trust' | 'device', bytes: Uint8Array) =>
    documentId(payloadType(kind), bytes, sha256);
  const identity: Identity = {
    version: 1,
    fleet: FLEET,
    agent: AGENT,
    collector: COLLECTOR,
    broker: { url: broker.url },
    credential: { username: AGENT, password: broker.password },
    rootFingerprint: idOf('trust', trust),
    binding: readBinding(FLEET),
    enrolledAt: formatInstant(nowAt),
  };
  const store = openAgentStore(data.database, identity);
  store.transaction(() => {
    store.documents.put({
      head: { kind: 'trust', name: 'trust', docId: idOf('trust', trust), epoch: 0, revision: 1 },
      envelope: sealEnvelope('trust', trust, [root]),
    });
    store.documents.put({
      head: { kind: 'device', name: AGENT, docId: idOf('device', device), epoch: 0, revision: 1 },
      envelope: sealEnvelope('device', device, [enroller]),
    });
  });
  store.close();
  writeFileSync(data.policy, policyText('standard'), { mode: 0o600 });
  writeFileSync(data.identity, formatIdentity(identity), { mode: 0o600 });
  return { path, operator };
}

/** Signs and installs schedules, split over as many streams as messages of a broker's size need. */
export function installSchedules(
  home: AgentHome,
  name: string,
  schedules: readonly Schedule[],
): void {
  const nowAt = Date.now();
  const store = openAgentStore(dataDirectory(home.path).database, { fleet: FLEET, agent: AGENT });
  for (let from = 0; from < schedules.length; from += SCHEDULES_PER_DOCUMENT) {
    const stream = `${name}-${from / SCHEDULES_PER_DOCUMENT + 1}`;
    const part = schedules.slice(from, from + SCHEDULES_PER_DOCUMENT);
    const [prepared] = buildDocuments({
      ...{ fleet: FLEET, stream, epoch: 1, revision: 1, previous: null, minTrust: 1, nowAt },
      ...{ personsNeeded: 1, schedules: part, audience: [AGENT], leaving: [] },
    });
    if (!prepared || tooLarge(prepared)) throw new Error(`${stream} fits into no message`);
    const head = {
      ...({ kind: 'schedule', name: stream } as const),
      ...{ docId: prepared.docId, epoch: 1, revision: 1 },
    };
    const bytes = new TextEncoder().encode(prepared.payload);
    const envelope = sealEnvelope('schedule', bytes, [home.operator]);
    store.transaction(() => {
      store.documents.put({ head, envelope });
      store.documents.replaceSchedules(stream, head, part, nowAt);
    });
  }
  store.close();
}

/** The same machine once more: a stopped agent's directory, copied. */
export function copyHome(home: AgentHome, path: string): AgentHome {
  cpSync(home.path, path, { recursive: true });
  return { ...home, path };
}

function must<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(describeFault(result.fault));
  return result.value;
}
