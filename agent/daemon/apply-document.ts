// A document arrives: verify it in the order of trust/SPEC.md, make it and its mark durable in one transaction, then act on it.
import type { SchedulerControl } from '#agent/ports.ts';
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

export function openDocuments(options: DocumentsOptions): Documents {
  const { context, marks, floor, hold, refusals, scheduler, suspension } = options;
  const { store, identity, crypto, log } = context;
  let trust = readStoredTrust(store.documents, crypto);
  let device = readStoredDevice(store.documents, identity.agent);
  const waiting = new Map<string, Uint8Array>();
  if (trust) floor.raiseByTrust(parseInstant(trust.document.issuedAt), context.clock.now());

  const machine = (): TrustMachine => ({
    labels: device?.labels ?? {},
    selfIsRoot: options.selfIsRoot,
  });

  const refuse: Documents['refuse'] = (fault, topic, now) => {
    // The ids came from outside: an entry no console would take must not get into the chain.
    const docId = digestSchema.safeParse(fault.ids?.docId).data ?? null;
    const keyId = keyIdSchema.safeParse(fault.ids?.keyId).data ?? null;
    log.warn({ code: fault.code, topic, docId }, describeFault(fault));
    refusals.note({ code: fault.code, docId, keyId, topic }, now.wallAt, now.monoMs);
    options.onChange();
  };

  /** The document, its mark and the event in one transaction, then marks.json; `more` joins the transaction. */
  const install = (
    head: DocumentHead,
    envelope: Uint8Array,
    now: Now,
    more: (at: number) => void,
  ) => {
    // Everything up to now is accounted for under the documents as they were.
    scheduler.tick(now);
    const cursorAt = scheduler.cursorAt();
    store.transaction(() => {
      store.documents.put({ head, envelope });
      more(cursorAt);
      store.log.append([
        {
          kind: 'document-applied',
          at: formatInstant(now.wallAt),
          docId: head.docId,
          docKind: head.kind,
          name: head.name,
          epoch: head.epoch,
          revision: head.revision,
          cursor: formatInstant(cursorAt),
        },
      ]);
    });
    marks.save();
    log.info({ kind: head.kind, name: head.name, revision: head.revision }, 'document applied');
    options.onChange();
  };

  const applyTrust = (bytes: Uint8Array, now: Now): Result<void> => {
    const accepted = acceptTrust(trust, identity.rootFingerprint, bytes, crypto);
    if (!accepted.ok) return accepted;
    if (!accepted.value.changed) return ok(undefined);
    const next = accepted.value.trust;
    const head: DocumentHead = {
      kind: 'trust',
      name: 'trust',
      docId: next.docId,
      epoch: 0,
      revision: next.document.version,
    };
    const mark = marks.head('trust', 'trust');
    if (mark?.revision === head.revision && mark.docId !== head.docId) {
      return err('REV_FORK', 'another history of trust than the one accepted before', {
        ids: { docId: head.docId, installed: mark.docId },
      });
    }
    install(head, bytes, now, () => undefined);
    trust = next;
    floor.raiseByTrust(parseInstant(next.document.issuedAt), now);
    suspension.review(next, now);
    scheduler.wake();
    options.onTrust();
    retryWaiting(now);
    return ok(undefined);
  };

  const applyDevice = (bytes: Uint8Array, by: Trust, now: Now): Result<void> => {
    const opened = openEnvelope(bytes, { expectKinds: ['device'], keyOf: signingKeys(by), crypto });
    if (!opened.ok) return opened;
    const verified = verifyDevice(
      {
        trust: by,
        agent: identity.agent,
        floorAt: floor.at(now),
        current: device,
        mark: marks.head('device', identity.agent),
        own: options.own,
      },
      opened.value,
    );
    if (!verified.ok) return verified;
    const { document, docId } = verified.value;
    const head = headOf('device', identity.agent, docId, 0, document.generation);
    if (isInstalled(head)) return ok(undefined);
    install(head, bytes, now, () => undefined);
    device = document;
    if (document.revoked) hold.hold('device-revoked', now);
    else hold.release('device-revoked', now);
    retryWaiting(now);
    return ok(undefined);
  };

  const applySchedule = (bytes: Uint8Array, by: Trust, now: Now): Result<void> => {
    const opened = openEnvelope(bytes, {
      expectKinds: ['schedule'],
      keyOf: signingKeys(by),
      crypto,
    });
    if (!opened.ok) return opened;
    const { stream } = opened.value.payload;
    const verified = verifySchedule(
      {
        trust: by,
        agent: identity.agent,
        floorAt: floor.at(now),
        machine: machine(),
        mark: marks.head('schedule', stream),
        capabilities: options.capabilities,
      },
      opened.value,
    );
    if (!verified.ok) return verified;
    const { document, docId } = verified.value;
    const head = headOf('schedule', stream, docId, document.epoch, document.revision);
    if (isInstalled(head)) return ok(undefined);
    const content = checkContent(document, options.capabilities);
    if (!content.ok) return { ok: false, fault: { ...content.fault, ids: { docId } } };
    install(head, bytes, now, (cursorAt) =>
      store.documents.replaceSchedules(stream, head, document.schedules, cursorAt),
    );
    suspension.replaced(stream, now);
    scheduler.wake();
    return ok(undefined);
  };

  const isInstalled = (head: DocumentHead): boolean =>
    store.documents.get(head.kind, head.name)?.head.docId === head.docId;

  const apply = (kind: Kind, bytes: Uint8Array, now: Now): Result<void> => {
    if (kind === 'trust') return applyTrust(bytes, now);
    if (!trust) return err('KEY_UNKNOWN', 'there is no trust document yet');
    const mark = marks.head('trust', 'trust');
    if (mark && mark.revision > trust.document.version) {
      return err(
        'STATE_SUSPECT',
        `trust was at version ${mark.revision} before the store was lost`,
      );
    }
    return kind === 'device' ? applyDevice(bytes, trust, now) : applySchedule(bytes, trust, now);
  };

  const receive: Documents['receive'] = ({ topic, payload }, now) => {
    const kind = kindOf(topic);
    // An empty retained message only says that a broker has none: never that there is no schedule.
    if (kind === undefined || payload.byteLength === 0) return;
    const result = apply(kind, payload, now);
    waiting.delete(topic);
    if (result.ok) return;
    if (RETRY_CODES.has(result.fault.code) && waiting.size < MAX_WAITING)
      waiting.set(topic, payload);
    if (result.fault.code === 'TRUST_GAP') options.onTrust();
    refuse(result.fault, topic, now);
  };

  const retryWaiting = (now: Now): void => {
    const again = [...waiting];
    waiting.clear();
    for (const [topic, payload] of again) receive({ topic, payload }, now);
  };

  return { trust: () => trust, device: () => device, machine, receive, refuse };
}

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
