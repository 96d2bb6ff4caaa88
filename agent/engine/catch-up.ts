// What becomes of occurrences found late: none, latest or all of them (E11 to E14). Ranges are never enumerated.
import { formatInstant } from '#shared/ids.ts';
import type { CatchUp } from '#shared/schedule/policies.ts';
import type { CompiledTrigger } from '#shared/time/occurrences.ts';
import type { BulkKind } from './make-rows.ts';

/** An occurrence that may start now. */
export interface Candidate {
  readonly nominalAt: number;
  readonly dueAt: number;
  /** False: it stands in the ledger as pending. */
  readonly isNew: boolean;
}

interface Span {
  readonly firstAt: number;
  readonly lastAt: number;
}

export interface LateDecision {
  readonly bulks: readonly (Span & { readonly kind: BulkKind })[];
  /** Pending rows that end here. */
  readonly settled: readonly { readonly candidate: Candidate; readonly kind: BulkKind }[];
  /** What goes on to the next gates, oldest first. */
  readonly candidates: readonly Candidate[];
  /** Blocked by a run of its own schedule, a candidate waits instead of being skipped (E19). */
  readonly mayWait: boolean;
}

export interface LateInput {
  readonly policy: CatchUp;
  readonly trigger: CompiledTrigger;
  readonly dueAt: (nominalAt: number) => number;
  /** Late rows that were pending, oldest first. */
  readonly pending: readonly Candidate[];
  /** Late occurrences not planned before; null = none. */
  readonly fresh: Span | null;
  /** An occurrence that is on time and due in the same decision. */
  readonly survivorAt: number | undefined;
  readonly pendingCount: () => number;
  readonly nowAt: number;
}

const CATCH_UP: BulkKind = { disposition: 'skipped', reason: 'catch-up', detail: null };
const LIMIT: BulkKind = { disposition: 'skipped', reason: 'limit', detail: null };
const DEADLINE: BulkKind = { disposition: 'expired', reason: 'deadline', detail: null };

export function decideLate(input: LateInput): LateDecision {
  if (input.pending.length === 0 && input.fresh === null) {
    return { bulks: [], settled: [], candidates: [], mayWait: false };
  }
  switch (input.policy.policy) {
    case 'none':
      return giveUp(input);
    case 'latest':
      return keepLatest(input);
    case 'all':
      return keepAll(input);
  }
}

function giveUp({ pending, fresh }: LateInput): LateDecision {
  return {
    bulks: fresh ? [{ ...fresh, kind: CATCH_UP }] : [],
    settled: pending.map((candidate) => ({ candidate, kind: CATCH_UP })),
    candidates: [],
    mayWait: false,
  };
}

/** One run stands for all: the one that is on time if there is one, else the newest late one. */
function keepLatest({ pending, fresh, survivorAt, dueAt, trigger }: LateInput): LateDecision {
  const newest = fresh ? newCandidate(fresh.lastAt, dueAt) : (pending.at(-1) as Candidate);
  const reason = formatInstant(survivorAt ?? newest.nominalAt);
  const kind: BulkKind = { disposition: 'coalesced', reason, detail: null };
  const lastAt = survivorAt === undefined ? previousWithin(trigger, fresh) : fresh?.lastAt;
  const bulks = fresh && lastAt !== undefined ? [{ firstAt: fresh.firstAt, lastAt, kind }] : [];
  const candidates = survivorAt === undefined ? [newest] : [];
  const settled = pending
    .filter((candidate) => !candidates.includes(candidate))
    .map((candidate) => ({ candidate, kind }));
  return { bulks, settled, candidates, mayWait: false };
}

/** The newest `limit`, one after another if they may not overlap; what is past its deadline in one row. */
function keepAll(input: LateInput): LateDecision {
  const { policy, pending, fresh, trigger, nowAt } = input;
  const bulks: (Span & { kind: BulkKind })[] = [];
  let kept: Candidate[] = [];
  if (fresh) {
    kept = newestOf(input, fresh, policy.limit);
    const olderTo = trigger.previous((kept[0] as Candidate).nominalAt)?.at;
    if (olderTo !== undefined && olderTo >= fresh.firstAt) {
      bulks.push({ firstAt: fresh.firstAt, lastAt: olderTo, kind: LIMIT });
    }
    const { startDeadlineMs } = policy;
    if (startDeadlineMs !== undefined) {
      const expired = kept.filter(({ dueAt }) => nowAt - dueAt > startDeadlineMs);
      const [first, last] = [expired[0], expired.at(-1)];
      if (first && last) {
        bulks.push({ firstAt: first.nominalAt, lastAt: last.nominalAt, kind: DEADLINE });
      }
      kept = kept.slice(expired.length);
    }
  }
  // A backlog that still waits from before counts: together they are never more than the limit.
  const excess = kept.length === 0 ? 0 : input.pendingCount() + kept.length - policy.limit;
  const settled = pending
    .slice(0, Math.max(0, excess))
    .map((candidate) => ({ candidate, kind: LIMIT }));
  return { bulks, settled, candidates: [...pending.slice(settled.length), ...kept], mayWait: true };
}

function newestOf({ trigger, dueAt }: LateInput, { firstAt, lastAt }: Span, limit: number) {
  const found: Candidate[] = [];
  for (let at: number | undefined = lastAt; at !== undefined && at >= firstAt; ) {
    found.push(newCandidate(at, dueAt));
    if (found.length === limit) break;
    at = trigger.previous(at)?.at;
  }
  return found.reverse();
}

const newCandidate = (nominalAt: number, dueAt: LateInput['dueAt']): Candidate => ({
  nominalAt,
  dueAt: dueAt(nominalAt),
  isNew: true,
});

function previousWithin(trigger: CompiledTrigger, fresh: Span | null): number | undefined {
  const at = fresh ? trigger.previous(fresh.lastAt)?.at : undefined;
  return fresh && at !== undefined && at >= fresh.firstAt ? at : undefined;
}
