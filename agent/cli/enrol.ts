// `muster-agent enrol`: keys on this machine, one request, and everything stored so that identity.json is the last word.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { CAPABILITIES, chooseData, type DataDirectory, dataDirectory } from '#agent/config.ts';
import { checkName, type Enrolled, requestEnrolment } from '#agent/daemon/enrol.ts';
import { formatIdentity, type Identity } from '#agent/daemon/identity.ts';
import { takeLock } from '#agent/files/lock.ts';
import { textFile } from '#agent/files/text-file.ts';
import { readBinding, readFacts } from '#agent/machine.ts';
import { type PolicyTemplate, policyText } from '#agent/policy/templates.ts';
import { openAgentStore } from '#agent/store/open.ts';
import { formatInstant } from '#shared/ids.ts';
import { openBroker } from '#shared/node/brokers.ts';
import { nodeCrypto } from '#shared/node/ed25519.ts';
import {
  createMachineKey,
  createSealKey,
  openMachineKey,
  openSealKey,
} from '#shared/node/key-file.ts';
import { openSealed, type SealKey } from '#shared/node/seal.ts';
import { systemClock } from '#shared/node/system-clock.ts';
import type { JoinToken } from '#shared/protocol/messages.ts';
import { err, ok, type Result } from '#shared/result.ts';
import type { Signer } from '#shared/trust/crypto.ts';
import { decodeJoinToken } from '#shared/trust/enrolment.ts';
import { policyPath } from './policy-path.ts';
import { nodeRandom } from './random.ts';
import { EXIT, fail, paintOf, sayJson, table, type World } from './terminal.ts';

export interface EnrolFlags {
  readonly name: string;
  readonly data?: string;
  readonly tokenFile?: string;
  readonly policy: PolicyTemplate;
  readonly broker?: string;
  readonly timeout: string;
  readonly json?: boolean;
}

export async function enrol(
  world: World,
  tokenText: string | undefined,
  flags: EnrolFlags,
): Promise<number> {
  const json = flags.json === true;
  const token = readToken(tokenText, flags.tokenFile);
  if (!token.ok) return fail(world, token.fault, json, EXIT.usage);
  const name = checkName(flags.name);
  if (!name.ok) return fail(world, name.fault, json, EXIT.usage);
  const seconds = Number(flags.timeout);
  if (!(seconds > 0 && seconds <= 86_400)) {
    const bad = err('USAGE', '--timeout is a number of seconds, at most a day');
    return fail(world, bad.fault, json, EXIT.usage);
  }
  const data = dataDirectory(chooseData(flags.data, world.env, world.uid === 0));
  mkdirSync(data.root, { recursive: true, mode: 0o700 });
  const lock = takeLock(data.lock);
  if (!lock.ok) return fail(world, lock.fault, json);
  try {
    const done = await join(world, data, token.value, { ...flags, name: name.value }, seconds);
    if (!done.ok) return fail(world, done.fault, json);
    report(world, data, done.value, flags);
    return EXIT.ok;
  } finally {
    lock.value.release();
  }
}

/** Faults NO_TOKEN, TOKEN_FILE and those of decodeJoinToken. */
function readToken(text: string | undefined, file: string | undefined): Result<JoinToken> {
  if ((text === undefined) === (file === undefined)) {
    return err('NO_TOKEN', 'give the join token, or --token-file with a file that holds it', {
      hint: 'the operator makes one with `muster join-token`',
    });
  }
  if (text !== undefined) return decodeJoinToken(text);
  try {
    return decodeJoinToken(readFileSync(file === '-' ? 0 : (file as string), 'utf8'));
  } catch (error) {
    return err('TOKEN_FILE', `cannot read ${file}: ${(error as Error).message}`);
  }
}

async function join(
  world: World,
  data: DataDirectory,
  token: JoinToken,
  flags: EnrolFlags,
  seconds: number,
): Promise<Result<Identity>> {
  const clean = checkUnused(data);
  if (!clean.ok) return clean;
  const keys = openKeys(data);
  if (!keys.ok) return keys;
  const { signer, seal } = keys.value;
  const url = flags.broker ?? token.broker.url;
  const { ca } = token.broker;
  const binding = readBinding(token.fleet);
  const { dim } = paintOf(world);
  const enrolled = await requestEnrolment({
    token,
    agent: flags.name,
    signer,
    sealPublic: seal.publicRaw,
    unseal: (context, jwe) => openSealed(seal.privateKey, context, jwe),
    broker: openBroker(url, ca === undefined ? {} : { ca }),
    crypto: nodeCrypto,
    clock: systemClock,
    random: nodeRandom,
    facts: readFacts(),
    binding,
    capabilities: CAPABILITIES,
    timeoutMs: seconds * 1_000,
    progress: (text) => world.err(dim(`${text} …\n`)),
  });
  if (!enrolled.ok) return enrolled;
  const identity: Identity = {
    version: 1,
    fleet: token.fleet,
    agent: flags.name,
    collector: enrolled.value.collector,
    broker: { url, ...(ca === undefined ? {} : { ca }) },
    credential: enrolled.value.credential,
    rootFingerprint: token.rootFingerprint,
    binding,
    enrolledAt: formatInstant(systemClock.now().wallAt),
  };
  keep(data, identity, enrolled.value, flags.policy);
  return ok(identity);
}

/** Faults ALREADY_ENROLLED, IDENTITY_BROKEN. What an interrupted enrolment left, keys apart, is removed. */
function checkUnused(data: DataDirectory): Result<void> {
  if (existsSync(data.identity)) {
    return err('ALREADY_ENROLLED', `${data.root} belongs to a fleet already`, {
      hint: 'give --data another directory; `muster-agent status` says which agent this one is',
    });
  }
  // Only a running agent writes marks: the log of a machine that worked must not be thrown away here.
  if (existsSync(data.marks)) {
    return err('IDENTITY_BROKEN', `${data.root} is of an agent that lost its identity.json`, {
      hint: 'restore that file from a backup, or give --data another directory',
    });
  }
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${data.database}${suffix}`, { force: true });
  return ok(undefined);
}

/** The same keys as last time when an enrolment was interrupted, so that the console knows the machine again. */
function openKeys(
  data: DataDirectory,
): Result<{ readonly signer: Signer; readonly seal: SealKey }> {
  const signer = existsSync(data.signKey)
    ? openMachineKey(data.signKey)
    : createMachineKey(data.signKey);
  if (!signer.ok) return signer;
  const seal = existsSync(data.sealKey) ? openSealKey(data.sealKey) : createSealKey(data.sealKey);
  if (!seal.ok) return seal;
  return ok({ signer: signer.value, seal: seal.value });
}

/** Documents in one transaction, then the policy, then identity.json: before it nothing of this counts. */
function keep(
  data: DataDirectory,
  identity: Identity,
  enrolled: Enrolled,
  policy: PolicyTemplate,
): void {
  const { trust, device } = enrolled;
  const store = openAgentStore(data.database, identity);
  store.transaction(() => {
    store.documents.put({
      head: {
        kind: 'trust',
        name: 'trust',
        docId: trust.docId,
        epoch: 0,
        revision: trust.document.version,
      },
      envelope: enrolled.trustEnvelope,
    });
    store.documents.put({
      head: {
        kind: 'device',
        name: identity.agent,
        docId: enrolled.deviceDocId,
        epoch: 0,
        revision: device.generation,
      },
      envelope: enrolled.deviceEnvelope,
    });
  });
  store.close();
  if (!existsSync(data.policy)) writeFileSync(data.policy, policyText(policy), { mode: 0o600 });
  textFile(data.identity).write(formatIdentity(identity));
}

function report(world: World, data: DataDirectory, identity: Identity, flags: EnrolFlags): void {
  const { fleet, agent, broker } = identity;
  const policy = policyPath(data);
  if (flags.json) {
    sayJson(world, { fleet, agent, broker: broker.url, data: data.root, policy });
    return;
  }
  const { green, yellow } = paintOf(world);
  world.out(green('enrolled\n'));
  world.out(
    table([
      ['agent', agent],
      ['fleet', fleet],
      ['data', data.root],
      ['policy', `${policy} (${flags.policy})`],
    ]),
  );
  if (world.uid === 0) {
    world.out(
      yellow('This agent runs as root, so its jobs do, too. A user of its own is safer.\n'),
    );
  }
  world.out(`Start it:  muster-agent run --data ${data.root}\n`);
}
