// Taking in signed documents: verified as the machines will verify them, all or none, then stored as what they should have.
import type { AgentRecord, ConsoleStore } from '#console/core/ports.ts';
import { err, ok, type Result } from '#shared/result.ts';
import type { TrustCrypto } from '#shared/trust/crypto.ts';
import type { DocumentHead, PayloadKind } from '#shared/trust/documents.ts';
import {
  type Opened,
  openEnvelope,
  type ReadEnvelope,
  readEnvelope,
  withDocId,
} from '#shared/trust/envelope.ts';
import { acceptTrust, signingKeys, type Trust } from '#shared/trust/trust-document.ts';
import { verifyCommand, verifyDevice, verifySchedule } from '#shared/trust/verify-down.ts';
import { unknownAgent } from './command.ts';
import { needTrust } from './context.ts';

export interface PublishContext {
  readonly store: ConsoleStore;
  readonly crypto: TrustCrypto;
  readonly rootFingerprint: string;
  readonly trust: Trust | undefined;
  readonly nowAt: number;
}

type Kind = Extract<PayloadKind, 'trust' | 'device' | 'schedule' | 'command'>;
const KINDS: readonly Kind[] = ['trust', 'device', 'schedule', 'command'];

/** A verified document and how to store it. */
export interface Accepted {
  readonly kind: Kind;
  readonly docId: string;
  readonly envelope: Uint8Array;
  readonly agents: readonly string[];
  /** Stream of a schedule. */
  readonly stream: string | null;
  /** Writes it; inside the caller's transaction. Answers the document's key in the store. */
  readonly save: () => number;
}

interface Step {
  readonly context: PublishContext;
  readonly trust: Trust | undefined;
  readonly envelope: Uint8Array;
  readonly read: ReadEnvelope<Kind>;
}

/** Verifies all envelopes in order, later ones under the trust that earlier ones bring. Writes nothing. Faults: those of trust/SPEC.md. */
export function verifyDocuments(
  context: PublishContext,
  envelopes: readonly Uint8Array[],
): Result<readonly Accepted[]> {
  let trust = context.trust;
  const accepted: Accepted[] = [];
  for (const envelope of envelopes) {
    const read = readEnvelope(envelope, { expectKinds: KINDS });
    if (!read.ok) return read;
    const step: Step = { context, trust, envelope, read: read.value };
    if (read.value.kind === 'trust') {
      const next = verifyTrust(step);
      if (!next.ok) return next;
      trust = next.value.trust;
      accepted.push(next.value.accepted);
      continue;
    }
    const under = needTrust(trust);
    if (!under.ok) return under;
    const one = verifyOne(step, under.value, read.value.kind);
    if (!one.ok) return one;
    accepted.push(one.value);
  }
  return ok(accepted);
}

function verifyOne(
  { context, envelope }: Step,
  trust: Trust,
  kind: Exclude<Kind, 'trust'>,
): Result<Accepted> {
  const options = { keyOf: signingKeys(trust), crypto: context.crypto };
  if (kind === 'schedule') {
    const opened = openEnvelope(envelope, { ...options, expectKinds: [kind] });
    return opened.ok ? schedule(context, trust, envelope, opened.value) : opened;
  }
  if (kind === 'device') {
    const opened = openEnvelope(envelope, { ...options, expectKinds: [kind] });
    return opened.ok ? device(context, trust, envelope, opened.value) : opened;
  }
  const opened = openEnvelope(envelope, { ...options, expectKinds: [kind] });
  return opened.ok ? command(context, trust, envelope, opened.value) : opened;
}

function verifyTrust({
  context,
  trust,
  envelope,
  read,
}: Step): Result<{ readonly trust: Trust; readonly accepted: Accepted }> {
  const { store, crypto, rootFingerprint, nowAt } = context;
  const next = acceptTrust(trust, rootFingerprint, envelope, crypto);
  if (!next.ok) return next;
  const { docId, document } = next.value.trust;
  const head: DocumentHead = {
    kind: 'trust',
    name: 'trust',
    docId,
    epoch: 0,
    revision: document.version,
  };
  const payload = textOf(read.payloadBytes);
  const save = () => store.documents.put(head, payload, envelope, nowAt);
  return ok({
    trust: next.value.trust,
    accepted: { kind: 'trust', docId, envelope, agents: [], stream: null, save },
  });
}

function schedule(
  { store, nowAt }: PublishContext,
  trust: Trust,
  envelope: Uint8Array,
  opened: Opened<'schedule'>,
): Result<Accepted> {
  const { payload: document, docId } = opened;
  const { stream, epoch, revision } = document;
  const agents: AgentRecord[] = [];
  for (const name of document.audience) {
    const agent = store.agents.byName(name);
    if (!agent) return withDocId(unknownAgent(name), docId);
    const verified = verifySchedule(
      {
        trust,
        agent: name,
        floorAt: nowAt,
        machine: { labels: agent.labels, selfIsRoot: false },
        mark: store.documents.desiredOf(agent.id, 'schedule', stream),
        capabilities: agent.hello?.capabilities ?? document.capabilities,
      },
      opened,
    );
    if (!verified.ok) return verified;
    agents.push(agent);
  }
  const head: DocumentHead = { kind: 'schedule', name: stream, docId, epoch, revision };
  const save = () => {
    const id = store.documents.put(head, textOf(opened.payloadBytes), envelope, nowAt);
    for (const agent of agents) store.documents.setDesired(agent.id, 'schedule', stream, id);
    return id;
  };
  return ok({ kind: 'schedule', docId, envelope, agents: document.audience, stream, save });
}

function device(
  { store, nowAt }: PublishContext,
  trust: Trust,
  envelope: Uint8Array,
  opened: Opened<'device'>,
): Result<Accepted> {
  const { payload: document, docId } = opened;
  const agent = store.agents.byName(document.agent);
  if (!agent) return withDocId(unknownAgent(document.agent), docId);
  const { signKey, sealKey } = agent.device;
  const verified = verifyDevice(
    {
      trust,
      agent: document.agent,
      floorAt: nowAt,
      current: agent.device,
      mark: store.documents.desiredOf(agent.id, 'device', agent.agent),
      own: { signKey, sealKey },
    },
    opened,
  );
  if (!verified.ok) return verified;
  const head: DocumentHead = {
    kind: 'device',
    name: agent.agent,
    docId,
    epoch: 0,
    revision: document.generation,
  };
  const save = () => {
    const id = store.documents.put(head, textOf(opened.payloadBytes), envelope, nowAt);
    store.agents.putDevice(document, null);
    store.documents.setDesired(agent.id, 'device', agent.agent, id);
    return id;
  };
  return ok({ kind: 'device', docId, envelope, agents: [agent.agent], stream: null, save });
}

function command(
  { store, nowAt }: PublishContext,
  trust: Trust,
  envelope: Uint8Array,
  opened: Opened<'command'>,
): Result<Accepted> {
  const { payload: document, docId } = opened;
  const agent = store.agents.byName(document.agent);
  if (!agent) return withDocId(unknownAgent(document.agent), docId);
  const { hello, helloAt } = agent;
  if (!hello || helloAt === null) {
    return err('AGENT_OFFLINE', `${agent.agent} is not connected now`, {
      hint: 'commands are for live machines; what may wait is a schedule',
    });
  }
  const verified = verifyCommand(
    {
      trust,
      agent: agent.agent,
      floorAt: nowAt,
      machine: { labels: agent.labels, selfIsRoot: false },
      session: hello.session,
      sessionMonoMs: hello.monoMs + Math.max(0, nowAt - helloAt),
      seenNonce: () => store.documents.byDocId(docId) !== undefined,
    },
    opened,
  );
  if (!verified.ok) return verified;
  const head = { kind: 'command', name: agent.agent, docId, epoch: 0, revision: 1 } as const;
  const save = () => store.documents.put(head, textOf(opened.payloadBytes), envelope, nowAt);
  return ok({ kind: 'command', docId, envelope, agents: [agent.agent], stream: null, save });
}

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');
