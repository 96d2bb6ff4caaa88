// What the rooms of the agent ask of each other. Adapters: launch/ (Launcher), store/ (AgentStore), shared/node/brokers (Broker).
import type { Now } from '#shared/clock.ts';
import type { Launch } from '#shared/jobs/kind.ts';
import type { Result } from '#shared/result.ts';
import type { NewEvent } from '#shared/run/event.ts';
import type { Schedule } from '#shared/schedule/schedule.ts';
import type { DocumentHead, HeadReceipt } from '#shared/trust/documents.ts';

/** One try of one run. */
export interface AttemptKey {
  readonly run: string;
  readonly attempt: number;
}

export interface LaunchRequest extends AttemptKey {
  readonly launch: Launch;
  /** The whole environment of the job; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly timeoutMs: number;
  readonly graceMs: number;
  readonly outputCapBytes: number;
}

export interface AttemptExit extends AttemptKey {
  /** Epoch milliseconds, as the shim saw them. */
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** `never-started`: certainly not, as long as this boot of the machine lasts: records are not synced to disk. */
  readonly ended: 'exited' | 'timed-out' | 'cancelled' | 'start-failed' | 'lost' | 'never-started';
  readonly outputBytes: number;
  /** Last 16 KiB at most of the captured output, UTF-8 with replacement. */
  readonly outputTail: string;
  readonly truncated: boolean;
  readonly isolation: string;
}

/** Starts processes that outlive the agent and tells how they ended, also those of an earlier life of the agent. */
export interface Launcher {
  /** Hands all requests to the launcher process in one write. The caller has made the starts durable before. */
  readonly start: (requests: readonly LaunchRequest[]) => void;
  /** SIGTERM to the attempt's session, SIGKILL after graceMs; its exit says `cancelled`. */
  readonly cancel: (key: AttemptKey, graceMs: number) => void;
  /**
   * After a restart: every key was `starting` or `running`. Running ones are watched again and reported later,
   * ended ones are reported through onExit at once, those with no exit record and no living process as `lost`,
   * those the launcher never got as `never-started`.
   */
  readonly adopt: (keys: readonly AttemptKey[]) => Promise<void>;
  readonly readOutput: (
    key: AttemptKey,
    fromByte: number,
    maxBytes: number,
  ) => { readonly bytes: Uint8Array; readonly total: number };
  /** Deletes the attempt's files once its exit is durable in the store and its output no longer needed. */
  readonly forget: (key: AttemptKey) => void;
  /** Stops watching; jobs go on. */
  readonly close: () => Promise<void>;
}

export type LauncherFactory = (options: {
  readonly directory: string;
  readonly onExit: (exit: AttemptExit) => void;
}) => Promise<Launcher>;

/** Everything the agent remembers, one SQLite file. All methods are synchronous. */
export interface AgentStore {
  /** Runs `work` in one IMMEDIATE transaction; nested calls join it. */
  readonly transaction: <T>(work: () => T) => T;
  readonly log: EventLog;
  readonly documents: DocumentStore;
  readonly meta: MetaStore;
  readonly close: () => void;
}

/** The hash-chained log and outbox. append() numbers and chains; call it inside the transaction of the fact itself. */
export interface EventLog {
  readonly append: (events: readonly NewEvent[]) => void;
  readonly head: () => {
    readonly incarnation: number;
    readonly seq: number;
    readonly hash: string;
  };
  readonly read: (
    from: number,
    limit: number,
  ) => readonly { readonly seq: number; readonly bytes: string; readonly hash: string }[];
  /** Chain hash after entry `seq` (0: the start value of the incarnation); undefined when it is no longer kept. */
  readonly hashAt: (seq: number) => string | undefined;
  readonly acknowledged: () => { readonly seq: number; readonly receipt: HeadReceipt | null };
  /** Marks entries up to receipt.seq as stored by the collector; they may be pruned. */
  readonly acknowledge: (receipt: HeadReceipt) => void;
}

export interface InstalledDocument {
  readonly head: DocumentHead;
  /** The envelope's bytes, as verified. */
  readonly envelope: Uint8Array;
}

/** Accepted documents and their high-water marks. */
export interface DocumentStore {
  readonly get: (kind: DocumentHead['kind'], name: string) => InstalledDocument | undefined;
  readonly heads: () => readonly DocumentHead[];
  /** Inside the caller's transaction: replaces document and mark. */
  readonly put: (document: InstalledDocument) => void;
  /** Inside the caller's transaction: schedules of one stream from now on; pending rows of changed or removed ones become superseded. */
  readonly replaceSchedules: (
    stream: string,
    head: DocumentHead,
    schedules: readonly Schedule[],
    cursorAt: number,
  ) => void;
}

/** Small named values: fleet, agent id, collector, broker url, last trust version, paused, clock marks. JSON text. */
export interface MetaStore {
  readonly get: (name: string) => string | undefined;
  readonly set: (name: string, value: string) => void;
}

/** What the scheduler offers to documents and commands. */
export interface SchedulerControl {
  /** Plans everything up to `now` under the documents as they are; afterwards the cursor is at now.wallAt. */
  readonly tick: (now: Now) => void;
  /** Called after documents, pauses or trust changed. */
  readonly wake: () => void;
  readonly runNow: (schedule: string, nonce: string, now: Now) => Result<{ readonly run: string }>;
  readonly cancelRun: (run: string, nonce: string, now: Now) => Result<void>;
  /** null: the whole machine. */
  readonly pause: (schedule: string | null, nonce: string, now: Now) => Result<void>;
  readonly resume: (schedule: string | null, nonce: string, now: Now) => Result<void>;
  readonly cursorAt: () => number;
  readonly status: () => {
    readonly running: number;
    readonly next: { readonly schedule: string; readonly at: number } | null;
    readonly paused: readonly string[];
  };
}

/** The machine's own policy, asked before every start. A fault's code is POLICY_*; the occurrence becomes skipped: vetoed. */
export interface LocalPolicy {
  readonly vet: (job: {
    readonly schedule: Schedule;
    readonly launch: Launch;
    readonly runAs: string;
  }) => Result<void>;
  readonly describe: () => { readonly digest: string; readonly owner: 'root' | 'self' | 'missing' };
}
