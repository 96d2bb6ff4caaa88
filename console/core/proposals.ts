// Proposals: bytes put forward for signing by whoever may not or cannot sign here. Enough persons' signatures publish them.
import type { Push } from '#console/api.ts';
import type {
  ProposalDetail,
  ProposalSigned,
  ProposalState,
  ProposalSummary,
} from '#console/views/planning.ts';
import type { Plan, PreparedDocument, Published } from '#console/views.ts';
import { formatInstant } from '#shared/ids.ts';
import { err, type Fault, ok, type Result } from '#shared/result.ts';
import { scheduleDocumentSchema } from '#shared/schedule/document.ts';
import { encodeBase64 } from '#shared/trust/base64.ts';
import type { TrustCrypto } from '#shared/trust/crypto.ts';
import { toHex, utf8 } from '#shared/trust/crypto.ts';
import { commandDocumentSchema, payloadType } from '#shared/trust/documents.ts';
import { checkSignatures, readEnvelope } from '#shared/trust/envelope.ts';
import { signingKeys, type Trust } from '#shared/trust/trust-document.ts';
import { currentStream } from './planner/current.ts';
import { verifyDocuments } from './planner/publish.ts';
import { summarize } from './planner/summary.ts';
import type { ConsoleStore, ProposalDocument, ProposalSignature, StoredProposal } from './ports.ts';

export interface ProposalContext {
  readonly store: ConsoleStore;
  readonly crypto: TrustCrypto;
  readonly trust: Trust | undefined;
  readonly rootFingerprint: string;
  readonly nowAt: number;
  readonly push: (push: Push) => void;
}

const nameOf = (id: number): string => `P-${id}`;
const idOf = (name: string): number => Number(name.slice(2));

/** Stores what was planned. Fault: NOTHING_TO_SIGN. */
export function createProposal(
  { store, nowAt, push }: ProposalContext,
  documents: readonly PreparedDocument[],
  about: { readonly title: string; readonly note: string | null },
  sources: Readonly<Record<string, string>>,
): Result<{ readonly proposal: string }> {
  const [first] = documents;
  if (!first) {
    return err('NOTHING_TO_SIGN', 'that is how it is already: there is nothing to sign');
  }
  const kind = first.kind === 'command' ? 'command' : 'schedule';
  const id = store.transaction(() =>
    store.proposals.add(
      { kind, ...about, createdAt: nowAt, sources },
      documents.map(({ payload, docId, personsNeeded }) => ({
        ...{ kind, docId, payload },
        persons: personsNeeded,
      })),
    ),
  );
  push({ kind: 'proposals', proposals: [nameOf(id)] });
  return ok({ proposal: nameOf(id) });
}

/** A line for lists. */
export function titleOf(plan: Plan): string {
  const streams = plan.streams.map(({ stream, revision, audience }) =>
    audience.length === 0 ? `remove ${stream}` : `${stream}, revision ${revision}`,
  );
  return (
    streams.slice(0, 5).join('; ') + (streams.length > 5 ? ` and ${streams.length - 5} more` : '')
  );
}

export function listProposals(
  context: ProposalContext,
  asked: { readonly state: 'open' | 'all'; readonly limit: number },
): readonly ProposalSummary[] {
  return context.store.proposals
    .list(asked.state, asked.limit)
    .map((proposal) => summaryOf(context, proposal))
    .filter(({ state }) => asked.state === 'all' || state === 'open' || state === 'outdated');
}

/** Fault: PROPOSAL_UNKNOWN. */
export function showProposal(context: ProposalContext, name: string): Result<ProposalDetail> {
  const found = find(context, name);
  if (!found.ok) return found;
  const signatures = context.store.proposals.signatures(found.value.id);
  return ok({
    ...summaryOf(context, found.value),
    command: `muster sign ${name}`,
    documents: context.store.proposals.documents(found.value.id).map((document) => ({
      kind: document.kind,
      payload: document.payload,
      docId: document.docId,
      summary: summarize(utf8(document.payload)),
      personsNeeded: document.persons,
      signatures: signatures
        .filter(({ docId }) => docId === document.docId)
        .map(({ keyId, at }) => ({
          person: personOf(context, keyId),
          keyId,
          at: formatInstant(at),
        })),
    })),
  });
}

/** Faults: PROPOSAL_UNKNOWN, PROPOSAL_CLOSED. */
export function withdrawProposal(
  context: ProposalContext,
  name: string,
): Result<{ readonly proposal: string }> {
  const found = find(context, name);
  if (!found.ok) return found;
  const state = stateOf(context, found.value);
  if (state === 'published' || state === 'withdrawn') return closed(name, state);
  const { store, nowAt, push } = context;
  store.transaction(() => store.proposals.close(found.value.id, 'withdrawn', nowAt));
  push({ kind: 'proposals', proposals: [name] });
  return ok({ proposal: name });
}

type Publish = (envelopes: readonly string[]) => Promise<Result<readonly Published[]>>;

/**
 * Adds signatures; publishes once every document has enough persons. Faults: PROPOSAL_UNKNOWN, PROPOSAL_CLOSED,
 * PROPOSAL_OUTDATED, PROPOSAL_MISMATCH (other bytes than proposed), and the refusal codes of trust/SPEC.md.
 */
export async function signProposal(
  context: ProposalContext,
  name: string,
  envelopes: readonly string[],
  publish: Publish,
): Promise<Result<ProposalSigned>> {
  const { store, push, nowAt } = context;
  const found = find(context, name);
  if (!found.ok) return found;
  const { id } = found.value;
  const state = stateOf(context, found.value);
  if (state === 'outdated') return outdated(name);
  if (state !== 'open') return closed(name, state);
  const documents = store.proposals.documents(id);
  const given: ProposalSignature[] = [];
  for (const envelope of envelopes) {
    const read = readSignatures(context, documents, utf8(envelope));
    if (!read.ok) return read;
    given.push(...read.value);
  }
  store.transaction(() => {
    for (const signature of given) store.proposals.sign(id, signature);
  });
  push({ kind: 'proposals', proposals: [name] });
  const published = await publishIfEnough(context, found.value, documents, publish);
  if (!published.ok) return published;
  if (published.value.length > 0) {
    store.transaction(() => store.proposals.close(id, 'published', nowAt));
    push({ kind: 'proposals', proposals: [name] });
  }
  const {
    signedBy,
    personsNeeded,
    state: now,
  } = summaryOf(context, {
    ...found.value,
    state: published.value.length > 0 ? 'published' : 'open',
  });
  return ok({ proposal: name, state: now, signedBy, personsNeeded, published: published.value });
}

/** The signatures of one envelope, each by a person who may sign these bytes. */
function readSignatures(
  context: ProposalContext,
  documents: readonly ProposalDocument[],
  envelope: Uint8Array,
): Result<readonly ProposalSignature[]> {
  const { crypto, trust, nowAt } = context;
  const read = readEnvelope(envelope, { expectKinds: ['schedule', 'command'] });
  if (!read.ok) return read;
  const docId = toHex(crypto.sha256(read.value.signedBytes));
  if (!documents.some((document) => document.docId === docId)) {
    return err('PROPOSAL_MISMATCH', 'these are not the bytes that were proposed', {
      ids: { docId },
      hint: 'look at the proposal again and sign what it shows',
    });
  }
  if (!trust) return err('TRUST_GAP', 'this home has no trust document yet');
  const signers = checkSignatures(read.value, signingKeys(trust), crypto);
  if (!signers.ok) return signers;
  // Too few persons is what proposals are for; anything else would refuse the document later.
  const alone = verifyDocuments(context, [envelope]);
  if (!alone.ok && alone.fault.code !== 'SIG_THRESHOLD') return alone;
  return ok(
    read.value.signatures
      .filter(({ keyId }) => signers.value.includes(keyId))
      .map(({ keyId, sig }) => ({ docId, keyId, sig: encodeBase64(sig), at: nowAt })),
  );
}

/** Answers nothing while persons are missing. */
async function publishIfEnough(
  context: ProposalContext,
  proposal: StoredProposal,
  documents: readonly ProposalDocument[],
  publish: Publish,
): Promise<Result<readonly Published[]>> {
  const { store, trust } = context;
  const signatures = store.proposals
    .signatures(proposal.id)
    // A key revoked since would refuse the whole envelope.
    .filter(({ keyId }) => trust !== undefined && !isRevoked(trust, keyId));
  const envelopes = documents.map(({ kind, docId, payload }) =>
    JSON.stringify({
      payload: encodeBase64(utf8(payload)),
      payloadType: payloadType(kind),
      signatures: signatures
        .filter((signature) => signature.docId === docId)
        .map(({ keyId, sig }) => ({ keyid: keyId, sig })),
    }),
  );
  const verified = verifyDocuments(
    context,
    envelopes.map((envelope) => utf8(envelope)),
  );
  if (!verified.ok) return isWaiting(verified.fault) ? ok([]) : verified;
  store.transaction(() => {
    for (const [docId, text] of Object.entries(proposal.sources)) {
      store.proposals.putSource(docId, text);
    }
  });
  return publish(envelopes);
}

const isWaiting = ({ code }: Fault): boolean => code === 'SIG_THRESHOLD' || code === 'SIG_NONE';

const isRevoked = (trust: Trust, keyId: string): boolean => signingKeys(trust)(keyId) === 'revoked';

function find({ store }: ProposalContext, name: string): Result<StoredProposal> {
  const proposal = store.proposals.get(idOf(name));
  if (proposal) return ok(proposal);
  return err('PROPOSAL_UNKNOWN', `there is no proposal ${name}`, {
    hint: '`muster proposals` lists them',
  });
}

const closed = (name: string, state: ProposalState) =>
  err('PROPOSAL_CLOSED', `${name} was ${state}`, {
    hint: 'propose it again if it is still wanted',
  });

const outdated = (name: string) =>
  err('PROPOSAL_OUTDATED', `${name} was made before something newer was published`, {
    hint: 'propose it again: what it would change is different now',
  });

function summaryOf(context: ProposalContext, proposal: StoredProposal): ProposalSummary {
  const { store } = context;
  const documents = store.proposals.documents(proposal.id);
  const keys = store.proposals.signatures(proposal.id).map(({ keyId }) => keyId);
  const streams = documents.flatMap(({ payload }) => {
    const parsed = scheduleDocumentSchema.safeParse(JSON.parse(payload));
    return parsed.success ? [parsed.data.stream] : [];
  });
  return {
    proposal: nameOf(proposal.id),
    kind: proposal.kind,
    state: stateOf(context, proposal),
    title: proposal.title,
    note: proposal.note,
    createdAt: formatInstant(proposal.createdAt),
    closedAt: proposal.closedAt === null ? null : formatInstant(proposal.closedAt),
    personsNeeded: Math.max(1, ...documents.map(({ persons }) => persons)),
    signedBy: [...new Set(keys.map((keyId) => personOf(context, keyId)))],
    streams: [...new Set(streams)],
  };
}

const personOf = ({ trust }: ProposalContext, keyId: string): string =>
  trust?.keys.get(keyId)?.owner ?? `unknown key ${keyId}`;

/** Open ones are looked at again: what was published since may have made them moot. */
function stateOf(context: ProposalContext, proposal: StoredProposal): ProposalState {
  if (proposal.state !== 'open') return proposal.state;
  const documents = context.store.proposals.documents(proposal.id);
  if (documents.every(({ docId }) => context.store.documents.byDocId(docId))) return 'published';
  return documents.every((document) => isCurrent(context, document)) ? 'open' : 'outdated';
}

function isCurrent(
  { store, nowAt }: ProposalContext,
  { kind, payload }: ProposalDocument,
): boolean {
  const json: unknown = JSON.parse(payload);
  if (kind === 'schedule') {
    const { stream, epoch, revision } = scheduleDocumentSchema.parse(json);
    const now = currentStream(store, stream);
    return epoch === now.epoch && revision === now.revision + 1;
  }
  const { agent, session, notAfterMs } = commandDocumentSchema.parse(json);
  const record = store.agents.byName(agent);
  if (!record?.hello || record.hello.session !== session) return false;
  return record.hello.monoMs + Math.max(0, nowAt - (record.helloAt ?? nowAt)) < notAfterMs;
}
