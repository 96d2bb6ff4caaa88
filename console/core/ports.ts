// What the rooms of the core ask of the store and of keys. The store's tables are in store/, keys come from the home.
import type {
  Coverage,
  LedgerEntry,
  MachineStatus,
  RunDetail,
  RunSummary,
} from '#console/views.ts';
import type { LedgerRow } from '#shared/run/ledger.ts';
import type {
  DeviceDocument,
  DocumentHead,
  HeadReceipt,
  HelloDocument,
  PayloadKind,
  StatusDocument,
} from '#shared/trust/documents.ts';
import type { RunChange } from './fleet/project.ts';

/** A machine as the console knows it: its signed device document, and what it said of itself. */
export interface AgentRecord {
  readonly id: number;
  readonly agent: string;
  /** In force; what it says of labels and revocation stands beside it for convenience. */
  readonly device: DeviceDocument;
  readonly binding: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly revoked: boolean;
  readonly hello: HelloDocument | null;
  /** Epoch milliseconds of the receipt of `hello` fresh from the machine; null when it was only found retained. */
  readonly helloAt: number | null;
  readonly status: StatusDocument | null;
  readonly birthEpoch: number;
  readonly online: boolean | null;
  readonly lastReportAt: number | null;
  readonly cursorAt: number | null;
}

export interface AgentTable {
  readonly byName: (agent: string) => AgentRecord | undefined;
  readonly byId: (id: number) => AgentRecord | undefined;
  readonly list: () => readonly AgentRecord[];
  /** Inserts the machine or renews what its device document says. */
  readonly putDevice: (device: DeviceDocument, binding: string | null) => AgentRecord;
  readonly setHello: (id: number, hello: HelloDocument, helloAt: number | null) => void;
  readonly setStatus: (id: number, status: StatusDocument, at: number) => void;
  readonly setPresence: (id: number, epoch: number, online: boolean) => void;
  /** Nobody's presence is known any more. */
  readonly forgetPresence: () => void;
  readonly setReported: (id: number, at: number, cursorAt: number) => void;
}

export interface StoredDocument {
  readonly id: number;
  readonly head: { readonly kind: PayloadKind } & Omit<DocumentHead, 'kind'>;
  /** JSON text of the verified payload. */
  readonly payload: string;
  readonly envelope: Uint8Array;
  readonly storedAt: number;
}

export interface DocumentTable {
  readonly byId: (id: number) => StoredDocument | undefined;
  readonly byDocId: (docId: string) => StoredDocument | undefined;
  /** All trust versions in order. */
  readonly trust: () => readonly StoredDocument[];
  /** Documents of the newest (epoch, revision) of a stream; several where the audience was split. */
  readonly newest: (kind: DocumentHead['kind'], name: string) => readonly StoredDocument[];
  /** Changes whenever a document of this name comes; 0 while there is none. */
  readonly latest: (kind: DocumentHead['kind'], name: string) => number;
  readonly streams: () => readonly string[];
  readonly put: (
    head: StoredDocument['head'],
    payload: string,
    envelope: Uint8Array,
    at: number,
  ) => number;
  readonly desired: (agentId: number) => readonly DocumentHead[];
  readonly desiredOf: (
    agentId: number,
    kind: DocumentHead['kind'],
    name: string,
  ) => DocumentHead | undefined;
  /** Everybody who should have a document of this name, and which. */
  readonly desiredBy: (
    kind: DocumentHead['kind'],
    name: string,
  ) => readonly (DocumentHead & { readonly agentId: number })[];
  readonly setDesired: (
    agentId: number,
    kind: DocumentHead['kind'],
    name: string,
    documentId: number,
  ) => void;
  /** Whether a broker took it for every machine that should have it. */
  readonly isSent: (documentId: number) => boolean;
  /** What no broker has taken yet. */
  readonly unsent: (limit: number) => readonly Outgoing[];
  readonly unsentTrust: () => readonly StoredDocument[];
  readonly markSent: (item: Outgoing, at: number) => void;
  readonly markTrustSent: (id: number, at: number) => void;
  /** The broker lost everything: all documents have to be sent again. */
  readonly forgetSent: () => void;
}

export interface Outgoing {
  readonly agentId: number;
  readonly agent: string;
  readonly kind: 'device' | 'schedule';
  readonly name: string;
  readonly documentId: number;
  readonly envelope: Uint8Array;
}

export interface LogHead {
  readonly incarnation: number;
  readonly seq: number;
  readonly hash: string;
  readonly receipt: HeadReceipt | null;
}

export interface StoredReport {
  readonly id: number;
  readonly incarnation: number;
  readonly from: number;
  readonly to: number;
  readonly message: Uint8Array;
}

export interface LogTable {
  /** Of the newest incarnation. */
  readonly head: (agentId: number) => LogHead | undefined;
  readonly heads: (agentId: number) => readonly LogHead[];
  readonly setHead: (agentId: number, head: LogHead) => void;
  readonly addReport: (agentId: number, report: Omit<StoredReport, 'id'>, at: number) => void;
  /** In the order of the log, after the one given; the first page without one. */
  readonly reports: (
    agentId: number,
    after: StoredReport | undefined,
    limit: number,
  ) => readonly StoredReport[];
  readonly addEvent: (
    agentId: number,
    incarnation: number,
    seq: number,
    kind: string,
    body: string,
  ) => void;
  readonly event: (agentId: number, incarnation: number, seq: number) => string | undefined;
  readonly countEvents: (agentId: number) => number;
  /** Events that decide what was planned, in the order they happened. */
  readonly planEvents: (agentId: number) => readonly string[];
  readonly addLoss: (agentId: number, loss: LossRecord, at: number) => void;
  readonly losses: (agentId: number) => readonly LossRecord[];
}

export interface LossRecord {
  readonly incarnation: number;
  readonly from: number;
  readonly to: number;
  readonly hash: string;
}

export interface ListFilter {
  readonly agent?: number | undefined;
  readonly schedule?: number | undefined;
  readonly sinceAt?: number | undefined;
  readonly untilAt?: number | undefined;
  readonly before?: string | undefined;
  /** Ledger rows: only those that name no run. */
  readonly unrun?: boolean;
  readonly limit: number;
}

export interface RunFilter extends ListFilter {
  readonly state?: string | undefined;
}

export interface AccountTable {
  readonly scheduleId: (key: string) => number;
  readonly findSchedule: (key: string) => number | undefined;
  /** Deletes rows of no run that begin after the instant. */
  readonly withdrawAfter: (agentId: number, at: number) => void;
  readonly putRow: (agentId: number, row: LedgerRow) => void;
  /** Forgets rows that begin inside this one, at `upToAt` (epoch milliseconds) at the latest: it tells of them anew. */
  readonly dropRetold: (agentId: number, row: LedgerRow, upToAt: number) => void;
  readonly applyRun: (agentId: number, change: RunChange) => void;
  readonly rows: (agentId: number) => readonly LedgerRow[];
  readonly rowAt: (agentId: number, schedule: string, at: number) => LedgerRow | undefined;
  readonly listRows: (filter: ListFilter) => readonly LedgerEntry[];
  readonly listRuns: (filter: RunFilter) => readonly RunSummary[];
  /** By whole id or a prefix that is unique; `many` when it is not. */
  readonly findRun: (prefix: string) => RunDetail | 'many' | undefined;
  /** Runs in these states with an instant since `sinceAt`, by machine. */
  readonly countRuns: (states: readonly string[], sinceAt: number) => ReadonlyMap<number, number>;
  /** All schedules any machine ever told of. */
  readonly scheduleKeys: () => readonly string[];
}

export interface TokenRecord {
  readonly token: string;
  readonly secret: string;
  readonly expiresAt: number;
  readonly usesLeft: number;
  readonly labels: Readonly<Record<string, string>>;
}

export interface EnrolmentRecord {
  readonly agent: string;
  readonly token: string;
  readonly signKey: string;
  readonly sealKey: string;
  readonly credential: string | null;
}

export interface TokenTable {
  readonly add: (token: TokenRecord, at: number) => void;
  readonly get: (token: string) => TokenRecord | undefined;
  readonly use: (token: string) => void;
  /** Ids of those whose time is over. */
  readonly expired: (nowAt: number) => readonly string[];
  readonly forget: (token: string) => void;
  readonly enrolment: (agent: string) => EnrolmentRecord | undefined;
  readonly addEnrolment: (record: EnrolmentRecord, at: number) => void;
}

export interface Alarm {
  readonly code: string;
  readonly detail: string;
  readonly at: number;
  readonly count: number;
}

export interface AlarmTable {
  /** One per machine and code, with the newest detail: junk cannot fill the table. Answers how often it was raised. */
  readonly raise: (agentId: number, code: string, detail: string, at: number) => number;
  readonly list: (agentId: number) => readonly Alarm[];
}

/** Small named values. */
export interface MetaTable {
  readonly get: (name: string) => string | undefined;
  readonly set: (name: string, value: string) => void;
}

/** What of a machine stands in lists of the fleet; made from its record, its documents and its runs. */
export interface Standing {
  readonly status: MachineStatus;
  readonly coverage: Coverage;
  readonly stream: string | null;
  readonly applied: number | null;
  readonly wanted: number | null;
  readonly failed: number;
  readonly missed: number;
  readonly running: number;
  readonly reportedAt: number;
  /** When anything signed last came from it. */
  readonly heardAt: number;
  /** From then on it has to be made again. */
  readonly staleAt: number;
}

export interface RecentCounts {
  readonly failed: number;
  readonly missed: number;
  readonly running: number;
  /** Of what is counted; null: nothing is. */
  readonly oldestAt: number | null;
}

export interface FleetQuery {
  /** Each has to be in the name or in the value of a label. */
  readonly words: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly status: readonly MachineStatus[] | undefined;
  /** silent: nothing signed came since `beforeAt`. */
  readonly trouble:
    | { readonly kind: 'failed' | 'missed' | 'refused' }
    | { readonly kind: 'silent'; readonly beforeAt: number }
    | undefined;
  readonly groupBy: string | undefined;
}

export interface FleetOrder {
  readonly by: 'name' | 'status' | 'lastReport' | 'heard' | 'failed' | 'missed';
  readonly descending: boolean;
  readonly offset: number;
  readonly after: string | undefined;
  readonly limit: number;
}

export interface StandingRow extends Omit<Standing, 'staleAt'> {
  readonly id: number;
  readonly name: string;
  readonly group: string | null;
}

export interface FleetTable {
  readonly stale: (nowAt: number, limit: number) => readonly number[];
  readonly recent: (agentId: number, sinceAt: number) => RecentCounts;
  readonly put: (agentId: number, standing: Standing) => void;
  /** Machines by group and status, whatever `query.status` says; one group (null) without groupBy. */
  readonly counts: (query: FleetQuery) => readonly {
    readonly group: string | null;
    readonly status: MachineStatus;
    readonly n: number;
  }[];
  readonly page: (query: FleetQuery, order: FleetOrder) => readonly StandingRow[];
  readonly grid: (
    query: FleetQuery,
    limit: number,
  ) => readonly {
    readonly name: string;
    readonly status: MachineStatus;
    readonly group: string | null;
  }[];
  /** Why the newest missed occurrence was missed. */
  readonly newestMissed: (
    agentId: number,
  ) =>
    | { readonly schedule: string; readonly at: number; readonly reason: string | null }
    | undefined;
}

export interface ProposalDocument {
  readonly kind: 'schedule' | 'command';
  readonly docId: string;
  readonly payload: string;
  readonly persons: number;
}
export interface ProposalSignature {
  readonly docId: string;
  readonly keyId: string;
  readonly sig: string;
  readonly at: number;
}
export interface StoredProposal {
  readonly id: number;
  readonly kind: 'schedule' | 'command';
  readonly title: string;
  readonly note: string | null;
  readonly createdAt: number;
  readonly closedAt: number | null;
  readonly state: 'open' | 'published' | 'withdrawn';
  /** Texts of the files by stream. */
  readonly sources: Readonly<Record<string, string>>;
}

export interface ProposalTable {
  readonly add: (
    proposal: Pick<StoredProposal, 'kind' | 'title' | 'note' | 'createdAt' | 'sources'>,
    documents: readonly ProposalDocument[],
  ) => number;
  readonly get: (id: number) => StoredProposal | undefined;
  /** Newest first. */
  readonly list: (state: 'open' | 'all', limit: number) => readonly StoredProposal[];
  readonly documents: (id: number) => readonly ProposalDocument[];
  readonly signatures: (id: number) => readonly ProposalSignature[];
  readonly sign: (id: number, signature: ProposalSignature) => void;
  readonly close: (id: number, state: 'published' | 'withdrawn', at: number) => void;
  readonly putSource: (docId: string, text: string) => void;
  readonly source: (docId: string) => string | undefined;
}

/** Everything the console remembers, one SQLite file. All methods are synchronous. */
export interface ConsoleStore {
  /** One IMMEDIATE transaction; nested calls join it. */
  readonly transaction: <T>(work: () => T) => T;
  /** No transaction is under way: what is read now stays. */
  readonly isSettled: () => boolean;
  readonly agents: AgentTable;
  readonly documents: DocumentTable;
  readonly log: LogTable;
  readonly accounts: AccountTable;
  readonly tokens: TokenTable;
  readonly alarms: AlarmTable;
  readonly meta: MetaTable;
  readonly fleet: FleetTable;
  readonly proposals: ProposalTable;
  readonly close: () => void;
}

/** Adds an identity to the embedded broker and returns its password; null where the broker is somebody else's. */
export type AddCredential = (username: string, role: 'agent' | 'enrol') => string | null;
