// Taking in reports: verified, contiguous, each entry once, everything in the caller's transaction.
import { projectEvent } from '#console/core/fleet/project.ts';
import type { AgentRecord, LogHead } from '#console/core/ports.ts';
import { parseInstant } from '#shared/ids.ts';
import { unpackReport } from '#shared/node/gzip.ts';
import { type Event, eventSchema } from '#shared/run/event.ts';
import { type ChainVerdict, verifyReportChain } from '#shared/trust/chain.ts';
import type { ReportDocument } from '#shared/trust/documents.ts';
import { verifyReport } from '#shared/trust/verify-up.ts';
import type { CollectorContext, Effects } from './context.ts';
import { raise } from './presence.ts';

/** up/ev and up/fill. Nothing of a report that breaks a rule is accepted; the machine's alarm says which rule. */
export function takeReport(
  context: CollectorContext,
  agent: AgentRecord,
  message: Uint8Array,
  effects: Effects,
): void {
  const unpacked = unpackReport(message);
  const opened = unpacked.ok
    ? verifyReport(unpacked.value, agent.device, context.crypto)
    : unpacked;
  if (!opened.ok) {
    raise(context, agent, opened.fault.code, opened.fault.message);
    return;
  }
  const report = opened.value.payload;
  const { store } = context;
  const newest = store.log.head(agent.id);
  const head =
    newest?.incarnation === report.incarnation
      ? newest
      : store.log.heads(agent.id).find(({ incarnation }) => incarnation === report.incarnation);
  const verdict = verifyReportChain(report, head, context.crypto.sha256);
  effects.ack.add(agent.id);
  if (!verdict.ok) {
    if (verdict.fault.code !== 'GAP') {
      raise(context, agent, verdict.fault.code, verdict.fault.message);
      return;
    }
    const from = (head?.seq ?? 0) + 1;
    const to = (report.lost?.from ?? report.from) - 1;
    effects.want.set(agent.id, { incarnation: report.incarnation, from, to });
    return;
  }
  if (newest && report.incarnation < newest.incarnation && isNew(report, verdict.value)) {
    raise(context, agent, 'CLONE_OR_FORK', 'an older incarnation of this machine goes on');
    return;
  }
  if (newest && report.incarnation > newest.incarnation) {
    raise(context, agent, 'NEW_INCARNATION', `incarnation ${report.incarnation} begins a new log`);
    store.meta.set(toldBefore(agent.id), String(agent.cursorAt ?? 0));
  }
  accept(context, { agent, report, message, head, verdict: verdict.value }, effects);
}

const isNew = ({ entries }: ReportDocument, { known, skipped }: ChainVerdict): boolean =>
  skipped || known < entries.length;

interface Accepted {
  readonly agent: AgentRecord;
  readonly report: ReportDocument;
  /** As received. */
  readonly message: Uint8Array;
  readonly head: LogHead | undefined;
  readonly verdict: ChainVerdict;
}

function accept(context: CollectorContext, accepted: Accepted, effects: Effects): void {
  const { agent, report, message, head, verdict } = accepted;
  const { store, clock } = context;
  const nowAt = clock.now().wallAt;
  const { incarnation, from, to, lost } = report;
  const reached = head?.seq ?? 0;
  const statesLoss = lost !== undefined && lost.to > reached;
  if (!isNew(report, verdict) && !statesLoss) {
    // A duplicate says nothing new but, at the very head, how far the machine has planned since.
    if (to === reached) store.agents.setReported(agent.id, nowAt, later(agent, report));
    return;
  }
  if (statesLoss) {
    const range = { incarnation, from: Math.max(lost.from, reached + 1), to: lost.to };
    store.log.addLoss(agent.id, { ...range, hash: lost.head }, nowAt);
    raise(context, agent, 'LOSS', `entries ${range.from} to ${range.to} are lost for good`);
  }
  store.log.addReport(agent.id, { incarnation, from, to, message }, nowAt);
  const events = report.entries
    .slice(verdict.known)
    .flatMap((body, index) => takeEntry(context, accepted, from + verdict.known + index, body));
  store.log.setHead(agent.id, { incarnation, ...verdict.cursor, receipt: report.head });
  // Planning may go back only when the log itself says so.
  const pulledBack = events.some(
    (event) => event.kind === 'clock' && event.change === 'cursor-pulled-back',
  );
  const cursorAt = pulledBack ? parseInstant(report.cursor) : later(agent, report);
  store.agents.setReported(agent.id, nowAt, cursorAt);
  effects.want.set(agent.id, null);
  effects.agents.add(agent.agent);
  if (!events.some(({ kind }) => PICTURED.has(kind))) return;
  effects.runs.add(agent.agent);
  for (const event of events) {
    if (PICTURED.has(event.kind) && 'run' in event) effects.runIds.add(event.run);
  }
}

const PICTURED: ReadonlySet<string> = new Set([
  'ledger',
  'attempt-started',
  'attempt-finished',
  'run-finished',
]);

const later = (agent: AgentRecord, { cursor }: ReportDocument): number =>
  Math.max(agent.cursorAt ?? 0, parseInstant(cursor));

/** Stores one entry; what it means is projected only when this version understands it. */
function takeEntry(
  context: CollectorContext,
  { agent, report }: Accepted,
  seq: number,
  body: string,
): readonly Event[] {
  const { store } = context;
  const { incarnation } = report;
  const event = readEntry(body);
  if (event?.seq !== seq) {
    store.log.addEvent(agent.id, incarnation, seq, 'unreadable', body);
    raise(context, agent, 'ENTRY_UNREADABLE', `entry ${seq} is of a kind this console cannot read`);
    return [];
  }
  store.log.addEvent(agent.id, incarnation, seq, event.kind, body);
  const { rows, runs, withdrawnAfterAt } = projectEvent(event, incarnation);
  if (withdrawnAfterAt !== undefined) store.accounts.withdrawAfter(agent.id, withdrawnAfterAt);
  // A machine whose disk was restored tells again, in other pieces, of times its earlier log had told: the newest telling
  // stands, and the alarm says that there was one before.
  const before =
    rows.length > 0 && incarnation > 1 ? store.meta.get(toldBefore(agent.id)) : undefined;
  for (const row of rows) {
    if (before !== undefined) store.accounts.dropRetold(agent.id, row, Number(before));
    store.accounts.putRow(agent.id, row);
  }
  for (const change of runs) store.accounts.applyRun(agent.id, change);
  if (event.kind === 'state') raise(context, agent, event.code, event.detail);
  return [event];
}

/** Up to where the log before the present incarnation had told, epoch milliseconds. */
const toldBefore = (agentId: number): string => `told-before-${agentId}`;

/** An entry's bytes as an event; undefined for what is not one. */
export function readEntry(body: string): Event | undefined {
  try {
    return eventSchema.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
}
