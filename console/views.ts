// What the console's methods return: plain data, instants as RFC 3339 UTC text, ready for JSON.
import type { Fault } from '#shared/result.ts';
import type { Disposition, Outcome, RunState } from '#shared/run/ledger.ts';
import type { DocumentHead, Facts, PayloadKind } from '#shared/trust/documents.ts';

export interface CoreStatus {
  readonly fleet: string;
  readonly collector: string;
  readonly version: string;
  readonly broker: {
    readonly url: string;
    readonly online: boolean;
    readonly since: string | null;
    readonly reason: string | null;
  };
  readonly agents: { readonly total: number; readonly online: number };
  readonly trustVersion: number;
  readonly startedAt: string;
}

export interface JoinTokenCreated {
  readonly text: string;
  readonly token: string;
  readonly expires: string;
}

/** `unknown`: the machine has not said; `pending`: it has not the newest document yet. */
export type Coverage = 'applied' | 'pending' | 'refused' | 'unknown';

export interface AgentSummary {
  readonly agent: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Presence is a hint of the broker, never a fact. */
  readonly presence: 'online' | 'offline' | 'unknown';
  readonly coverage: Coverage;
  readonly lastReportAt: string | null;
  /** Everything nominal up to here is known. */
  readonly cursor: string | null;
  readonly running: number;
  readonly failed: number;
  readonly clock: 'trusted' | 'untrusted' | 'unknown';
  readonly next: { readonly schedule: string; readonly at: string } | null;
  readonly revoked: boolean;
}

export interface AgentDetail extends AgentSummary {
  readonly facts: Facts | null;
  readonly capabilities: readonly string[];
  readonly policy: { readonly digest: string; readonly owner: 'root' | 'self' | 'missing' } | null;
  readonly documents: readonly {
    readonly desired: DocumentHead;
    readonly applied: DocumentHead | null;
    readonly coverage: Coverage;
  }[];
  readonly refused: readonly {
    readonly code: string;
    readonly docId: string | null;
    readonly topic: string;
    readonly at: string;
    readonly count: number;
  }[];
  readonly paused: readonly string[];
  readonly log: {
    readonly incarnation: number;
    readonly seq: number;
    readonly hash: string;
  } | null;
  readonly alarms: readonly {
    readonly code: string;
    readonly at: string;
    readonly detail: string;
  }[];
}

/** Bytes to be signed, and what they say in words, made from these bytes. */
export interface PreparedDocument {
  readonly kind: PayloadKind;
  readonly payload: string;
  readonly docId: string;
  readonly summary: readonly string[];
  readonly personsNeeded: number;
}

export interface ScheduleChange {
  readonly stream: string;
  readonly schedule: string;
  readonly change: 'added' | 'changed' | 'removed' | 'unchanged';
  readonly fields: readonly {
    readonly path: string;
    readonly from: string | null;
    readonly to: string | null;
  }[];
  readonly next: readonly string[];
}

export interface Plan {
  readonly faults: readonly Fault[];
  readonly changes: readonly ScheduleChange[];
  readonly streams: readonly {
    readonly stream: string;
    readonly revision: number;
    readonly audience: readonly string[];
    readonly joining: readonly string[];
    readonly leaving: readonly string[];
  }[];
  /** Nothing to sign when the desired state is already the newest. */
  readonly documents: readonly PreparedDocument[];
  readonly warnings: readonly string[];
}

export interface Published {
  readonly docId: string;
  readonly kind: PayloadKind;
  readonly agents: readonly string[];
  readonly sent: boolean;
}

export interface ScheduleSummary {
  readonly schedule: string;
  readonly trigger: string;
  readonly job: string;
  readonly agents: number;
  readonly revision: number;
  readonly next: string | null;
  readonly paused: boolean;
}

export interface RunSummary {
  readonly run: string;
  readonly agent: string;
  readonly schedule: string;
  readonly nominal: string | null;
  readonly due: string | null;
  readonly cause: string;
  readonly state: RunState;
  readonly attempts: number;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly exitCode: number | null;
  /** Start of the first attempt after dueAt, milliseconds. */
  readonly latenessMs: number | null;
}

export interface RunDetail extends RunSummary {
  readonly attemptList: readonly {
    readonly attempt: number;
    readonly cause: string;
    readonly startedAt: string;
    readonly finishedAt: string | null;
    readonly outcome: Outcome | null;
    readonly exitCode: number | null;
    readonly signal: string | null;
    readonly output: string;
    readonly outputBytes: number;
    readonly truncated: boolean;
    readonly isolation: string;
  }[];
}

export interface LedgerEntry {
  readonly agent: string;
  readonly schedule: string;
  readonly from: string;
  readonly to: string;
  readonly count: number;
  readonly due: string;
  readonly disposition: Disposition;
  readonly reason: string | null;
  readonly detail: string | null;
  readonly run: string | null;
}

export interface LedgerAccount {
  readonly expected: number;
  readonly accounted: number;
  readonly unaccounted: number;
  readonly duplicates: number;
  /** Rows that account for something no document planned. */
  readonly unexpected: number;
  /** Planned up to now, not yet reported by the machine: not missed. */
  readonly unknown: number;
  readonly lossRecorded: number;
  /** Accounted, but still pending or running. */
  readonly open: number;
  readonly byDisposition: Readonly<Record<string, number>>;
  readonly findings: readonly {
    readonly agent: string;
    readonly schedule: string;
    readonly at: string;
    readonly what: string;
  }[];
}

export interface WhyAnswer {
  readonly sentence: string;
  readonly entry: LedgerEntry | null;
  readonly run: RunDetail | null;
}

export interface VerifyResult {
  readonly agents: number;
  readonly entries: number;
  readonly envelopes: number;
  /** The first break of each machine. */
  readonly breaks: readonly {
    readonly agent: string;
    readonly code: string;
    readonly seq: number;
    readonly detail: string;
  }[];
}

/** Worst first: a machine's one word in the fleet. */
export const MACHINE_STATUSES = [
  'refused',
  'failed',
  'missed',
  'offline',
  'unknown',
  'pending',
  'running',
  'ok',
  'revoked',
] as const;
/** `failed` and `missed`: within 24 hours; `unknown`: it never said what it has. */
export type MachineStatus = (typeof MACHINE_STATUSES)[number];
export type StatusCounts = Readonly<Record<MachineStatus, number>>;

export interface AgentRow {
  readonly agent: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly status: MachineStatus;
  readonly presence: AgentSummary['presence'];
  readonly coverage: Coverage;
  /** Of the stream that is furthest behind, else of the newest; null where nothing is asked of the machine. */
  readonly revision: {
    readonly stream: string | null;
    readonly applied: number | null;
    readonly wanted: number | null;
  };
  readonly clock: AgentSummary['clock'];
  readonly lastReportAt: string | null;
  /** `at`: when it is due there, the machine's own splay included. */
  readonly next: AgentSummary['next'];
  readonly failed24h: number;
  readonly missed24h: number;
  readonly running: number;
}

export interface FleetPage {
  /** Machines that match filter and labels, whatever their status; `counts` are theirs by status. */
  readonly total: number;
  readonly counts: StatusCounts;
  /** Machines that match `status` as well: what offset and limit walk over. */
  readonly matched: number;
  /** By value of the label asked for; null: machines without it, last. */
  readonly groups?: readonly {
    readonly value: string | null;
    readonly total: number;
    readonly counts: StatusCounts;
  }[];
  /** With groupBy in the order of the groups. */
  readonly rows: readonly AgentRow[];
}

export interface FleetGrid {
  /** In the order of the groups, then by name. */
  readonly cells: readonly {
    readonly agent: string;
    readonly status: MachineStatus;
    readonly group?: string | null;
  }[];
  /** True when there are more than fit. */
  readonly truncated: boolean;
}

/** One kind of trouble: how much, the first machines, and the fleet.page parameters that show all of them. */
export interface AttentionItem {
  readonly kind: 'failed' | 'missed' | 'refused' | 'silent';
  readonly machines: number;
  readonly first: readonly {
    readonly agent: string;
    /** Newest failed run, reason of the newest missed occurrence, code of the refusal, last word. */
    readonly run: string | null;
    readonly schedule: string | null;
    readonly detail: string | null;
    readonly at: string | null;
  }[];
  readonly link: { readonly trouble: AttentionItem['kind'] };
}
export type FleetAttention = readonly AttentionItem[];

export interface Timeline {
  readonly agent: string;
  readonly since: string;
  readonly until: string;
  /** Everything nominal up to here is known; later gaps are unknown, not missed. */
  readonly cursor: string | null;
  readonly runs: readonly {
    readonly run: string;
    readonly schedule: string;
    readonly cause: string;
    readonly state: RunState;
    readonly planned: string | null;
    readonly due: string | null;
    readonly started: string | null;
    readonly finished: string | null;
    readonly attempts: number;
    readonly exitCode: number | null;
  }[];
  /** What did not run, with the reason. */
  readonly gaps: readonly Omit<LedgerEntry, 'agent' | 'run'>[];
  /** Occurrences after now by the documents the machine applied. */
  readonly coming: readonly {
    readonly schedule: string;
    readonly planned: string;
    readonly due: string;
    readonly shift?: 'gap';
  }[];
  /** One of the lists was cut at the limit: older runs and gaps, or later coming ones, are missing. */
  readonly truncated: boolean;
}

export interface RunTail {
  readonly run: string;
  readonly attempt: number;
  /** Byte offset of the text, and of what follows it. */
  readonly from: number;
  readonly to: number;
  readonly text: string;
  /** Bytes captured so far. */
  readonly total: number;
  readonly running: boolean;
  /** `live`: from the machine as it runs; `log`: from its signed log; `waiting`: nothing has come yet. */
  readonly source: 'live' | 'log' | 'waiting';
}
