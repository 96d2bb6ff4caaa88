// Proving the stored history again from its signed bytes: signatures, chains, receipts, losses, and that nothing was edited since.
import type { VerifyResult } from '#console/views.ts';
import { unpackReport } from '#shared/node/gzip.ts';
import { err, type Fault, ok, type Result } from '#shared/result.ts';
import { decodeBase64 } from '#shared/trust/base64.ts';
import { type ChainCursor, headBytes, verifyReportChain } from '#shared/trust/chain.ts';
import type { TrustCrypto } from '#shared/trust/crypto.ts';
import type { DeviceDocument, ReportDocument } from '#shared/trust/documents.ts';
import { verifyReport } from '#shared/trust/verify-up.ts';
import type { AgentRecord, ConsoleStore, StoredReport } from './ports.ts';

const PAGE = 64;

type Break = VerifyResult['breaks'][number];

/** Goes through all reports of the given machines, giving way to others between pages. */
export async function verifyHistory(
  store: ConsoleStore,
  crypto: TrustCrypto,
  agents: readonly AgentRecord[],
): Promise<VerifyResult> {
  let entries = 0;
  let envelopes = 0;
  const breaks: Break[] = [];
  for (const agent of agents) {
    const walk = walker(store, crypto, agent);
    let last: StoredReport | undefined;
    let broken: Break | undefined;
    for (;;) {
      const page = store.log.reports(agent.id, last, PAGE);
      for (const report of page) broken ??= walk.step(report);
      envelopes += page.length;
      last = page.at(-1);
      if (page.length < PAGE || broken) break;
      await new Promise((resolve) => setImmediate(resolve));
    }
    broken ??= walk.finish();
    entries += walk.entries();
    if (broken) breaks.push(broken);
  }
  return { agents: agents.length, entries, envelopes, breaks };
}

function walker(store: ConsoleStore, crypto: TrustCrypto, agent: AgentRecord) {
  // What a machine signed before it was revoked stays what it signed.
  const device: DeviceDocument = { ...agent.device, revoked: false };
  const cursors = new Map<number, ChainCursor>();
  let seen = 0;
  const breakAt = ({ code, message }: Fault, seq: number): Break => ({
    agent: agent.agent,
    code,
    seq,
    detail: message,
  });
  return {
    entries: () => seen,
    step: (stored: StoredReport): Break | undefined => {
      const unpacked = unpackReport(stored.message);
      const opened = unpacked.ok ? verifyReport(unpacked.value, device, crypto) : unpacked;
      if (!opened.ok) return breakAt(opened.fault, stored.from);
      const report = opened.value.payload;
      const cursor = cursors.get(report.incarnation);
      const verdict = verifyReportChain(report, cursor, crypto.sha256);
      if (!verdict.ok) return breakAt(verdict.fault, (cursor?.seq ?? 0) + 1);
      const { known } = verdict.value;
      cursors.set(report.incarnation, verdict.value.cursor);
      seen += report.entries.length - known;
      const same = compareEntries(store, agent.id, report, known);
      return same.ok ? undefined : breakAt(same.fault, report.from);
    },
    finish: (): Break | undefined => {
      for (const head of store.log.heads(agent.id)) {
        const cursor = cursors.get(head.incarnation);
        const proven = checkHead(crypto, device, head, cursor);
        if (!proven.ok) return breakAt(proven.fault, head.seq);
      }
      const stored = store.log.countEvents(agent.id);
      if (stored === seen) return undefined;
      const message = `${stored} entries are stored, ${seen} are signed`;
      return breakAt({ code: 'ENTRY_ADDED', message }, 0);
    },
  };
}

/** The entries that lists and accounts are made from are the signed ones. */
function compareEntries(
  store: ConsoleStore,
  agentId: number,
  { incarnation, from, entries }: ReportDocument,
  known: number,
): Result<void> {
  for (let index = known; index < entries.length; index++) {
    const stored = store.log.event(agentId, incarnation, from + index);
    if (stored === entries[index]) continue;
    const what = stored === undefined ? 'is missing' : 'is not what the machine signed';
    return err('ENTRY_CHANGED', `stored entry ${from + index} ${what}`);
  }
  return ok(undefined);
}

/** The receipt the machine was given back is its own signature over the last entry stored here. */
function checkHead(
  crypto: TrustCrypto,
  { fleet, agent, signKey }: DeviceDocument,
  head: ReturnType<ConsoleStore['log']['heads']>[number],
  cursor: ChainCursor | undefined,
): Result<void> {
  const { incarnation, seq, hash, receipt } = head;
  if (cursor?.seq !== seq || cursor.hash !== hash) {
    return err('GAP', `the stored head is entry ${seq}, its reports end at ${cursor?.seq ?? 0}`);
  }
  const key = decodeBase64(signKey);
  const sig = receipt && decodeBase64(receipt.sig);
  const message = headBytes({ fleet, agent, incarnation, seq, hash });
  if (key && sig && crypto.verify(key, message, sig)) return ok(undefined);
  return err('ACK_PROOF', `the receipt for entry ${seq} is not signed by the machine`);
}
