// A machine's one word in the fleet, and which of its streams is furthest behind. Pure.
import type { AgentDetail, AgentRow, Coverage, MachineStatus } from '#console/views.ts';

export interface StandingFacts {
  readonly revoked: boolean;
  readonly coverage: Coverage;
  /** As last heard; null: nobody knows. */
  readonly online: boolean | null;
  readonly failed: number;
  readonly missed: number;
  readonly running: number;
}

/** The worst thing that can be said; the order is that of MACHINE_STATUSES, except that a revoked machine is nothing else. */
export function statusWord(facts: StandingFacts): MachineStatus {
  if (facts.revoked) return 'revoked';
  if (facts.coverage === 'refused') return 'refused';
  if (facts.failed > 0) return 'failed';
  if (facts.missed > 0) return 'missed';
  if (facts.online === false) return 'offline';
  if (facts.coverage === 'unknown') return 'unknown';
  if (facts.coverage === 'pending') return 'pending';
  return facts.running > 0 ? 'running' : 'ok';
}

const WORST_FIRST: readonly Coverage[] = ['refused', 'pending', 'unknown', 'applied'];

/** Applied and wanted revision of the schedule stream with the worst coverage, the first of them by name. */
export function worstRevision(documents: AgentDetail['documents']): AgentRow['revision'] {
  const streams = documents.filter(({ desired }) => desired.kind === 'schedule');
  for (const word of WORST_FIRST) {
    const found = streams.find(({ coverage }) => coverage === word);
    if (!found) continue;
    const { desired, applied } = found;
    return {
      stream: desired.name,
      applied: applied?.revision ?? null,
      wanted: desired.revision,
    };
  }
  return { stream: null, applied: null, wanted: null };
}
