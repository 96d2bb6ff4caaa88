// What the console returns about planning: previews, streams, the occurrence diff, proposals and coverage.
import type {
  Coverage,
  PreparedDocument,
  Published,
  RunSummary,
  ScheduleChange,
} from '#console/views.ts';
import type { Fault } from '#shared/result.ts';
import type { Schedule } from '#shared/schedule/schedule.ts';

export interface PreviewOccurrence {
  readonly at: string;
  /** RFC 3339 with the zone's offset. */
  readonly local: string;
  readonly shift?: 'gap';
  /** What the zone's clocks do that day, in words. */
  readonly note?: string;
}
export interface Preview {
  readonly zone: string;
  /** `cron 30 2 * * * in Europe/Berlin` */
  readonly words: string;
  readonly occurrences: readonly PreviewOccurrence[];
}

export interface ScheduleDetail {
  readonly schedule: string;
  readonly stream: string;
  readonly revision: number;
  readonly docId: string | null;
  readonly spec: Schedule;
  readonly trigger: string;
  readonly job: string;
  /** The first 1,000 by name; `agentCount` counts all. */
  readonly agents: readonly string[];
  readonly agentCount: number;
  readonly next: readonly PreviewOccurrence[];
  readonly runs: readonly RunSummary[];
  /** The text of the whole stream's file. */
  readonly yaml: string;
}

export interface StreamSummary {
  readonly stream: string;
  readonly revision: number;
  readonly docId: string | null;
  readonly schedules: number;
  readonly agents: number;
  readonly publishedAt: string | null;
}

export interface StreamYaml {
  readonly stream: string;
  readonly revision: number;
  readonly yaml: string;
  /** `file`: as it was written, comments included; `document`: made from what was signed, machines by name. */
  readonly from: 'file' | 'document';
}

/** How the occurrences of one schedule change within the window. Counts are of one machine that stays in the audience. */
export interface OccurrenceChange {
  readonly stream: string;
  readonly schedule: string;
  readonly change: ScheduleChange['change'];
  readonly machines: {
    readonly before: number;
    readonly after: number;
    readonly joining: number;
    readonly leaving: number;
  };
  readonly before: number;
  readonly after: number;
  /** False: too many to compare one by one; starts and stops are then upper bounds. */
  readonly exact: boolean;
  readonly starts: { readonly count: number; readonly first: readonly string[] };
  readonly stops: { readonly count: number; readonly first: readonly string[] };
  readonly moves: {
    readonly count: number;
    readonly first: readonly { readonly from: string; readonly to: string }[];
  };
  /** Same times, but another job or other policies. */
  readonly otherwise: readonly string[];
}

export interface OccurrenceDiff {
  readonly faults: readonly Fault[];
  readonly from: string;
  readonly to: string;
  readonly schedules: readonly OccurrenceChange[];
  /** Over all machines, joining and leaving ones included. */
  readonly total: {
    readonly starts: number;
    readonly stops: number;
    readonly moves: number;
    readonly machines: number;
  };
}

export type ProposalState = 'open' | 'published' | 'withdrawn' | 'outdated';
export interface ProposalSummary {
  /** `P-17` */
  readonly proposal: string;
  readonly kind: 'schedule' | 'command';
  /** `outdated`: a newer revision, trust or session came; propose again. */
  readonly state: ProposalState;
  readonly title: string;
  readonly note: string | null;
  readonly createdAt: string;
  readonly closedAt: string | null;
  readonly personsNeeded: number;
  readonly signedBy: readonly string[];
  readonly streams: readonly string[];
}
export interface ProposalDetail extends ProposalSummary {
  /** What to type to sign it. */
  readonly command: string;
  /** `docId` is the digest of the very bytes the summary was made from. */
  readonly documents: readonly (PreparedDocument & {
    readonly signatures: readonly {
      readonly person: string;
      readonly keyId: string;
      readonly at: string;
    }[];
  })[];
}
export interface ProposalSigned {
  readonly proposal: string;
  readonly state: ProposalState;
  readonly signedBy: readonly string[];
  readonly personsNeeded: number;
  /** Empty until enough persons signed. */
  readonly published: readonly Published[];
}

export interface StreamCoverage {
  readonly stream: string;
  readonly epoch: number;
  readonly revision: number;
  /** When this revision was published. */
  readonly since: string;
  readonly counts: Readonly<Record<Coverage, number>>;
  /** Worst first. */
  readonly agents: readonly {
    readonly agent: string;
    readonly state: Coverage;
    readonly applied: number | null;
    /** Why it was refused. */
    readonly code: string | null;
    /** Told to drop the stream: it left the audience. */
    readonly leaving: boolean;
    readonly lastReportAt: string | null;
  }[];
}
