// A machine as far as the wire shows it: its own keys, a hash-chained log, signed hellos and reports. Runs nothing.
import { randomBytes } from 'node:crypto';
import { formatInstant } from '#shared/ids.ts';
import { packReport } from '#shared/node/gzip.ts';
import { generateSealKey } from '#shared/node/seal.ts';
import { sha256 } from '#shared/node/sha256.ts';
import type { BrokerConnection } from '#shared/protocol/broker.ts';
import { type EnrolAnswer, enrolAnswerSchema } from '#shared/protocol/messages.ts';
import { topicsOf } from '#shared/protocol/topics.ts';
import { eventSchema, type NewEvent } from '#shared/run/event.ts';
import { encodeBase64 } from '#shared/trust/base64.ts';
import { chainNext, chainStart, headBytes } from '#shared/trust/chain.ts';
import type { Signer } from '#shared/trust/crypto.ts';
import {
  type AckDocument,
  ackDocumentSchema,
  type DocumentHead,
  type Facts,
  type ReportDocument,
} from '#shared/trust/documents.ts';
import { decodeJoinToken, enrolProof } from '#shared/trust/enrolment.ts';
import { sealEnvelope } from '#shared/trust/envelope.ts';
import { COLLECTOR, FLEET, NOON, newSigner, type TestFleet, take, until } from './fleet.ts';

const topics = topicsOf(FLEET);
const FACTS: Facts = {
  hostname: 'till',
  platform: 'linux',
  arch: 'x64',
  version: '0.1.0',
  tzdata: process.versions.tz ?? 'unknown',
  zone: 'UTC',
};
export const CAPABILITIES = [
  'job-exec',
  'job-shell',
  'trigger-at',
  'trigger-every',
  'trigger-cron',
];

export class TestMachine {
  readonly agent: string;
  readonly signer: Signer;
  readonly seal = generateSealKey();
  readonly sealKey = encodeBase64(this.seal.publicRaw);
  binding = randomBytes(32).toString('hex');
  readonly session = randomBytes(16).toString('hex');
  readonly entries: string[] = [];
  readonly hashes: string[];
  readonly received = new Map<string, Uint8Array>();
  capabilities: readonly string[] = CAPABILITIES;
  incarnation = 1;
  epoch = 0;
  #connection: BrokerConnection | undefined;
  readonly #fleet: TestFleet;

  constructor(fleet: TestFleet, agent: string, signer: Signer = newSigner()) {
    this.#fleet = fleet;
    this.agent = agent;
    this.signer = signer;
    this.hashes = [chainStart(FLEET, agent, 1, sha256)];
  }

  async connect(): Promise<void> {
    this.epoch += 1;
    const will = {
      topic: topics.state(this.agent),
      payload: Buffer.from(JSON.stringify({ online: false, epoch: this.epoch })),
    };
    const clientId = `machine-${this.agent}-${randomBytes(4).toString('hex')}`;
    this.#connection = take(
      await this.#fleet.broker.broker.connect({ clientId, will }, ({ topic, payload }) =>
        this.received.set(topic, payload),
      ),
    );
    take(
      await this.#connection.subscribe([
        topics.ack(this.agent, COLLECTOR),
        topics.command(this.agent),
        topics.documents(this.agent),
        'muster1/shops/enrol/+/res',
        topics.hello(),
      ]),
    );
  }

  async cut(): Promise<void> {
    await this.#connection?.close();
  }

  async publish(topic: string, payload: Uint8Array, retain: boolean): Promise<void> {
    if (!this.#connection) throw new Error('not connected');
    take(await this.#connection.publish({ topic, payload, retain }));
  }

  /** Asks to join with the text of a token and waits for the answer. */
  async enrol(text: string, changes: { readonly secret?: string } = {}): Promise<EnrolAnswer> {
    const token = take(decodeJoinToken(text));
    const nonce = randomBytes(16).toString('hex');
    const transcript = {
      fleet: FLEET,
      token: token.token,
      agent: this.agent,
      signKey: encodeBase64(this.signer.publicRaw),
      sealKey: this.sealKey,
      nonce,
      binding: this.binding,
    };
    const proof = enrolProof(changes.secret ?? token.secret, transcript, sha256);
    const enrol = { kind: 'enrol' as const, ...transcript, facts: FACTS, proof };
    const payload = sealEnvelope('enrol', { ...enrol, capabilities: [...this.capabilities] }, [
      this.signer,
    ]);
    await this.publish(topics.enrolRequest(token.token), payload, false);
    return until(() => {
      const bytes = this.received.get(topics.enrolResponse(token.token));
      const answer = bytes && enrolAnswerSchema.parse(JSON.parse(Buffer.from(bytes).toString()));
      return answer?.nonce === nonce ? answer : undefined;
    }, 'the enrolment answer');
  }

  /** Makes and uses a token of its own, then says hello. */
  async join(labels: Readonly<Record<string, string>> = {}): Promise<this> {
    await this.connect();
    const { text } = take(await this.#fleet.core().call('tokens.create', { labels }));
    const answer = await this.enrol(text);
    if ('code' in answer) throw new Error(answer.code);
    await this.hello();
    return this;
  }

  helloEnvelope(monoMs = 1_000): Record<string, unknown> {
    const bytes = sealEnvelope(
      'hello',
      {
        kind: 'hello',
        fleet: FLEET,
        agent: this.agent,
        incarnation: this.incarnation,
        epoch: this.epoch,
        session: this.session,
        monoMs,
        at: formatInstant(this.#fleet.clock.now().wallAt),
        bootId: 'boot',
        binding: this.binding,
        facts: FACTS,
        capabilities: [...this.capabilities],
        policy: { digest: 'a'.repeat(64), owner: 'self' },
      },
      [this.signer],
    );
    return JSON.parse(Buffer.from(bytes).toString());
  }

  async hello(monoMs = 1_000): Promise<void> {
    const state = { online: true, epoch: this.epoch, hello: this.helloEnvelope(monoMs) };
    await this.publish(topics.state(this.agent), Buffer.from(JSON.stringify(state)), true);
    await until(async () => (await this.summary()).presence === 'online', 'presence');
  }

  async status(
    heads: readonly DocumentHead[],
    refused: readonly { readonly code: string; readonly docId: string }[] = [],
  ): Promise<void> {
    const at = formatInstant(this.#fleet.clock.now().wallAt);
    const topic = topics.document(this.agent, 'schedule', 'x');
    const payload = sealEnvelope(
      'status',
      {
        kind: 'status',
        fleet: FLEET,
        agent: this.agent,
        incarnation: this.incarnation,
        session: this.session,
        at,
        seq: this.entries.length,
        heads: [...heads],
        refused: refused.map((one) => ({ ...one, keyId: null, topic, at, count: 1 })),
        paused: [],
        clock: 'trusted',
        running: 0,
        next: null,
      },
      [this.signer],
    );
    await this.publish(topics.status(this.agent), payload, true);
  }

  /** Appends to the log; numbers and chains. */
  append(...events: readonly NewEvent[]): void {
    for (const event of events) {
      const bytes = JSON.stringify(eventSchema.parse({ seq: this.entries.length + 1, ...event }));
      this.entries.push(bytes);
      this.hashes.push(chainNext(this.hashes.at(-1) as string, bytes, sha256));
    }
  }

  /** The report of entries from..to as bytes to send. */
  report(
    from: number,
    to: number,
    cursorAt: number,
    changes: Partial<ReportDocument> = {},
  ): Buffer {
    const hash = this.hashes[to] as string;
    const head = { incarnation: this.incarnation, seq: to, hash };
    const sig = encodeBase64(
      this.signer.sign(headBytes({ fleet: FLEET, agent: this.agent, ...head })),
    );
    const report: ReportDocument = {
      kind: 'report',
      fleet: FLEET,
      agent: this.agent,
      incarnation: this.incarnation,
      from,
      to,
      previous: this.hashes[from - 1] as string,
      head: { ...head, sig },
      cursor: formatInstant(cursorAt),
      entries: this.entries.slice(from - 1, to),
      ...changes,
    };
    return Buffer.from(take(packReport(sealEnvelope('report', report, [this.signer]))));
  }

  async send(message: Uint8Array): Promise<void> {
    await this.publish(topics.events(this.agent), message, false);
  }

  /** Sends entries and waits for the ack that covers them. */
  async deliver(cursorAt = NOON, from = 1): Promise<AckDocument> {
    const to = this.entries.length;
    await this.send(this.report(from, to, cursorAt));
    return this.acked(to);
  }

  ack(): AckDocument | undefined {
    const bytes = this.received.get(topics.ack(this.agent, COLLECTOR));
    if (!bytes) return undefined;
    const { payload } = JSON.parse(Buffer.from(bytes).toString());
    return ackDocumentSchema.parse(JSON.parse(Buffer.from(payload, 'base64').toString()));
  }

  acked(seq: number): Promise<AckDocument> {
    return until(() => {
      const ack = this.ack();
      return (ack?.receipt?.seq ?? 0) >= seq ? ack : undefined;
    }, `an ack of entry ${seq}`);
  }

  async detail() {
    return take(await this.#fleet.core().call('agents.show', { agent: this.agent }));
  }

  async summary() {
    const list = take(await this.#fleet.core().call('agents.list', {}));
    const own = list.find(({ agent }) => agent === this.agent);
    if (!own) throw new Error(`${this.agent} is not enrolled`);
    return own;
  }

  async alarms(): Promise<readonly string[]> {
    return (await this.detail()).alarms.map(({ code }) => code);
  }

  /** Heads the console wants this machine to have, as it would report them applied. */
  async applied(): Promise<readonly DocumentHead[]> {
    return (await this.detail()).documents.map(({ desired }) => desired);
  }
}
