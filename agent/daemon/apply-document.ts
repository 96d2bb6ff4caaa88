// A document arrives: verify it in the order of trust/SPEC.md, make it and its mark durable in one transaction, then act on it.
import type { InstalledDocument, SchedulerControl } from '#agent/ports.ts';
import type { Now } from '#shared/clock.ts';
import { digestSchema, formatInstant, keyIdSchema, parseInstant } from '#shared/ids.ts';
import { jobCapability } from '#shared/jobs.ts';
import type { BrokerMessage } from '#shared/protocol/broker.ts';
import { describeFault, err, type Fault, ok, type Result } from '#shared/result.ts';
import type { ScheduleDocument } from '#shared/schedule/document.ts';
import { compileTrigger } from '#shared/time/occurrences.ts';
import type { Machine as TrustMachine } from '#shared/trust/authorize.ts';
import type { DeviceDocument, DocumentHead } from '#shared/trust/documents.ts';
import { openEnvelope } from '#shared/trust/envelope.ts';
import { acceptTrust, signingKeys, type Trust } from '#shared/trust/trust-document.ts';
import { verifyDevice, verifySchedule } from '#shared/trust/verify-down.ts';
import type { Context } from './context.ts';
import type { Floor } from './floor.ts';
import type { Hold } from './hold.ts';
import { isNewer, type Marks } from './marks.ts';
import type { Refusals } from './refusals.ts';
import { readStoredDevice, readStoredTrust } from './stored-documents.ts';
import type { Suspension } from './suspension.ts';

export interface DocumentsOptions {
  readonly context: Context;
  readonly marks: Marks;
  readonly floor: Floor;
  readonly hold: Hold;
  readonly suspension: Suspension;
  readonly refusals: Refusals;
  readonly scheduler: SchedulerControl;
  readonly capabilities: readonly string[];
  /** This machine's public keys, base64. */
  readonly own: { readonly signKey: string; readonly sealKey: string };
  readonly selfIsRoot: boolean;
  /** Something was applied or refused. */
  readonly onChange: () => void;
  /** The trust version changed: the next one is to be fetched. */
  readonly onTrust: () => void;
}

export interface Documents {
  readonly trust: () => Trust | undefined;
  readonly device: () => DeviceDocument | undefined;
  readonly machine: () => TrustMachine;
  /** One message from `trust/<version>` or `down/doc/#`. Never throws for what it holds. */
  readonly receive: (message: Pick<BrokerMessage, 'topic' | 'payload'>, now: Now) => void;
  readonly refuse: (fault: Fault, topic: string, now: Now) => void;
}

type Kind = DocumentHead['kind'];
/** Refusals that a newer trust or device document may undo: such documents are tried again then. */
const RETRY_CODES = new Set([
  'MIN_TRUST',
  'KEY_UNKNOWN',
  'SCOPE',
  'SIG_THRESHOLD',
  'STATE_SUSPECT',
]);
const MAX_WAITING = 64;

/** What the functions below share: the options and the documents in force. */
interface Desk extends DocumentsOptions {
  trust: Trust | undefined;
  device: DeviceDocument | undefined;
  /** Messages to try again, by topic. */
  readonly waiting: Map<string, Uint8Array>;
}

export function openDocuments(options: DocumentsOptions): Documents {
  const { store, identity, crypto, clock } = options.context;
  const desk: Desk = {
    ...options,
    trust: readStoredTrust(store.documents, crypto),
    device: readStoredDevice(store.documents, identity.agent),
    waiting: new Map(),
  };
  if (desk.trust) {
    options.floor.raiseByTrust(parseInstant(desk.trust.document.issuedAt), clock.now());
  }
  return {
    trust: () => desk.trust,
    device: () => desk.device,
    machine: () => machineOf(desk),
    receive: (message, now) => receive(desk, message, now),
    refuse: (fault, topic, now) => refuse(desk, fault, topic, now),
  };
}

const machineOf = ({ device, selfIsRoot }: Desk): TrustMachine => ({
  labels: device?.labels ?? {},
  selfIsRoot,
});

function receive(
  desk: Desk,
  { topic, payload }: Pick<BrokerMessage, 'topic' | 'payload'>,
  now: Now,
): void {
  const kind = kindOf(topic);
  // An empty retained message only says that a broker has none: never that there is no schedule.
  if (kind === undefined || payload.byteLength === 0) return;
  const result = apply(desk, kind, payload, now);
  desk.waiting.delete(topic);
  if (result.ok) return;
  const { code } = result.fault;
  if (RETRY_CODES.has(code) && desk.waiting.size < MAX_WAITING) desk.waiting.set(topic, payload);
  if (code === 'TRUST_GAP') desk.onTrust();
  refuse(desk, result.fault, topic, now);
}

function refuse(
  { context, refusals, onChange }: Desk,
  fault: Fault,
  topic: string,
  now: Now,
): void {
  // The ids came from outside: an entry no console would take must not get into the chain.
  const docId = digestSchema.safeParse(fault.ids?.docId).data ?? null;
  const keyId = keyIdSchema.safeParse(fault.ids?.keyId).data ?? null;
  const refusal = { code: fault.code, docId, keyId, topic };
  if (refusals.note(refusal, now.wallAt, now.monoMs)) {
    context.log.warn({ code: fault.code, topic, docId }, describeFault(fault));
  }
  onChange();
}

function retryWaiting(desk: Desk, now: Now): void {
  const again = [...desk.waiting];
  desk.waiting.clear();
  for (const [topic, payload] of again) receive(desk, { topic, payload }, now);
}

function apply(desk: Desk, kind: Kind, bytes: Uint8Array, now: Now): Result<void> {
  if (kind === 'trust') return applyTrust(desk, bytes, now);
  const { trust } = desk;
  if (!trust) return err('KEY_UNKNOWN', 'there is no trust document yet');
  const mark = desk.marks.head('trust', 'trust');
  if (mark && mark.revision > trust.document.version) {
    return err('STATE_SUSPECT', `trust was at version ${mark.revision} before the store was lost`);
  }
  return kind === 'device'
    ? applyDevice(desk, bytes, trust, now)
    : applySchedule(desk, bytes, trust, now);
}

/** The document, its mark and the event in one transaction, then marks.json; `more` joins the transaction. */
function install(
  { context, scheduler, marks, onChange }: Desk,
  { head, envelope }: InstalledDocument,
  now: Now,
  more: (cursorAt: number) => void = () => undefined,
): void {
  const { store, log } = context;
  // Everything up to now is accounted for under the documents as they were.
  scheduler.tick(now);
  const cursorAt = scheduler.cursorAt();
  const { kind: docKind, name, docId, epoch, revision } = head;
  const at = formatInstant(now.wallAt);
  const cursor = formatInstant(cursorAt);
  store.transaction(() => {
    store.documents.put({ head, envelope });
    more(cursorAt);
    store.log.append([
      { kind: 'document-applied', at, docId, docKind, name, epoch, revision, cursor },
    ]);
  });
  marks.save();
  log.info({ kind: docKind, name, revision }, 'document applied');
  onChange();
}

function applyTrust(desk: Desk, envelope: Uint8Array, now: Now): Result<void> {
  const { identity, crypto } = desk.context;
  const accepted = acceptTrust(desk.trust, identity.rootFingerprint, envelope, crypto);
  if (!accepted.ok) return accepted;
  if (!accepted.value.changed) return ok(undefined);
  const { trust } = accepted.value;
  const head = headOf('trust', 'trust', trust.docId, 0, trust.document.version);
  const mark = desk.marks.head('trust', 'trust');
  if (mark?.revision === head.revision && mark.docId !== head.docId) {
    return err('REV_FORK', 'another history of trust than the one accepted before', {
      ids: { docId: head.docId, installed: mark.docId },
    });
  }
  install(desk, { head, envelope }, now);
  desk.trust = trust;
  desk.floor.raiseByTrust(parseInstant(trust.document.issuedAt), now);
  desk.suspension.review(trust, now);
  desk.scheduler.wake();
  desk.onTrust();
  retryWaiting(desk, now);
  return ok(undefined);
}

function applyDevice(desk: Desk, envelope: Uint8Array, trust: Trust, now: Now): Result<void> {
  const { identity, crypto } = desk.context;
  const { agent } = identity;
  const keyOf = signingKeys(trust);
  const opened = openEnvelope(envelope, { expectKinds: ['device'], keyOf, crypto });
  if (!opened.ok) return opened;
  const verified = verifyDevice(
    {
      trust,
      agent,
      floorAt: desk.floor.at(now),
      current: desk.device,
      mark: desk.marks.head('device', agent),
      own: desk.own,
    },
    opened.value,
  );
  if (!verified.ok) return verified;
  const { document, docId } = verified.value;
  const head = headOf('device', agent, docId, 0, document.generation);
  if (isInstalled(desk, head)) return ok(undefined);
  install(desk, { head, envelope }, now);
  desk.device = document;
  if (document.revoked) desk.hold.hold('device-revoked', now);
  else desk.hold.release('device-revoked', now);
  retryWaiting(desk, now);
  return ok(undefined);
}

function applySchedule(desk: Desk, envelope: Uint8Array, trust: Trust, now: Now): Result<void> {
  const { identity, crypto, store } = desk.context;
  const keyOf = signingKeys(trust);
  const opened = openEnvelope(envelope, { expectKinds: ['schedule'], keyOf, crypto });
  if (!opened.ok) return opened;
  const { stream } = opened.value.payload;
  const verified = verifySchedule(
    {
      trust,
      agent: identity.agent,
      floorAt: desk.floor.at(now),
      machine: machineOf(desk),
      mark: desk.marks.head('schedule', stream),
      capabilities: desk.capabilities,
    },
    opened.value,
  );
  if (!verified.ok) return verified;
  const { document, docId } = verified.value;
  const head = headOf('schedule', stream, docId, document.epoch, document.revision);
  if (isInstalled(desk, head)) return ok(undefined);
  const content = checkContent(document, desk.capabilities);
  if (!content.ok) return { ok: false, fault: { ...content.fault, ids: { docId } } };
  install(desk, { head, envelope }, now, (cursorAt) =>
    store.documents.replaceSchedules(stream, head, document.schedules, cursorAt),
  );
  desk.suspension.replaced(stream, now);
  desk.scheduler.wake();
  return ok(undefined);
}

const isInstalled = ({ context }: Desk, head: DocumentHead): boolean =>
  context.store.documents.get(head.kind, head.name)?.head.docId === head.docId;

function kindOf(topic: string): Kind | undefined {
  if (/\/trust\/\d+$/.test(topic)) return 'trust';
  const kind = /\/down\/doc\/(device|schedule)\/[^/]+$/.exec(topic)?.[1];
  return kind as Kind | undefined;
}

const headOf = (
  kind: Kind,
  name: string,
  docId: string,
  epoch: number,
  revision: number,
): DocumentHead => ({ kind, name, docId, epoch, revision });

/** What only this agent can say of the content. Faults SCHEDULE_INVALID, CAPABILITY. */
function checkContent(document: ScheduleDocument, capabilities: readonly string[]): Result<void> {
  const seen = new Set<string>();
  for (const { id, trigger, job } of document.schedules) {
    if (seen.has(id)) return err('SCHEDULE_INVALID', `two schedules are called ${id}`);
    seen.add(id);
    if (!capabilities.includes(jobCapability(job))) {
      return err('CAPABILITY', `schedule ${id}: this agent cannot run jobs of kind ${job.kind}`);
    }
    const compiled = compileTrigger(trigger);
    if (!compiled.ok) {
      return err('SCHEDULE_INVALID', `schedule ${id}: ${compiled.fault.message}`, {
        hint: 'check it with `muster next` before signing',
      });
    }
  }
  return ok(undefined);
}

/** True when a head told by an ack is one this machine should have and has not. */
export const isMissing = (head: DocumentHead, mark: DocumentHead | undefined): boolean =>
  mark === undefined || isNewer(head, mark);
