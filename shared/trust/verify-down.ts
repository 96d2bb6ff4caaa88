// What a machine asks of each kind of document once its envelope is open, in the order of TR20; the first failure wins.
import { formatInstant, parseInstant } from '#shared/ids.ts';
import { err, ok, type Result } from '#shared/result.ts';
import type { ScheduleDocument } from '#shared/schedule/document.ts';
import {
  authorizeAck,
  authorizeCommand,
  authorizeDevice,
  authorizeSchedule,
  type CommandTarget,
  type Machine,
} from './authorize.ts';
import { decodeBase64 } from './base64.ts';
import { headBytes } from './chain.ts';
import type { TrustCrypto } from './crypto.ts';
import type { AckDocument, CommandDocument, DeviceDocument, HeadReceipt } from './documents.ts';
import { type Opened, withDocId } from './envelope.ts';
import { type Advance, advance, type Mark } from './marks.ts';
import { checkRootQuorum, type Trust } from './trust-document.ts';

export const MAX_COMMAND_LIFE_MS = 3_600_000;

interface DownContext {
  readonly trust: Trust;
  readonly agent: string;
  /** Time that has certainly passed, epoch milliseconds: never the bare clock of a machine that cannot trust it. */
  readonly floorAt: number;
}

export interface Verified<D> {
  readonly document: D;
  readonly docId: string;
  readonly signers: readonly string[];
  readonly advance: Advance;
}

export interface ScheduleContext extends DownContext {
  readonly machine: Machine;
  readonly mark: Mark | undefined;
  readonly capabilities: readonly string[];
}

/** fleet → audience → minTrust → capabilities → scope and persons → epoch and revision → time. */
export function verifySchedule(
  context: ScheduleContext,
  opened: Opened<'schedule'>,
): Result<Verified<ScheduleDocument>> {
  return withDocId(checkSchedule(context, opened), opened.docId);
}

function checkSchedule(
  context: ScheduleContext,
  { payload: document, docId, signers }: Opened<'schedule'>,
): Result<Verified<ScheduleDocument>> {
  const { trust, mark } = context;
  const address = checkAddress(context, document.fleet, document.audience);
  if (!address.ok) return address;
  if (document.minTrust > trust.document.version) {
    return err('MIN_TRUST', `it needs trust version ${document.minTrust}`, {
      ids: { expected: String(document.minTrust), version: String(trust.document.version) },
      hint: 'it is tried again when the newer trust document has come',
    });
  }
  const missing = document.capabilities.filter((name) => !context.capabilities.includes(name));
  if (missing.length > 0) {
    return err('CAPABILITY', `this agent cannot do: ${missing.join(', ')}`, {
      hint: 'upgrade the agent, or take it out of the audience',
    });
  }
  const allowed = authorizeSchedule(trust, document, signers, context.machine);
  if (!allowed.ok) return allowed;
  const { epoch, revision, stream } = document;
  const moved = advance(mark, { epoch, revision, docId }, `stream ${stream}`);
  if (!moved.ok) return moved;
  if (mark && epoch > mark.epoch) {
    const root = checkRootQuorum(trust, signers);
    if (!root.ok) {
      return err('SCOPE', 'only the root may begin a new epoch', { ids: { dimension: 'epoch' } });
    }
  }
  const verified: Verified<ScheduleDocument> = { document, docId, signers, advance: moved.value };
  if (moved.value === 'same') return ok(verified);
  const timely = checkTrustTime(context);
  if (!timely.ok) return timely;
  if (context.floorAt > parseInstant(document.acceptUntil)) {
    return err('ACCEPT_UNTIL', `it was to be accepted until ${document.acceptUntil}`, {
      ids: { now: formatInstant(context.floorAt) },
      hint: 'apply it again',
    });
  }
  return ok(verified);
}

export interface DeviceContext extends DownContext {
  /** The device document in force. */
  readonly current: DeviceDocument | undefined;
  readonly mark: Mark | undefined;
  /** This machine's own public keys, base64: a document for other keys is for another machine. */
  readonly own: { readonly signKey: string; readonly sealKey: string };
}

/** fleet → agent → own keys → scope and persons → generation → time. */
export function verifyDevice(
  context: DeviceContext,
  opened: Opened<'device'>,
): Result<Verified<DeviceDocument>> {
  return withDocId(checkDevice(context, opened), opened.docId);
}

function checkDevice(
  context: DeviceContext,
  { payload: document, docId, signers }: Opened<'device'>,
): Result<Verified<DeviceDocument>> {
  const address = checkAddress(context, document.fleet, [document.agent]);
  if (!address.ok) return address;
  const { own } = context;
  if (document.signKey !== own.signKey || document.sealKey !== own.sealKey) {
    return err('DEVICE_KEY', 'the document names other keys than this machine has', {
      hint: 'another machine may have been enrolled under this name',
    });
  }
  const allowed = authorizeDevice(context.trust, document, signers, context.current);
  if (!allowed.ok) return allowed;
  const next = { epoch: 0, revision: document.generation, docId };
  const moved = advance(context.mark, next, `device ${document.agent}`);
  if (!moved.ok) return moved;
  if (moved.value === 'apply') {
    const timely = checkTrustTime(context);
    if (!timely.ok) return timely;
  }
  return ok({ document, docId, signers, advance: moved.value });
}

export interface CommandContext extends DownContext {
  readonly machine: Machine;
  /** What the command is about, looked up in what is installed; absent: what the command itself says. */
  readonly target?: CommandTarget;
  readonly session: string;
  /** Milliseconds since the session began, on the monotonic clock. */
  readonly sessionMonoMs: number;
  readonly seenNonce: (nonce: string) => boolean;
}

/** fleet → agent → scope and persons → trust's time → session → expiry (which counts within the session) → nonce. */
export function verifyCommand(
  context: CommandContext,
  opened: Opened<'command'>,
): Result<Omit<Verified<CommandDocument>, 'advance'>> {
  return withDocId(checkCommand(context, opened), opened.docId);
}

function checkCommand(
  context: CommandContext,
  { payload: document, docId, signers }: Opened<'command'>,
): Result<Omit<Verified<CommandDocument>, 'advance'>> {
  const { trust, machine, target } = context;
  const address = checkAddress(context, document.fleet, [document.agent]);
  if (!address.ok) return address;
  const allowed = authorizeCommand(trust, document, signers, machine, target);
  if (!allowed.ok) return allowed;
  const timely = checkTrustTime(context);
  if (!timely.ok) return timely;
  if (document.session !== context.session) {
    return err('SESSION', 'it was signed for another session of this agent', {
      hint: 'the agent started again since: send the command anew',
    });
  }
  const leftMs = document.notAfterMs - context.sessionMonoMs;
  if (leftMs <= 0) return err('EXPIRED', `it came ${Math.ceil(-leftMs)} ms after its end`);
  if (leftMs > MAX_COMMAND_LIFE_MS) {
    return err('EXPIRY_TOO_LONG', 'a command lives at most one hour', {
      hint: 'anything that may wait is a schedule',
    });
  }
  if (context.seenNonce(document.nonce)) return err('REPLAY', 'this command was taken before');
  return ok({ document, docId, signers });
}

export interface AckContext extends Omit<DownContext, 'floorAt'> {
  /** This machine's own public sign key, raw. */
  readonly deviceKey: Uint8Array;
  /** Newest entry of the own log. */
  readonly head: { readonly incarnation: number; readonly seq: number };
  /** Chain hash after an entry of the present incarnation; undefined when it is no longer kept. */
  readonly hashAt: (seq: number) => string | undefined;
}

export interface VerifiedAck {
  readonly document: AckDocument;
  /** Own head of this incarnation that the collector has stored; null when the ack confirms nothing of it. */
  readonly stored: HeadReceipt | null;
}

/** fleet → agent → collector and relay key → the device's own signature → does the log have that head. */
export function verifyAck(
  context: AckContext,
  opened: Opened<'ack'>,
  crypto: Pick<TrustCrypto, 'verify'>,
): Result<VerifiedAck> {
  return withDocId(checkAck(context, opened, crypto), opened.docId);
}

function checkAck(
  context: AckContext,
  { payload: document, signers }: Opened<'ack'>,
  crypto: Pick<TrustCrypto, 'verify'>,
): Result<VerifiedAck> {
  const { receipt, fleet, agent } = document;
  const address = checkAddress(context, fleet, [agent]);
  if (!address.ok) return address;
  const allowed = authorizeAck(context.trust, document, signers);
  if (!allowed.ok) return allowed;
  if (!receipt) return ok({ document, stored: null });
  const sig = decodeBase64(receipt.sig);
  const message = headBytes({ fleet, agent, ...receipt });
  if (!sig || !crypto.verify(context.deviceKey, message, sig)) {
    return err('ACK_PROOF', 'the receipt is not signed by this machine itself');
  }
  const { head } = context;
  if (receipt.incarnation < head.incarnation) return ok({ document, stored: null });
  const ahead = receipt.incarnation > head.incarnation || receipt.seq > head.seq;
  const hash = ahead ? undefined : context.hashAt(receipt.seq);
  if (ahead || (hash !== undefined && hash !== receipt.hash)) {
    return err('STATE_ROLLBACK', 'this machine signed a log head that its log does not have', {
      ids: { incarnation: String(receipt.incarnation), seq: String(receipt.seq) },
      hint: 'the disk was restored from an older image: look at the machine, then resume it',
    });
  }
  return ok({ document, stored: receipt });
}

function checkAddress(
  { trust, agent }: Omit<DownContext, 'floorAt'>,
  fleet: string,
  audience: readonly string[],
): Result<void> {
  if (fleet !== trust.document.fleet) return err('FLEET', `it is for the fleet ${fleet}`);
  if (!audience.includes(agent)) return err('AUDIENCE', `it is not for ${agent}`);
  return ok(undefined);
}

function checkTrustTime({ trust, floorAt }: DownContext): Result<void> {
  if (floorAt <= parseInstant(trust.document.notAfter)) return ok(undefined);
  return err('TRUST_EXPIRED', `the trust document ended at ${trust.document.notAfter}`, {
    hint: 'make and publish the next version with the root key',
  });
}
