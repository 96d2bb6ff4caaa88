// What a scheduler is made from, and what the daemon may do with it.
import type { PlanTables } from '#agent/engine/plan-tables.ts';
import type {
  AgentStore,
  AttemptExit,
  Launcher,
  LocalPolicy,
  SchedulerControl,
} from '#agent/ports.ts';
import type { Clock } from '#shared/clock.ts';
import type { Fault } from '#shared/result.ts';
import type { HashText } from '#shared/time/splay.ts';

export interface SchedulerOptions {
  /** What openAgentStore of agent/store/open.ts gives. */
  readonly store: AgentStore & PlanTables;
  readonly launcher: Launcher;
  readonly policy: Pick<LocalPolicy, 'vet'>;
  readonly clock: Clock;
  readonly agentId: string;
  /** Identity of this boot of the machine, written with every attempt. */
  readonly bootId: string;
  /** User name jobs run as, told to the local policy. */
  readonly runAs: string;
  readonly directories: {
    /** Absolute; `<checkpoints>/<stream>/<schedule>` is kept between attempts and runs. Made when needed. */
    readonly checkpoints: string;
    /** Absolute; working directory of a job without a cwd of its own: `<work>/<stream>/<schedule>`. Made when needed. */
    readonly work: string;
  };
  /** Home directory told to jobs. */
  readonly home: string;
  /** The machine's signed labels, read at every start. */
  readonly labels: () => Readonly<Record<string, string>>;
  readonly sha256: HashText;
  /** Told after a commit that added log entries: time to report. */
  readonly onCommit?: () => void;
  /** A tick that threw, a disk that is full: told, and tried again at the next wake-up. */
  readonly onFault?: (fault: Fault) => void;
}

export interface Scheduler extends SchedulerControl {
  /** Asks the launcher about runs of an earlier life, then plans and sets the timer. */
  readonly start: () => Promise<void>;
  /** Hand this to the launcher; exits of one loop turn become one transaction. */
  readonly onExit: (exit: AttemptExit) => void;
  /** Commits what has ended, stops the timer, persists the cursor. Jobs go on. Does not close launcher or store. */
  readonly close: () => Promise<void>;
}
