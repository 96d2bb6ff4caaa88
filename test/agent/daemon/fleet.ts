// A fleet for the daemon's tests: real keys, a broker in memory, a tiny collector that believes nothing it cannot verify.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEnrolled } from '#agent/cli/enrolled.ts';
import { nodeRandom } from '#agent/cli/random.ts';
import { runCli } from '#agent/cli.ts';
import { type Daemon, startDaemon } from '#agent/compose.ts';
import { type DataDirectory, dataDirectory } from '#agent/config.ts';
import { memoryBroker } from '#shared/node/brokers/memory.ts';
import { keyId, nodeCrypto } from '#shared/node/ed25519.ts';
import { unpackReport } from '#shared/node/gzip.ts';
import { sealTo } from '#shared/node/seal.ts';
import { sha256 } from '#shared/node/sha256.ts';
import type { BrokerMessage } from '#shared/protocol/broker.ts';
import { type JoinToken, stateMessageSchema } from '#shared/protocol/messages.ts';
import type { Event } from '#shared/run/event.ts';
import { eventSchema } from '#shared/run/event.ts';
import type { Schedule } from '#shared/schedule/schedule.ts';
import { decodeBase64, encodeBase64 } from '#shared/trust/base64.ts';
import { type ChainCursor, verifyReportChain } from '#shared/trust/chain.ts';
import { credentialContext } from '#shared/trust/credential.ts';
import { type Signer, utf8 } from '#shared/trust/crypto.ts';
import type {
  AckDocument,
  CommandDocument,
  DeviceDocument,
  HelloDocument,
  Payload,
  StatusDocument,
  TrustDocument,
} from '#shared/trust/documents.ts';
import { checkEnrol, encodeJoinToken } from '#shared/trust/enrolment.ts';
import { sealEnvelope } from '#shared/trust/envelope.ts';
import { openEnrol, verifyHello, verifyReport, verifyStatus } from '#shared/trust/verify-up.ts';
import {
  AGENT,
  at,
  FLEET,
  firstTrust,
  idOf,
  json,
  type Keys,
  newKey,
  newKeys,
  topics,
  until,
  YEAR_MS,
} from './parts.ts';

export interface TestFleet {
  readonly keys: Keys;
  readonly trust: TrustDocument;
  readonly memory: ReturnType<typeof memoryBroker>;
  readonly token: JoinToken;
  readonly data: DataDirectory;
  /** What the console side has seen and stored. */
  readonly seen: Seen;
  readonly publish: (topic: string, payload: Uint8Array, retain?: boolean) => Promise<void>;
  readonly publishSchedule: (
    schedules: readonly Schedule[],
    changes?: Partial<Payload<'schedule'>>,
    signers?: readonly Signer[],
  ) => Promise<string>;
  readonly command: (
    command: CommandDocument['command'],
    changes?: Partial<CommandDocument>,
    signer?: Signer,
  ) => Promise<Uint8Array>;
  readonly ack: (changes?: Partial<AckDocument>, signer?: Signer) => Promise<void>;
  readonly enrol: (...more: string[]) => Promise<Enrolled>;
  readonly start: (tuning?: { lingerMs?: number; quietMs?: number }) => Promise<Daemon>;
  readonly dispose: () => Promise<void>;
}

export interface Seen {
  readonly enrolments: string[];
  readonly hellos: HelloDocument[];
  readonly states: { readonly online: boolean; readonly epoch: number }[];
  readonly statuses: StatusDocument[];
  readonly reports: {
    readonly from: number;
    readonly to: number;
    readonly bytes: number;
    readonly fill: boolean;
  }[];
  readonly events: Event[];
  readonly faults: string[];
  /** False: reports are stored, but no ack is sent. */
  acks: boolean;
  device: DeviceDocument | undefined;
}

export interface Enrolled {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

let count = 0;

/** `secret`: what the console believes the token's secret to be. */
export async function startFleet(options: { readonly secret?: string } = {}): Promise<TestFleet> {
  const name = `agent-test-${process.pid}-${count++}`;
  const memory = memoryBroker(name);
  const dir = mkdtempSync(join(tmpdir(), 'muster-agent-'));
  const data = dataDirectory(join(dir, 'data'));
  const keys = newKeys();
  const trust = firstTrust(keys);
  const trustEnvelope = sealEnvelope('trust', trust, [keys.root]);
  const token: JoinToken = {
    fleet: FLEET,
    rootFingerprint: idOf('trust', trust),
    broker: { url: `memory://${name}`, username: 'enrol_tok-1', password: 'x' },
    token: 'tok-1',
    secret: encodeBase64(sha256('secret')).slice(0, 43).replaceAll('+', '-').replaceAll('/', '_'),
    expires: at(3_600_000),
    labels: { site: 'lyon' },
  };
  const seen: Seen = {
    enrolments: [],
    hellos: [],
    states: [],
    statuses: [],
    reports: [],
    events: [],
    faults: [],
    acks: true,
    device: undefined,
  };
  let cursor: ChainCursor | undefined;
  let incarnation = 1;
  let receipt: AckDocument['receipt'] = null;

  const onMessage = (message: BrokerMessage): void => void take(message);
  const connected = await memory.broker.connect({ clientId: 'console' }, onMessage);
  if (!connected.ok) throw new Error(connected.fault.message);
  const console = connected.value;
  await console.subscribe([topics.enrolRequest('+'), `muster1/${FLEET}/a/+/up/#`]);

  const publish: TestFleet['publish'] = async (topic, payload, retain = true) => {
    const done = await console.publish({ topic, payload, retain });
    if (!done.ok) throw new Error(done.fault.message);
  };
  await publish(topics.trust(1), trustEnvelope);

  const ack: TestFleet['ack'] = (changes = {}, signer = keys.relay) =>
    publish(
      topics.ack(AGENT, 'main'),
      sealEnvelope(
        'ack',
        {
          kind: 'ack',
          fleet: FLEET,
          agent: AGENT,
          collector: 'main',
          at: at(),
          session: seen.hellos.at(-1)?.session ?? null,
          receipt,
          heads: [],
          want: null,
          ...changes,
        },
        [signer],
      ),
    );

  const take = async ({ topic, payload }: BrokerMessage): Promise<void> => {
    if (topic === topics.enrolRequest(token.token)) return answerEnrol(payload);
    const { device } = seen;
    if (!device) return;
    if (topic === topics.state(AGENT)) {
      const state = stateMessageSchema.parse(json(payload));
      seen.states.push(state);
      if (!state.online) return;
      const hello = verifyHello(utf8(JSON.stringify(state.hello)), device, nodeCrypto);
      if (hello.ok) seen.hellos.push(hello.value.payload);
      else seen.faults.push(hello.fault.code);
    } else if (topic === topics.status(AGENT)) {
      const status = verifyStatus(payload, device, nodeCrypto);
      if (status.ok) seen.statuses.push(status.value.payload);
      else seen.faults.push(status.fault.code);
    } else if (topic === topics.events(AGENT) || topic === topics.fill(AGENT, 'main')) {
      await takeReport(topic, payload, device);
    }
  };

  const takeReport = async (
    topic: string,
    payload: Uint8Array,
    device: DeviceDocument,
  ): Promise<void> => {
    const raw = unpackReport(payload);
    const report = raw.ok ? verifyReport(raw.value, device, nodeCrypto) : raw;
    if (!report.ok) return void seen.faults.push(report.fault.code);
    const document = report.value.payload;
    if (document.incarnation !== incarnation) {
      incarnation = document.incarnation;
      cursor = undefined;
    }
    const joined = verifyReportChain(document, cursor, sha256);
    if (!joined.ok) return void seen.faults.push(joined.fault.code);
    const { from, to } = document;
    seen.reports.push({
      from,
      to,
      bytes: payload.byteLength,
      fill: topic !== topics.events(AGENT),
    });
    for (const entry of document.entries.slice(joined.value.known))
      seen.events.push(eventSchema.parse(JSON.parse(entry)));
    if (!cursor || joined.value.cursor.seq > cursor.seq) receipt = document.head;
    cursor = joined.value.cursor;
    if (seen.acks) await ack();
  };

  const answerEnrol = async (payload: Uint8Array): Promise<void> => {
    const opened = openEnrol(payload, nodeCrypto);
    if (!opened.ok) return void seen.faults.push(opened.fault.code);
    const request = opened.value.payload;
    seen.enrolments.push(request.signKey);
    const record = {
      fleet: FLEET,
      token: token.token,
      secret: options.secret ?? token.secret,
      expiresAt: Date.parse(token.expires),
      usesLeft: 1,
    };
    const checked = checkEnrol(record, request, Date.now(), sha256);
    const head = { agent: request.agent, nonce: request.nonce };
    if (!checked.ok) {
      const { code, message } = checked.fault;
      return publish(
        topics.enrolResponse(token.token),
        utf8(JSON.stringify({ ...head, code, message })),
        false,
      );
    }
    const device: DeviceDocument = {
      kind: 'device',
      fleet: FLEET,
      agent: request.agent,
      generation: 1,
      signKey: request.signKey,
      sealKey: request.sealKey,
      labels: token.labels,
      revoked: false,
      issuedAt: at(),
    };
    seen.device = device;
    const sealPublic = decodeBase64(request.sealKey) as Uint8Array;
    const credential = await sealTo(
      sealPublic,
      credentialContext(FLEET, request.agent, keyId(sealPublic)),
      utf8(JSON.stringify({ username: request.agent, password: 'secret' })),
    );
    const answer = {
      ...head,
      trust: [json(trustEnvelope)],
      device: json(sealEnvelope('device', device, [keys.enroller])),
      collector: 'main',
      credential,
    };
    await publish(topics.enrolResponse(token.token), utf8(JSON.stringify(answer)), false);
  };

  const enrol: TestFleet['enrol'] = async (...more) => {
    let out = '';
    let err = '';
    const code = await runCli(
      ['enrol', encodeJoinToken(token), '--name', AGENT, '--data', data.root, ...more],
      {
        env: {},
        out: (text) => {
          out += text;
        },
        err: (text) => {
          err += text;
        },
        isTerminal: false,
        uid: process.getuid?.() ?? -1,
      },
    );
    return { code, out, err };
  };

  const daemons = new Set<Daemon>();
  return {
    keys,
    trust,
    memory,
    token,
    data,
    seen,
    publish,
    ack,
    enrol,
    publishSchedule: async (schedules, changes = {}, signers = [keys.alice]) => {
      const document: Payload<'schedule'> = {
        kind: 'schedule',
        fleet: FLEET,
        stream: 'shop',
        epoch: 0,
        revision: 1,
        previous: null,
        audience: [AGENT],
        minTrust: 1,
        issuedAt: at(),
        acceptUntil: at(YEAR_MS),
        capabilities: [],
        schedules: [...schedules],
        ...changes,
      };
      await publish(
        topics.document(AGENT, 'schedule', document.stream),
        sealEnvelope('schedule', document, signers),
      );
      return idOf('schedule', document);
    },
    command: async (command, changes = {}, signer = keys.alice) => {
      const hello = await until('a hello', () => seen.hellos.at(-1));
      const bytes = sealEnvelope(
        'command',
        {
          kind: 'command',
          fleet: FLEET,
          agent: AGENT,
          session: hello.session,
          nonce: newKey().keyId,
          notAfterMs: hello.monoMs + 300_000,
          issuedAt: at(),
          command,
          ...changes,
        },
        [signer],
      );
      await publish(topics.command(AGENT), bytes, false);
      return bytes;
    },
    start: async (tuning = {}) => {
      const enrolled = openEnrolled(data);
      if (!enrolled.ok) throw new Error(enrolled.fault.message);
      const uid = process.getuid?.() ?? -1;
      const opened = await startDaemon({
        data,
        enrolled: enrolled.value,
        log: quiet,
        uid,
        // No jitter: the shortest pauses the rules allow.
        random: { ...nodeRandom, unit: () => 0 },
        lingerMs: 20,
        ...tuning,
      });
      const daemon: Daemon = {
        pulse: opened.pulse,
        close: async () => {
          if (daemons.delete(daemon)) await opened.close();
        },
      };
      daemons.add(daemon);
      return daemon;
    },
    dispose: async () => {
      for (const daemon of [...daemons]) await daemon.close();
      await console.close();
      rmSync(dir, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

const silence = (): void => undefined;
const quiet = { debug: silence, info: silence, warn: silence, error: silence };
