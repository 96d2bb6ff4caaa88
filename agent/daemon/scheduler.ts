// The one timer of the agent: wakes, reads both clocks, settles what ended, plans what is due, starts it, sleeps again.
import { clockStep } from '#agent/engine/clock-rules.ts';
import type { AttemptExit, AttemptKey } from '#agent/ports.ts';
import type { Now } from '#shared/clock.ts';
import { controlRuns } from './control-runs.ts';
import { giveBackMemory } from './give-back.ts';
import { clampRetries, pullBackCursor, recordStep } from './heed-clock.ts';
import { createHousekeeper } from './keep-house.ts';
import { planDue } from './plan-due.ts';
import { type AttemptToStart, launchRequest, makeDirectories } from './runner.ts';
import type { Scheduler, SchedulerOptions } from './scheduler-types.ts';
import { settleExits } from './settle-exits.ts';

/** The longest sleep: a clock set meanwhile is noticed by then. */
const LONGEST_SLEEP_MS = 30_000;
/** The cursor is written at least this often, and with every row. */
const CURSOR_EVERY_MS = 60_000;
/** Sleeps shorter than this leave no time for preparing. */
const WORTH_PREPARING_MS = 200;
const MOST_PREPARED = 500;
/** Starting up is over when nothing was to be done for so long and nothing is for as long again. */
const FIRST_REST_MS = 1_000;
/** Pause before trying again after a tick that failed. */
const AFTER_FAULT_MS = 1_000;

const attemptName = ({ run, attempt }: AttemptKey): string => `${run}-${attempt}`;

/** Nothing happens before start(), but tick(), pause() and the like work from the beginning. */
export function createScheduler(options: SchedulerOptions): Scheduler {
  const { store, launcher, clock } = options;
  let cursorAt = store.cursorAt() || clock.now().wallAt;
  let storedCursorAt = store.cursorAt();
  let last: Now | undefined;
  let exits: AttemptExit[] = [];
  let timer: { readonly cancel: () => void } | undefined;
  let rest: { readonly cancel: () => void } | undefined;
  let hasRested = false;
  let turn: NodeJS.Immediate | undefined;
  let live = false;
  // Attempts of an earlier life, read before this one begins any.
  const inherited = store.runs.openAttempts();
  const ofEarlierBoot = new Set(
    inherited.filter(({ bootId }) => bootId !== options.bootId).map(attemptName),
  );
  const keepHouse = createHousekeeper({ store, launcher }, clock.now().monoMs);

  /** One transaction, then its effects. True when more is due than it could take. */
  const pass = (now: Now): boolean => {
    const step = clockStep(last, now);
    const settling = exits;
    const outcome = store.transaction(() => {
      if (!last) clampRetries(store, now.wallAt);
      if (step) recordStep(store, step, now.wallAt, cursorAt);
      const pulledTo = pullBackCursor(store, cursorAt, now.wallAt);
      if (settling.length > 0) settleExits(store, settling, now.wallAt);
      const context = { nowAt: now.wallAt, agent: options.agentId, sha256: options.sha256 };
      const planned = planDue(options, context);
      const reached = planned.more ? pulledTo : Math.max(pulledTo, now.wallAt);
      const changed = planned.changed || settling.length > 0 || step !== undefined;
      const write = changed || Math.abs(reached - storedCursorAt) >= CURSOR_EVERY_MS;
      if (write) store.setCursor(reached);
      return { planned, reached, changed, write };
    });
    last = now;
    cursorAt = outcome.reached;
    if (outcome.write) storedCursorAt = outcome.reached;
    exits = exits.slice(settling.length);
    launch(outcome.planned.starts, now);
    if (outcome.changed) options.onCommit?.();
    return outcome.planned.more;
  };

  const launch = (starts: readonly AttemptToStart[], now: Now): void => {
    if (starts.length === 0) return;
    launcher.start(starts.map((start) => launchRequest(start, now.wallAt, options)));
  };

  const tick = (now: Now): void => {
    while (pass(now));
  };

  const restOnce = (): void => {
    if (hasRested) return;
    rest = clock.after(FIRST_REST_MS, () => {
      hasRested = true;
      giveBackMemory();
    });
  };

  /** Plans in steps that leave the loop to others in between. */
  const work = (): void => {
    timer?.cancel();
    rest?.cancel();
    timer = undefined;
    turn = undefined;
    if (!live) return;
    let delayMs = AFTER_FAULT_MS;
    try {
      const now = clock.now();
      const more = pass(now);
      keepHouse(now);
      delayMs = more ? 0 : untilNext(now.wallAt);
      if (delayMs >= WORTH_PREPARING_MS) prepare(now.wallAt + delayMs);
      if (delayMs >= 2 * FIRST_REST_MS) restOnce();
    } catch (error) {
      options.onFault?.({
        code: 'TICK_FAILED',
        message: error instanceof Error ? error.message : String(error),
        hint: 'is the disk full? what was due is tried again',
      });
    }
    timer = clock.after(delayMs, work);
  };

  /** What is slow and can be done before the due second: directories, and specs read into the cache. */
  const prepare = (dueAt: number): void => {
    for (const { key, spec } of store.schedules.due(dueAt, MOST_PREPARED)) {
      makeDirectories({ key, spec }, options);
    }
  };

  const untilNext = (nowAt: number): number => {
    const wakeAt = store.nextWakeAt();
    if (wakeAt === null) return LONGEST_SLEEP_MS;
    return Math.min(LONGEST_SLEEP_MS, Math.max(0, wakeAt - nowAt));
  };

  const soon = (): void => {
    if (live) turn ??= setImmediate(work);
  };

  return {
    ...controlRuns(options, { tick, soon, launch, cursorAt: () => cursorAt }),
    tick: (now) => {
      tick(now);
      soon();
    },
    wake: soon,
    cursorAt: () => cursorAt,
    onExit: (exit) => {
      // Records are not synced to disk: after a crash of the machine a missing one proves nothing (E24).
      const unsure = exit.ended === 'never-started' && ofEarlierBoot.has(attemptName(exit));
      exits.push(unsure ? { ...exit, ended: 'lost' } : exit);
      soon();
    },
    start: async () => {
      await launcher.adopt(inherited.map(({ run, attempt }) => ({ run, attempt })));
      for (const { run, attempt, cancelled } of inherited) {
        const graceMs = store.runs.get(run)?.spec.graceMs ?? 0;
        if (cancelled) launcher.cancel({ run, attempt }, graceMs);
      }
      live = true;
      soon();
    },
    close: async () => {
      live = false;
      timer?.cancel();
      rest?.cancel();
      if (turn) clearImmediate(turn);
      const now = clock.now();
      store.transaction(() => {
        settleExits(store, exits, now.wallAt);
        store.setCursor(cursorAt);
      });
      exits = [];
    },
  };
}
