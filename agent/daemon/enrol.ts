// Asking to join a fleet: one request under a join token, and an answer that is believed only as far as it is proven.
import { z } from 'zod';
import type { Clock } from '#shared/clock.ts';
import { formatInstant, idSchema, parseInstant } from '#shared/ids.ts';
import type { Broker, BrokerConnection, BrokerMessage } from '#shared/protocol/broker.ts';
import { type EnrolAnswer, enrolAnswerSchema, type JoinToken } from '#shared/protocol/messages.ts';
import { topicsOf } from '#shared/protocol/topics.ts';
import { describeFault, err, ok, type Result } from '#shared/result.ts';
import { encodeBase64 } from '#shared/trust/base64.ts';
import { type Credential, credentialContext, credentialSchema } from '#shared/trust/credential.ts';
import { keyIdOf, type Signer, type TrustCrypto, utf8 } from '#shared/trust/crypto.ts';
import type { DeviceDocument, Facts } from '#shared/trust/documents.ts';
import { enrolProof, tokenExpired } from '#shared/trust/enrolment.ts';
import { openEnvelope, sealEnvelope } from '#shared/trust/envelope.ts';
import { parseStrictJson } from '#shared/trust/strict-json.ts';
import { acceptTrustChain, signingKeys, type Trust } from '#shared/trust/trust-document.ts';
import { verifyDevice } from '#shared/trust/verify-down.ts';
import type { Random } from './context.ts';

export interface EnrolOptions {
  readonly token: JoinToken;
  readonly agent: string;
  readonly signer: Signer;
  readonly sealPublic: Uint8Array;
  /** Opens what was sealed to this machine. Fault SECRET_OPEN. */
  readonly unseal: (context: string, jwe: string) => Promise<Result<Uint8Array>>;
  readonly broker: Broker;
  readonly crypto: TrustCrypto;
  readonly clock: Clock;
  readonly random: Random;
  readonly facts: Facts;
  readonly binding: string;
  readonly capabilities: readonly string[];
  /** Milliseconds to wait for a console's answer. */
  readonly timeoutMs: number;
  /** Milliseconds between repetitions of the request. */
  readonly repeatMs?: number;
  readonly progress: (text: string) => void;
}

/** Everything the answer gave, verified. */
export interface Enrolled {
  readonly trust: Trust;
  readonly trustEnvelope: Uint8Array;
  readonly device: DeviceDocument;
  readonly deviceDocId: string;
  readonly deviceEnvelope: Uint8Array;
  readonly collector: string;
  readonly credential: Credential | null;
}

/**
 * Connects with the token's own credential, asks until answered, verifies. Faults: TOKEN_EXPIRED, BROKER_UNREACHABLE,
 * ENROL_TIMEOUT, ENROL_REFUSED codes of the console, ROOT_PIN and the other refusal codes of what it sent.
 */
export async function requestEnrolment(options: EnrolOptions): Promise<Result<Enrolled>> {
  const { token, broker, clock, progress } = options;
  if (tokenExpired(token, clock.now().wallAt)) {
    return err('TOKEN_EXPIRED', `the join token ended at ${token.expires}`, {
      hint: `make a new one with \`muster join-token\`; this machine's clock says ${formatInstant(clock.now().wallAt)}`,
    });
  }
  const nonce = options.random.hex128();
  const answers = new Answers(options.agent, nonce);
  progress(`connecting to ${broker.describe()}`);
  const { username, password } = token.broker;
  const connected = await broker.connect(
    {
      clientId: `enrol-${token.token}-${nonce.slice(0, 8)}`,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
    },
    (message) => answers.take(message),
  );
  if (!connected.ok) {
    return err('BROKER_UNREACHABLE', describeFault(connected.fault), {
      hint: 'check the address and the network; a used or expired token is refused here, too',
    });
  }
  const connection = connected.value;
  try {
    const answer = await ask(options, connection, nonce, answers);
    return answer.ok ? await verifyAnswer(options, answer.value) : answer;
  } finally {
    await connection.close();
  }
}

/** Waits for the one answer to this machine's own request. */
class Answers {
  readonly first = Promise.withResolvers<Result<EnrolAnswer>>();
  readonly #agent: string;
  readonly #nonce: string;

  constructor(agent: string, nonce: string) {
    this.#agent = agent;
    this.#nonce = nonce;
  }

  take({ payload }: BrokerMessage): void {
    const json = parseStrictJson(payload, { maxBytes: 60_000 });
    const answer = json.ok ? enrolAnswerSchema.safeParse(json.value) : undefined;
    if (!answer?.success) return;
    // Several machines may be enrolling with one token.
    if (answer.data.agent !== this.#agent || answer.data.nonce !== this.#nonce) return;
    this.first.resolve(ok(answer.data));
  }
}

async function ask(
  options: EnrolOptions,
  connection: BrokerConnection,
  nonce: string,
  answers: Answers,
): Promise<Result<EnrolAnswer>> {
  const { token, clock, timeoutMs, repeatMs = 10_000, progress } = options;
  const topics = topicsOf(token.fleet);
  const subscribed = await connection.subscribe([topics.enrolResponse(token.token)]);
  if (!subscribed.ok) return subscribed;
  progress('asking the console');
  const payload = requestBytes(options, nonce);
  const untilMs = clock.now().monoMs + timeoutMs;
  let timer: { readonly cancel: () => void } | undefined;
  const send = (): void => {
    const leftMs = untilMs - clock.now().monoMs;
    if (leftMs <= 0) {
      answers.first.resolve(noAnswer(timeoutMs));
      return;
    }
    void connection.publish({ topic: topics.enrolRequest(token.token), payload, retain: false });
    // A console that was away when the first one came gets the next.
    timer = clock.after(Math.min(repeatMs, leftMs), send);
  };
  void connection.closed.then(({ reason }) =>
    answers.first.resolve(err('BROKER_UNREACHABLE', `the connection ended: ${reason}`)),
  );
  send();
  const answer = await answers.first.promise;
  timer?.cancel();
  return answer;
}

const noAnswer = (timeoutMs: number) =>
  err('ENROL_TIMEOUT', `no console answered within ${Math.round(timeoutMs / 1_000)} s`, {
    hint: 'is `muster serve` running, and connected to this broker? Run the same command again then',
  });

function requestBytes(options: EnrolOptions, nonce: string): Uint8Array {
  const { token, agent, signer, sealPublic, binding, facts, capabilities, crypto } = options;
  const transcript = {
    fleet: token.fleet,
    token: token.token,
    agent,
    signKey: encodeBase64(signer.publicRaw),
    sealKey: encodeBase64(sealPublic),
    nonce,
    binding,
  };
  const proof = enrolProof(token.secret, transcript, crypto.sha256);
  return sealEnvelope(
    'enrol',
    { kind: 'enrol', ...transcript, facts, capabilities: [...capabilities], proof },
    [signer],
  );
}

async function verifyAnswer(options: EnrolOptions, answer: EnrolAnswer): Promise<Result<Enrolled>> {
  const { token, agent, crypto, signer, sealPublic } = options;
  if ('code' in answer) return refused(answer.code, answer.message);
  options.progress('verifying the answer');
  const envelopes = answer.trust.map((envelope) => utf8(JSON.stringify(envelope)));
  const trust = acceptTrustChain(envelopes, token.rootFingerprint, crypto);
  if (!trust.ok) return trust;
  const by = trust.value;
  if (by.document.fleet !== token.fleet) return err('FLEET', 'the trust is of another fleet');
  const deviceEnvelope = utf8(JSON.stringify(answer.device));
  const opened = openEnvelope(deviceEnvelope, {
    expectKinds: ['device'],
    keyOf: signingKeys(by),
    crypto,
  });
  if (!opened.ok) return opened;
  const device = verifyDevice(
    {
      trust: by,
      agent,
      // Nothing is known about the time yet but what the trust document says of itself.
      floorAt: parseInstant(by.document.issuedAt),
      current: undefined,
      mark: undefined,
      own: { signKey: encodeBase64(signer.publicRaw), sealKey: encodeBase64(sealPublic) },
    },
    opened.value,
  );
  if (!device.ok) return device;
  if (!by.document.collectors.some(({ id }) => id === answer.collector)) {
    return err('TRUST_INVALID', `the trust document knows no collector ${answer.collector}`);
  }
  const credential = await openCredential(options, answer.credential);
  if (!credential.ok) return credential;
  return ok({
    trust: by,
    trustEnvelope: envelopes.at(-1) as Uint8Array,
    device: device.value.document,
    deviceDocId: device.value.docId,
    deviceEnvelope,
    collector: answer.collector,
    credential: credential.value,
  });
}

async function openCredential(
  { token, agent, sealPublic, crypto, unseal }: EnrolOptions,
  jwe: string | null,
): Promise<Result<Credential | null>> {
  if (jwe === null) return ok(null);
  const kid = keyIdOf(sealPublic, crypto.sha256);
  const opened = await unseal(credentialContext(token.fleet, agent, kid), jwe);
  if (!opened.ok) return opened;
  const json = parseStrictJson(opened.value, { maxBytes: 4_096 });
  const parsed = json.ok ? credentialSchema.safeParse(json.value) : undefined;
  if (parsed?.success) return ok(parsed.data);
  return err('SECRET_OPEN', 'the sealed broker credential is not one');
}

const codeSchema = z.string().regex(/^[A-Z][A-Z0-9_]{1,63}$/);

const HINTS: Readonly<Record<string, string>> = {
  TOKEN_EXPIRED: 'make a new token with `muster join-token`',
  TOKEN_USED: 'make a new token with `muster join-token`',
  TOKEN_PROOF: 'was the token copied whole? Make a new one with `muster join-token`',
  NAME_TAKEN: 'choose another --name',
};

/** The refusal is not signed: its words go to a terminal, its code only if it looks like one. */
function refused(code: string, message: string): Result<never> {
  const known = codeSchema.safeParse(code).success ? code : 'ENROL_REFUSED';
  const hint = HINTS[known];
  return err(known, `the console refused: ${message}`, hint === undefined ? {} : { hint });
}

/** The agent's name as people type it. Fault ID. */
export function checkName(name: string): Result<string> {
  const parsed = idSchema.safeParse(name);
  if (parsed.success) return ok(parsed.data);
  return err('ID', `${JSON.stringify(name)} is no name for a machine`, {
    hint: '1 to 64 of a-z 0-9 _ -, beginning with a letter or digit',
  });
}
