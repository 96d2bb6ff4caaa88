// A scheduler over a real store with a clock and processes of the test's own: time passes when the test says so.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createScheduler } from '#agent/daemon/scheduler.ts';
import type { Scheduler } from '#agent/daemon/scheduler-types.ts';
import type { AttemptExit, AttemptKey, Launcher, LaunchRequest } from '#agent/ports.ts';
import { type OpenedStore, openAgentStore } from '#agent/store/open.ts';
import type { Now } from '#shared/clock.ts';
import { formatInstant, parseInstant } from '#shared/ids.ts';
import { sha256 } from '#shared/node/sha256.ts';
import { err, ok } from '#shared/result.ts';
import { type Event, eventSchema } from '#shared/run/event.ts';
import type { LedgerRow } from '#shared/run/ledger.ts';
import { type Reconciliation, reconcile } from '#shared/run/reconcile.ts';
import { DEFAULT_CATCH_UP, DEFAULT_RETRY } from '#shared/schedule/policies.ts';
import type { Schedule } from '#shared/schedule/schedule.ts';
import { ledgerView } from './scheduler-ledger.ts';
import { type PlanFact, planSegments } from './scheduler-plan.ts';

export const AGENT = 'a1';
export const SECOND = 1_000;
export const MINUTE = 60_000;
export const HOUR = 3_600_000;
export const DAY = 86_400_000;

/** Every minute, `true`, defaults; `over` replaces any part. */
export const schedule = (id: string, over: Partial<Schedule> = {}): Schedule => ({
  id,
  trigger: { kind: 'every', period: 'PT1M', anchor: '2026-01-01T00:00:00Z' },
  job: { kind: 'exec', argv: ['true'] },
  catchUp: DEFAULT_CATCH_UP,
  overlap: 'skip',
  retry: DEFAULT_RETRY,
  splayMs: 0,
  timeoutMs: HOUR,
  graceMs: 1_000,
  outputCapBytes: 1_024,
  onInterrupted: 'fail',
  paused: false,
  ...over,
});

export const every = (period: string, anchor = '2026-01-01T00:00:00Z'): Schedule['trigger'] => ({
  kind: 'every',
  period,
  anchor,
});

interface Process extends AttemptKey {
  readonly startedAt: number;
  readonly endsAt: number;
  readonly exitCode: number;
  cancelled: boolean;
  told: boolean;
}

/** What a job does: how long, and how it ends. */
export type Behaviour = (request: LaunchRequest) => {
  readonly durationMs: number;
  readonly exitCode: number;
};

/** Processes that outlive schedulers, as the real ones outlive agents. */
export class World {
  readonly processes = new Map<string, Process>();
  readonly starts: LaunchRequest[] = [];
  readonly forgotten: AttemptKey[] = [];
  behaviour: Behaviour = () => ({ durationMs: 0, exitCode: 0 });
  /** Called before each process starts; may throw to die between two. */
  beforeStart: () => void = () => undefined;
  /** What adopt says of an attempt without a process. */
  absent: 'lost' | 'never-started' = 'lost';
  bootId = 'boot-1';
  now: Now = { wallAt: parseInstant('2026-06-01T00:00:00Z'), monoMs: 1_000 };

  launcher(onExit: (exit: AttemptExit) => void): Launcher {
    return {
      start: (requests) => {
        for (const request of requests) {
          this.beforeStart();
          this.starts.push(request);
          const { run, attempt } = request;
          const { durationMs, exitCode } = this.behaviour(request);
          const endsAt = this.now.monoMs + durationMs;
          const startedAt = this.now.wallAt;
          const process = {
            run,
            attempt,
            startedAt,
            endsAt,
            exitCode,
            cancelled: false,
            told: false,
          };
          this.processes.set(`${run} ${attempt}`, process);
        }
      },
      cancel: ({ run, attempt }) => {
        const process = this.processes.get(`${run} ${attempt}`);
        if (process) process.cancelled = true;
      },
      adopt: async (keys) => {
        for (const key of keys) {
          const process = this.processes.get(`${key.run} ${key.attempt}`);
          if (!process)
            onExit(this.exitOf({ ...key, startedAt: this.now.wallAt, exitCode: 0 }, this.absent));
          else if (process.cancelled || process.endsAt <= this.now.monoMs)
            this.tell(process, onExit);
        }
      },
      readOutput: () => ({ bytes: new Uint8Array(), total: 0 }),
      forget: (key) => this.forgotten.push(key),
      close: async () => undefined,
    };
  }

  /** Tells of every process that has ended by now. */
  tellEnded(onExit: (exit: AttemptExit) => void): void {
    for (const process of this.processes.values()) {
      if (!process.told && (process.cancelled || process.endsAt <= this.now.monoMs)) {
        this.tell(process, onExit);
      }
    }
  }

  private tell(process: Process, onExit: (exit: AttemptExit) => void): void {
    process.told = true;
    onExit(this.exitOf(process, process.cancelled ? 'cancelled' : 'exited'));
  }

  private exitOf(
    { run, attempt, startedAt, exitCode }: AttemptKey & { startedAt: number; exitCode: number },
    ended: AttemptExit['ended'],
  ): AttemptExit {
    return {
      ...{ run, attempt, startedAt, finishedAt: this.now.wallAt, ended },
      ...{ exitCode: ended === 'exited' ? exitCode : null, signal: null },
      ...{ outputBytes: 3, outputTail: 'ok\n', truncated: false, isolation: 'none' },
    };
  }
}

export interface Bench {
  readonly world: World;
  readonly store: OpenedStore;
  readonly scheduler: Scheduler;
  veto: string | undefined;
  readonly advance: (ms: number) => void;
  /** Only the wall clock moves. */
  readonly setWall: (at: number) => void;
  readonly install: (schedules: readonly Schedule[]) => void;
  readonly rows: () => LedgerRow[];
  readonly events: () => Event[];
  readonly check: (rows?: readonly LedgerRow[]) => Reconciliation;
  readonly reopen: (wrap?: (store: OpenedStore) => OpenedStore) => Promise<void>;
  readonly close: () => void;
}

export const STREAM = 's';

/** These tests kill agents, not machines: files in memory are as good and spare thousands of disk flushes. */
const inMemory = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** One agent in a temporary folder. `maxLogBytes` bounds its log. */
export function openBench(maxLogBytes?: number): Bench {
  const folder = mkdtempSync(join(inMemory, 'muster-scheduler-'));
  const path = join(folder, 'agent.db');
  const world = new World();
  const documents: (readonly Schedule[])[] = [];
  const open = () =>
    openAgentStore(path, { fleet: 'f', agent: AGENT }, maxLogBytes ? { maxLogBytes } : {});
  const start = (store: OpenedStore): Scheduler =>
    createScheduler({
      store,
      launcher: world.launcher((exit) => bench.scheduler.onExit(exit)),
      policy: {
        vet: () => (bench.veto === undefined ? ok(undefined) : err(bench.veto, 'not here')),
      },
      clock: { now: () => world.now, after: () => ({ cancel: () => undefined }) },
      agentId: AGENT,
      bootId: world.bootId,
      runAs: 'self',
      home: '/home/x',
      directories: { checkpoints: join(folder, 'checkpoints'), work: join(folder, 'work') },
      labels: () => ({ site: 'north', 'shop-no': '7' }),
      sha256,
    });
  let opened = open();
  const bench: { -readonly [K in keyof Bench]: Bench[K] } = {
    world,
    store: opened,
    scheduler: undefined as unknown as Scheduler,
    veto: undefined,
    advance: (ms) => {
      world.now = { wallAt: world.now.wallAt + ms, monoMs: world.now.monoMs + ms };
      world.tellEnded(bench.scheduler.onExit);
      bench.scheduler.tick(world.now);
    },
    setWall: (wallAt) => {
      world.now = { ...world.now, wallAt };
      bench.scheduler.tick(world.now);
    },
    install: (schedules) => {
      bench.scheduler.tick(world.now);
      documents.push(schedules);
      const cursorAt = bench.scheduler.cursorAt();
      const revision = documents.length;
      const docId = String(revision).padStart(64, '0');
      const head = { kind: 'schedule' as const, name: STREAM, docId, epoch: 0, revision };
      bench.store.transaction(() => {
        bench.store.documents.replaceSchedules(STREAM, head, schedules, cursorAt);
        const at = formatInstant(world.now.wallAt);
        const cursor = formatInstant(cursorAt);
        const applied = { docId, docKind: head.kind, name: STREAM, epoch: 0, revision, cursor };
        bench.store.log.append([{ kind: 'document-applied', at, ...applied }]);
      });
      bench.scheduler.tick(world.now);
    },
    rows: () => rowsOf(bench.events()),
    events: () =>
      bench.store.log.read(1, 1_000_000).map((entry) => eventSchema.parse(JSON.parse(entry.bytes))),
    check: (rows) => {
      const events = bench.events();
      const losses = events.flatMap((event) => (event.kind === 'loss' ? event.occurrences : []));
      const segments = planSegments(factsOf(events, documents), bench.scheduler.cursorAt());
      const view = ledgerView(events);
      return reconcile({ segments, rows: rows ?? view.rows, losses, ahead: view.ahead });
    },
    reopen: async (wrap = (store) => store) => {
      opened.close();
      opened = open();
      bench.store = wrap(opened);
      bench.scheduler = start(bench.store);
      await bench.scheduler.start();
      await bench.scheduler.close();
      bench.scheduler = start(bench.store);
      bench.scheduler.tick(world.now);
    },
    close: () => {
      opened.close();
      rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    },
  };
  bench.scheduler = start(opened);
  return bench;
}

/** The ledger as a console sees it, oldest first. */
const rowsOf = (events: readonly Event[]): LedgerRow[] =>
  [...ledgerView(events).rows].sort((a, b) => parseInstant(a.from) - parseInstant(b.from));

/** What was planned, from documents and cursors alone. */
const factsOf = (
  events: readonly Event[],
  documents: readonly (readonly Schedule[])[],
): readonly PlanFact[] =>
  events.flatMap((event): PlanFact[] => {
    if (event.kind === 'document-applied') {
      const schedules = documents[event.revision - 1] ?? [];
      const cursorAt = parseInstant(event.cursor);
      return [{ kind: 'applied', stream: event.name, cursorAt, schedules }];
    }
    return event.kind === 'clock' && event.change === 'cursor-pulled-back'
      ? [{ kind: 'pulled-back', cursorAt: parseInstant(event.cursor) }]
      : [];
  });
