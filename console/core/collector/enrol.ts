// Letting machines in: a request that proves a join token becomes a device document and a sealed answer.
import type { TokenRecord } from '#console/core/ports.ts';
import { formatInstant } from '#shared/ids.ts';
import { sealTo } from '#shared/node/seal.ts';
import type { EnrolAnswer } from '#shared/protocol/messages.ts';
import { err, ok, type Result } from '#shared/result.ts';
import { authorizeDevice } from '#shared/trust/authorize.ts';
import { decodeBase64 } from '#shared/trust/base64.ts';
import { credentialContext } from '#shared/trust/credential.ts';
import { keyIdOf, utf8 } from '#shared/trust/crypto.ts';
import { type DeviceDocument, type EnrolDocument, payloadType } from '#shared/trust/documents.ts';
import { checkEnrol } from '#shared/trust/enrolment.ts';
import { documentId, encodePayload, sealEnvelope } from '#shared/trust/envelope.ts';
import { openEnrol } from '#shared/trust/verify-up.ts';
import type { CollectorContext } from './context.ts';

/**
 * Answers one request that came under `token`'s topic; undefined for bytes that prove no sender.
 * A machine that asks again with the same keys, because the answer got lost, gets the same answer.
 */
export async function answerEnrol(
  context: CollectorContext,
  token: string,
  payload: Uint8Array,
): Promise<EnrolAnswer | undefined> {
  const opened = openEnrol(payload, context.crypto);
  if (!opened.ok || opened.value.payload.token !== token) return undefined;
  const enrol = opened.value.payload;
  const admitted = await admit(context, enrol);
  if (admitted.ok) return answerOf(context, enrol, admitted.value.credential);
  const { code, message } = admitted.fault;
  context.log(`enrolment of ${enrol.agent} refused: ${code} ${message}`);
  return { agent: enrol.agent, nonce: enrol.nonce, code, message: message.slice(0, 500) };
}

interface Admitted {
  readonly credential: string | null;
}

async function admit(context: CollectorContext, enrol: EnrolDocument): Promise<Result<Admitted>> {
  const { store, fleet, clock, crypto } = context;
  const token = store.tokens.get(enrol.token);
  const before = store.tokens.enrolment(enrol.agent);
  const again =
    before?.token === enrol.token &&
    before.signKey === enrol.signKey &&
    before.sealKey === enrol.sealKey;
  const record = token && { ...token, fleet };
  // The use was counted with the first answer; the proof is asked for every time.
  const lasting = record &&
    again && { ...record, usesLeft: 1, expiresAt: Number.POSITIVE_INFINITY };
  const proven = checkEnrol(lasting || record, enrol, clock.now().wallAt, crypto.sha256);
  if (!proven.ok) return proven;
  if (again) return ok({ credential: before.credential });
  if (before || store.agents.byName(enrol.agent)) {
    return err('NAME_TAKEN', `a machine named ${enrol.agent} is enrolled already`, {
      hint: 'choose another name',
    });
  }
  return addMachine(context, enrol, token as TokenRecord);
}

async function addMachine(
  context: CollectorContext,
  enrol: EnrolDocument,
  token: TokenRecord,
): Promise<Result<Admitted>> {
  const { store, fleet, clock, crypto, enroller } = context;
  const trust = context.trust();
  if (!trust) return err('TRUST_GAP', 'this console has no trust document yet');
  const { agent, signKey, sealKey, binding } = enrol;
  const nowAt = clock.now().wallAt;
  const device: DeviceDocument = {
    kind: 'device',
    fleet,
    agent,
    generation: 1,
    signKey,
    sealKey,
    labels: { ...token.labels },
    revoked: false,
    issuedAt: formatInstant(nowAt),
  };
  const allowed = authorizeDevice(trust, device, [enroller.keyId]);
  if (!allowed.ok) return allowed;
  const credential = await sealCredential(context, enrol);
  const bytes = encodePayload<'device'>(device);
  const docId = documentId(payloadType('device'), bytes, crypto.sha256);
  const envelope = sealEnvelope('device', bytes, [enroller]);
  const head = { kind: 'device', name: agent, docId, epoch: 0, revision: 1 } as const;
  store.transaction(() => {
    store.tokens.use(token.token);
    store.tokens.addEnrolment({ agent, token: token.token, signKey, sealKey, credential }, nowAt);
    const { id } = store.agents.putDevice(device, binding);
    const text = Buffer.from(bytes).toString('utf8');
    store.documents.setDesired(
      id,
      'device',
      agent,
      store.documents.put(head, text, envelope, nowAt),
    );
  });
  context.log(`${agent} enrolled with token ${token.token}`);
  return ok({ credential });
}

/** The machine's own way into the broker, sealed to it; null where the broker is somebody else's. */
async function sealCredential(
  { fleet, addCredential, crypto }: CollectorContext,
  { agent, sealKey }: EnrolDocument,
): Promise<string | null> {
  const password = addCredential(agent, 'agent');
  const publicRaw = decodeBase64(sealKey);
  if (password === null || !publicRaw) return null;
  const about = credentialContext(fleet, agent, keyIdOf(publicRaw, crypto.sha256));
  return sealTo(publicRaw, about, utf8(JSON.stringify({ username: agent, password })));
}

function answerOf(
  { store, collector }: CollectorContext,
  { agent, nonce }: EnrolDocument,
  credential: string | null,
): EnrolAnswer | undefined {
  const [device] = store.documents.newest('device', agent);
  if (!device) return undefined;
  const carried = (envelope: Uint8Array) => JSON.parse(Buffer.from(envelope).toString('utf8'));
  const trust = store.documents.trust().map(({ envelope }) => carried(envelope));
  return { agent, nonce, trust, device: carried(device.envelope), collector, credential };
}
