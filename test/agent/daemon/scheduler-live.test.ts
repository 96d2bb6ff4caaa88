// The scheduler under the machine's own clock: its timer, its sleep and its end.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { createScheduler } from '#agent/daemon/scheduler.ts';
import type { Scheduler } from '#agent/daemon/scheduler-types.ts';
import { type OpenedStore, openAgentStore } from '#agent/store/open.ts';
import { sha256 } from '#shared/node/sha256.ts';
import { systemClock } from '#shared/node/system-clock.ts';
import { ok } from '#shared/result.ts';
import { every, HOUR, schedule, World } from './scheduler-bench.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

function live(): { store: OpenedStore; scheduler: Scheduler; world: World; commits: () => number } {
  const folder = mkdtempSync(join(tmpdir(), 'muster-live-'));
  const store = openAgentStore(join(folder, 'agent.db'), { fleet: 'f', agent: 'a1' });
  const world = new World();
  let commits = 0;
  const scheduler: Scheduler = createScheduler({
    store,
    launcher: {
      ...world.launcher((exit) => scheduler.onExit(exit)),
      start: (requests) => {
        for (const { run, attempt, env } of requests) {
          world.starts.push({ run, attempt, env } as never);
          const at = Date.now();
          const end = {
            startedAt: at,
            finishedAt: at,
            exitCode: 0,
            signal: null,
            isolation: 'none',
          };
          const output = { outputBytes: 0, outputTail: '', truncated: false };
          setImmediate(() =>
            scheduler.onExit({ run, attempt, ...end, ...output, ended: 'exited' }),
          );
        }
      },
    },
    policy: { vet: () => ok(undefined) },
    clock: systemClock,
    agentId: 'a1',
    bootId: 'boot',
    runAs: 'self',
    home: '/',
    directories: { checkpoints: join(folder, 'c'), work: join(folder, 'w') },
    labels: () => ({}),
    sha256,
    onCommit: () => commits++,
  });
  closers.push(() => {
    store.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  });
  return { store, scheduler, world, commits: () => commits };
}

it('wakes for each due instant, never early, and settles what ended (E2, E5)', async () => {
  const { store, scheduler, world, commits } = live();
  await scheduler.start();
  scheduler.tick(systemClock.now());
  const head = {
    kind: 'schedule' as const,
    name: 's',
    docId: '0'.repeat(64),
    epoch: 0,
    revision: 1,
  };
  const schedules = [
    schedule('j', { trigger: every('PT1S') }),
    schedule('k', { trigger: every('P1D') }),
  ];
  store.documents.replaceSchedules('s', head, schedules, scheduler.cursorAt());
  scheduler.wake();
  await sleep(3_300);
  await scheduler.close();
  expect(world.starts.length).toBeGreaterThanOrEqual(2);
  for (const { env } of world.starts) {
    expect(Date.parse(env.MUSTER_STARTED_AT ?? '')).toBeGreaterThanOrEqual(
      Date.parse(env.MUSTER_NOMINAL_AT ?? ''),
    );
  }
  expect(scheduler.status()).toMatchObject({ running: 0, next: { schedule: 's/j' } });
  expect(commits()).toBeGreaterThanOrEqual(world.starts.length);
  const started = world.starts.length;
  await sleep(1_200);
  expect(world.starts).toHaveLength(started);
  expect(store.cursorAt()).toBe(scheduler.cursorAt());
});

it('a run by command starts at once, without a timer', async () => {
  const { store, scheduler, world } = live();
  await scheduler.start();
  const head = {
    kind: 'schedule' as const,
    name: 's',
    docId: '0'.repeat(64),
    epoch: 0,
    revision: 1,
  };
  const later = every('P1D', new Date(Date.now() + HOUR).toISOString().replace(/\.\d+/, ''));
  store.documents.replaceSchedules(
    's',
    head,
    [schedule('j', { trigger: later })],
    scheduler.cursorAt(),
  );
  expect(scheduler.runNow('s/j', 'a'.repeat(32), systemClock.now()).ok).toBe(true);
  expect(world.starts).toHaveLength(1);
  expect(world.starts[0]?.env.MUSTER_NOMINAL_AT).toBeUndefined();
  await sleep(50);
  expect(scheduler.status().running).toBe(0);
  await scheduler.close();
});
