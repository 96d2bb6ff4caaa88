// Makes the home of a new fleet's console: keys, first trust document, broker credential. Whole or not at all.
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openCore } from '#console/core/core.ts';
import type { FleetFile } from '#console/core/home.ts';
import { brokerCaFile } from '#console/core/reach.ts';
import type { Clock } from '#shared/clock.ts';
import { formatInstant } from '#shared/ids.ts';
import { writeNewFile } from '#shared/node/atomic-file.ts';
import { brokerCredentials } from '#shared/node/brokers/embedded/credentials.ts';
import {
  readBrokerTls,
  setBrokerTls,
  type TlsSettings,
} from '#shared/node/brokers/embedded/tls.ts';
import { createKeyFile, createMachineKey } from '#shared/node/key-file.ts';
import { sha256 } from '#shared/node/sha256.ts';
import { ok, type Result } from '#shared/result.ts';
import type { Signer } from '#shared/trust/crypto.ts';
import { payloadType } from '#shared/trust/documents.ts';
import { documentId, encodePayload, sealEnvelope } from '#shared/trust/envelope.ts';
import type { BrokerAddress } from './broker-address.ts';
import { firstTrust } from './first-trust.ts';
import { brokerDirectory, brokerFile, fleetFile, personKeyFile } from './home-files.ts';
import { homeExists, inStaging, moveIntoPlace } from './staging.ts';

const COLLECTOR = 'main';

export interface InitOptions {
  readonly home: string;
  readonly fleet: string;
  readonly person: string;
  readonly broker: BrokerAddress;
  readonly passphrase: string;
  /** The embedded broker's door for other machines. */
  readonly tls?: TlsSettings | undefined;
  /** PEM of the authority behind another broker. */
  readonly brokerCa?: string | undefined;
  readonly clock: Clock;
}

export interface Initialised extends FleetFile {
  readonly home: string;
  readonly person: string;
  readonly rootKey: string;
  readonly personKey: string;
  /** What machines connect to where that is not `brokerUrl`. */
  readonly tlsUrl: string | null;
}

/** Faults: HOME_EXISTS, and what the core says of the first trust document. Takes a second or two. */
export async function initHome(options: InitOptions): Promise<Result<Initialised>> {
  const { home, person } = options;
  if (existsSync(home) && readdirSync(home).length > 0) return homeExists(home);
  return inStaging(home, async (staged) => {
    const built = await build(staged, options);
    if (!built.ok) return built;
    const moved = await moveIntoPlace(staged, home);
    if (!moved.ok) return moved;
    const tls = readBrokerTls(brokerDirectory(home));
    return ok({
      ...built.value,
      home,
      person,
      tlsUrl: tls.ok ? (tls.value?.url ?? null) : null,
      rootKey: join(home, 'keys', 'root.key'),
      personKey: personKeyFile(home, person),
    });
  });
}

async function build(home: string, options: InitOptions): Promise<Result<FleetFile>> {
  mkdirSync(join(home, 'keys'), { mode: 0o700 });
  const signers = makeKeys(home, options);
  if (!signers.ok) return signers;
  const nowAt = options.clock.now().wallAt;
  const trust = encodePayload<'trust'>(
    firstTrust({ ...options, ...signers.value, collector: COLLECTOR, nowAt }),
  );
  const file: FleetFile = {
    fleet: options.fleet,
    collector: COLLECTOR,
    brokerUrl: options.broker.url,
    rootFingerprint: documentId(payloadType('trust'), trust, sha256),
    createdAt: formatInstant(nowAt),
  };
  writeFileSync(fleetFile(home), `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600 });
  const credential = writeBrokerCredential(home, options.broker);
  if (!credential.ok) return credential;
  const secured = secure(home, options, nowAt);
  if (!secured.ok) return secured;
  const envelope = sealEnvelope('trust', trust, [signers.value.root]);
  const stored = await publish(home, new TextDecoder().decode(envelope), options.clock);
  return stored.ok ? ok(file) : stored;
}

type Keys = Readonly<Record<'root' | 'operator' | 'relay' | 'enroller', Signer>>;

function makeKeys(home: string, { fleet, person, passphrase }: InitOptions): Result<Keys> {
  const root = createKeyFile(join(home, 'keys', 'root.key'), `root of ${fleet}`, passphrase);
  if (!root.ok) return root;
  const operator = createKeyFile(personKeyFile(home, person), `${person} of ${fleet}`, passphrase);
  if (!operator.ok) return operator;
  const relay = createMachineKey(join(home, 'keys', 'relay.key'));
  if (!relay.ok) return relay;
  const enroller = createMachineKey(join(home, 'keys', 'enroller.key'));
  if (!enroller.ok) return enroller;
  return ok({
    root: root.value,
    operator: operator.value,
    relay: relay.value,
    enroller: enroller.value,
  });
}

function writeBrokerCredential(home: string, broker: BrokerAddress): Result<void> {
  let credential = broker.credentials;
  if (broker.embedded) {
    const credentials = brokerCredentials(brokerDirectory(home));
    credential = { username: 'console', password: credentials.add('console', 'console') };
    credentials.close();
  }
  if (!credential) return ok(undefined);
  return writeNewFile(brokerFile(home), Buffer.from(`${JSON.stringify(credential)}\n`));
}

/** The embedded broker's own authority, or a copy of another broker's. Fault: USAGE. */
function secure(home: string, { tls, brokerCa }: InitOptions, nowAt: number): Result<unknown> {
  if (tls) return setBrokerTls(brokerDirectory(home), tls, nowAt);
  if (brokerCa !== undefined) return writeNewFile(brokerCaFile(home), Buffer.from(brokerCa));
  return ok(undefined);
}

async function publish(home: string, envelope: string, clock: Clock): Promise<Result<unknown>> {
  const core = await openCore({ home, clock, broker: null });
  if (!core.ok) return core;
  try {
    return await core.value.call('documents.publish', { envelopes: [envelope] });
  } finally {
    await core.value.close();
  }
}
