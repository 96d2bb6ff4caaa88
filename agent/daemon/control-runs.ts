// What an operator may do to the scheduler: run now, cancel, pause, resume, look (E27, E28).
import { attemptStarted } from '#agent/engine/plan-tick.ts';
import { commandRunId } from '#agent/engine/run-id.ts';
import type { SchedulerControl } from '#agent/ports.ts';
import type { Now } from '#shared/clock.ts';
import { formatInstant } from '#shared/ids.ts';
import { toLaunch } from '#shared/jobs.ts';
import { err, ok, type Result } from '#shared/result.ts';
import { ledgerEvents } from '#shared/run/ledger-events.ts';
import type { AttemptToStart } from './runner.ts';
import type { SchedulerOptions } from './scheduler-types.ts';
import { finishRun } from './settle-exits.ts';

type Control = Pick<SchedulerControl, 'runNow' | 'cancelRun' | 'pause' | 'resume' | 'status'>;

export interface Drive {
  readonly tick: (now: Now) => void;
  readonly soon: () => void;
  readonly launch: (starts: readonly AttemptToStart[], now: Now) => void;
  readonly cursorAt: () => number;
}

export function controlRuns(options: SchedulerOptions, drive: Drive): Control {
  return {
    runNow: (schedule, nonce, now) => runNow(options, drive, { schedule, nonce, now }),
    cancelRun: (run, nonce, now) => cancelRun(options, drive, { run, nonce, now }),
    pause: (schedule, nonce, now) => {
      const { store } = options;
      if (schedule !== null && !store.schedules.byKey(schedule)) return unknownSchedule(schedule);
      drive.tick(now);
      store.transaction(() => {
        store.pauses.set(schedule, nonce);
        store.setCursor(drive.cursorAt());
        store.log.append([{ kind: 'paused', ...cursorFields(schedule, nonce, now, drive) }]);
      });
      options.onCommit?.();
      drive.soon();
      return ok(undefined);
    },
    resume: (schedule, nonce, now) => {
      const { store } = options;
      drive.tick(now);
      const cleared = store.transaction(() => {
        if (!store.pauses.clear(schedule)) return false;
        store.setCursor(drive.cursorAt());
        store.log.append([{ kind: 'resumed', ...cursorFields(schedule, nonce, now, drive) }]);
        return true;
      });
      if (!cleared && schedule !== null) {
        const installed = store.schedules.byKey(schedule);
        if (!installed) return unknownSchedule(schedule);
        if (installed.spec.paused) return pausedByDocument(schedule);
      }
      if (cleared) options.onCommit?.();
      drive.soon();
      return ok(undefined);
    },
    status: () => ({
      running: options.store.runs.activeCount(),
      next: options.store.schedules.soonest(),
      paused: options.store.pauses.list().map((scope) => scope || '*'),
    }),
  };
}

const cursorFields = (schedule: string | null, nonce: string, now: Now, drive: Drive) => ({
  at: formatInstant(now.wallAt),
  schedule,
  nonce,
  cursor: formatInstant(drive.cursorAt()),
});

const unknownSchedule = (schedule: string) =>
  err('SCHEDULE_UNKNOWN', `no schedule ${schedule} is installed here`, {
    hint: 'its name is stream/id; has its document arrived?',
  });

const pausedByDocument = (schedule: string) =>
  err('PAUSED_BY_DOCUMENT', `${schedule} is paused by its own document`, {
    hint: 'apply a revision with `paused: false`',
  });

interface RunRequest {
  readonly schedule: string;
  readonly nonce: string;
  readonly now: Now;
}

/** Gates of a manual run: it exists, nothing of it runs (unless it may overlap), the local policy allows it. */
function runNow(
  { store, policy, runAs, bootId, agentId, sha256, onCommit }: SchedulerOptions,
  drive: Drive,
  { schedule, nonce, now }: RunRequest,
): Result<{ readonly run: string }> {
  const run = commandRunId(agentId, schedule, nonce, sha256);
  if (store.runs.known(run)) return ok({ run });
  const installed = store.schedules.byKey(schedule);
  if (!installed) return unknownSchedule(schedule);
  const { id, key, spec, specId } = installed;
  const active = store.runs.activeOf(id);
  if (spec.overlap === 'skip' && active.run !== null) {
    return err('OVERLAP', `${schedule} is running already`, {
      hint: 'wait for it, cancel it, or allow overlap in its document',
      ids: { run: active.run },
    });
  }
  const verdict = policy.vet({ schedule: spec, launch: toLaunch(spec.job), runAs });
  if (!verdict.ok) return verdict;
  const begun = { run, nominalAt: null, dueAt: null, cause: 'manual' as const };
  store.transaction(() => {
    store.runs.begin([{ ...begun, schedule: id, specId }], bootId, now.wallAt);
    store.log.append([attemptStarted(formatInstant(now.wallAt), { ...begun, key }, 1)]);
  });
  drive.launch([{ run, attempt: 1, key, spec, nominalAt: null, dueAt: null }], now);
  onCommit?.();
  return ok({ run });
}

interface CancelRequest {
  readonly run: string;
  readonly nonce: string;
  readonly now: Now;
}

/** A run between attempts ends at once; a running one is told to end, and its exit says how it did. */
function cancelRun(
  { store, launcher, onCommit }: SchedulerOptions,
  drive: Drive,
  { run, nonce, now }: CancelRequest,
): Result<void> {
  const active = store.runs.get(run);
  if (!active) {
    return err('RUN_UNKNOWN', `run ${run} is not active here`, {
      hint: 'it may have ended already',
    });
  }
  store.transaction(() => {
    store.runs.markCancelled(run, nonce);
    if (active.state !== 'retrying') return;
    const rows = finishRun(store, active, 'cancelled', now.wallAt);
    store.log.append(ledgerEvents(rows, formatInstant(now.wallAt)));
  });
  if (active.state === 'starting') {
    launcher.cancel({ run, attempt: active.attempt }, active.spec.graceMs);
  }
  onCommit?.();
  drive.soon();
  return ok(undefined);
}
