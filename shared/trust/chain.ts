// The hash chain of an agent's log (TR50 to TR54): hash_n = SHA-256("musterlog.v1\0" ‖ hash_{n-1} ‖ bytes_n).
import { err, ok, type Result } from '#shared/result.ts';
import { concatBytes, fromHex, type Sha256, toHex, utf8 } from './crypto.ts';
import type { ReportDocument } from './documents.ts';

const LINK = utf8('musterlog.v1\0');

/** Hash before the first entry: no two agents or incarnations share a chain. */
export const chainStart = (
  fleet: string,
  agent: string,
  incarnation: number,
  sha256: Sha256,
): string => toHex(sha256(utf8(`muster-start.v1\0${fleet}\0${agent}\0${incarnation}`)));

/** Hash after one more entry; `hash` is the hex of the one before. */
export const chainNext = (hash: string, bytes: string | Uint8Array, sha256: Sha256): string =>
  toHex(sha256(concatBytes(LINK, fromHex(hash), typeof bytes === 'string' ? utf8(bytes) : bytes)));

export interface Head {
  readonly fleet: string;
  readonly agent: string;
  readonly incarnation: number;
  readonly seq: number;
  readonly hash: string;
}

/** What a device signs to state the head of its log. No field can hold NUL, so the fields cannot run together. */
export const headBytes = ({ fleet, agent, incarnation, seq, hash }: Head): Uint8Array =>
  utf8(`muster-head.v1\0${fleet}\0${agent}\0${incarnation}\0${seq}\0${hash}`);

/** How far a collector has one incarnation of one agent: everything up to `seq`, whose chain hash is `hash`. */
export interface ChainCursor {
  readonly seq: number;
  readonly hash: string;
}

export interface ChainVerdict {
  /** How many leading entries of the report the collector has already. */
  readonly known: number;
  /** True when the machine states that entries between the cursor and the report are lost for good. */
  readonly skipped: boolean;
  readonly cursor: ChainCursor;
}

/**
 * Checks a report against the collector's cursor; `undefined` is the start of the incarnation.
 * Faults: CHAIN_BREAK (the entries do not give the stated hashes), GAP (entries before it are missing and not stated
 * lost), CLONE_OR_FORK (another history under the same numbers).
 */
export function verifyReportChain(
  report: ReportDocument,
  expected: ChainCursor | undefined,
  sha256: Sha256,
): Result<ChainVerdict> {
  const { fleet, agent, incarnation } = report;
  const cursor = expected ?? { seq: 0, hash: chainStart(fleet, agent, incarnation, sha256) };
  const ids = { agent, incarnation: String(incarnation) };
  const hashes = walk(report, sha256);
  const { from, to, lost, head } = report;
  if (report.entries.length !== to - from + 1 || head.seq !== to) {
    return err('CHAIN_BREAK', `entries ${from} to ${to} are not all there`, { ids });
  }
  if (head.incarnation !== incarnation || hashes.at(-1) !== head.hash) {
    return err('CHAIN_BREAK', `entries ${from} to ${to} do not lead to the signed head`, { ids });
  }
  if (lost && (lost.to !== from - 1 || lost.from > lost.to || lost.head !== report.previous)) {
    return err('CHAIN_BREAK', 'the stated loss does not join the entries', { ids });
  }
  const joinsAt = lost ? lost.from : from;
  if (joinsAt > cursor.seq + 1) {
    const message = `entries ${cursor.seq + 1} to ${joinsAt - 1} are missing`;
    return err('GAP', message, { ids, hint: 'the collector asks for them again' });
  }
  if (to <= cursor.seq) {
    if (to === cursor.seq && head.hash !== cursor.hash) return fork(to, ids);
    return ok({ known: report.entries.length, skipped: false, cursor });
  }
  const after = { seq: to, hash: head.hash };
  // The cursor lies inside what is lost: nothing of ours can be compared with it.
  if (from > cursor.seq + 1) return ok({ known: 0, skipped: true, cursor: after });
  const known = cursor.seq - from + 1;
  if (hashes[known] !== cursor.hash) {
    if (known > 0) return fork(cursor.seq, ids);
    return err('CHAIN_BREAK', `entry ${from} does not follow entry ${cursor.seq}`, { ids });
  }
  return ok({ known, skipped: false, cursor: after });
}

/** Chain hashes before the first entry and after each. */
function walk(report: ReportDocument, sha256: Sha256): string[] {
  const hashes = [report.previous];
  let hash = report.previous;
  for (const entry of report.entries) {
    hash = chainNext(hash, entry, sha256);
    hashes.push(hash);
  }
  return hashes;
}

const fork = (seq: number, ids: Readonly<Record<string, string>>) =>
  err('CLONE_OR_FORK', `another history than the one already stored, at entry ${seq}`, {
    ids,
    hint: 'two machines share one identity, or a disk was restored: hold both and enrol anew',
  });
