// A seeded life of an agent: time, crashes at every commit, pauses, revisions, clock steps; the console's check judges it.

import { describe, expect, it } from 'vitest';
import type { OpenedStore } from '#agent/store/open.ts';
import type { Schedule } from '#shared/schedule/schedule.ts';
import { howMany } from '#test/support/long.ts';
import {
  type Bench,
  DAY,
  every,
  HOUR,
  MINUTE,
  openBench,
  SECOND,
  schedule,
} from './scheduler-bench.ts';

const SEEDS = howMany(
  'random lives of an agent with crashes at commits and starts, twice (without and with clock steps)',
  50,
  600,
);
const STEPS = 60;

class Crash extends Error {}

/** mulberry32: a whole history from one number. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Fuse {
  /** Transactions still to live through; 0 = the next one dies. */
  left: number;
  when: 'before commit' | 'after commit';
}

/** Dies inside the transaction, or right after its commit and before its effects. */
function crashing(store: OpenedStore, fuse: Fuse): OpenedStore {
  let depth = 0;
  return {
    ...store,
    transaction: (work) => {
      if (depth > 0 || fuse.left > 0) {
        if (depth === 0) fuse.left--;
        return store.transaction(work);
      }
      fuse.left = Number.POSITIVE_INFINITY;
      if (fuse.when === 'after commit') {
        depth++;
        store.transaction(work);
        depth--;
        throw new Crash();
      }
      return store.transaction(() => {
        depth++;
        work();
        depth--;
        throw new Crash();
      });
    },
  };
}

function randomSchedule(id: string, random: () => number): Schedule {
  const pick = <T>(...choices: readonly T[]): T =>
    choices[Math.floor(random() * choices.length)] as T;
  const deadline = pick<{ startDeadlineMs?: number }>({}, { startDeadlineMs: 30 * MINUTE });
  const cron = (expression: string) => ({
    kind: 'cron' as const,
    expression,
    zone: 'Europe/Berlin',
  });
  return schedule(id, {
    trigger: pick<Schedule['trigger']>(
      ...[every('PT10S'), every('PT1M'), every('PT7M'), every('PT1H')],
      ...[cron('*/5 * * * *'), cron('0,1 * * * * *'), cron('30 1-4 * * *')],
      { kind: 'at', time: '2026-06-01T09:00:00Z' },
    ),
    catchUp: { policy: pick('none', 'latest', 'all'), limit: pick(1, 3, 20), ...deadline },
    overlap: pick('skip', 'skip', 'allow'),
    splayMs: pick(0, 0, 30 * SECOND, HOUR),
    onInterrupted: pick('fail', 'retry'),
    retry: {
      ...{ maxAttempts: pick(1, 3), initialIntervalMs: 20_000 },
      ...{ backoffCoefficient: 2, maximumIntervalMs: 5 * MINUTE },
    },
    paused: random() < 0.1,
  });
}

async function live(bench: Bench, seed: number, clockSteps: boolean): Promise<number> {
  const random = randomOf(seed);
  const between = (low: number, high: number) => Math.floor(low + random() * (high - low));
  let schedules = Array.from({ length: 4 }, (_, i) => randomSchedule(`j${i}`, random));
  let crashes = 0;
  const fuse: Fuse = { left: Number.POSITIVE_INFINITY, when: 'before commit' };
  let nonce = 0;
  const nextNonce = () => String(++nonce).padStart(32, '0');
  bench.world.behaviour = () => ({
    durationMs: random() < 0.7 ? 0 : between(1, 20 * MINUTE),
    exitCode: random() < 0.8 ? 0 : 1,
  });
  const scope = () => (random() < 0.3 ? null : `s/j${between(0, 4)}`);
  const acts: (() => void)[] = [
    () => bench.advance(between(1, 90 * SECOND)),
    () => bench.advance(between(1, 90 * SECOND)),
    () => bench.advance(between(MINUTE, 30 * MINUTE)),
    () => bench.advance(between(HOUR, 30 * HOUR)),
    () => void bench.scheduler.pause(scope(), nextNonce(), bench.world.now),
    () => void bench.scheduler.resume(scope(), nextNonce(), bench.world.now),
    () => void bench.scheduler.runNow(`s/j${between(0, 4)}`, nextNonce(), bench.world.now),
    () => {
      const run = bench.world.starts.at(-1)?.run;
      if (run) bench.scheduler.cancelRun(run, nextNonce(), bench.world.now);
    },
    () => {
      const i = between(0, 4);
      if (random() < 0.3) schedules = schedules.filter(({ id }) => id !== `j${i}`);
      else {
        const changed = randomSchedule(`j${i}`, random);
        schedules = [...schedules.filter(({ id }) => id !== changed.id), changed];
      }
      bench.install(schedules);
    },
    () => {
      fuse.left = between(0, 3);
      fuse.when = random() < 0.5 ? 'before commit' : 'after commit';
    },
    () => {
      let left = between(0, 3);
      bench.world.beforeStart = () => {
        if (left-- === 0) throw new Crash();
      };
    },
  ];
  if (clockSteps) {
    acts.push(
      () => bench.setWall(bench.world.now.wallAt - between(1, 3 * HOUR)),
      () => bench.setWall(bench.world.now.wallAt + between(1, 3 * HOUR)),
      () => {
        const home = bench.world.now.wallAt;
        bench.setWall(home + between(DAY, 60 * DAY));
        if (random() < 0.5) bench.advance(between(1, HOUR));
        bench.setWall(home + MINUTE);
      },
    );
  }
  bench.install(schedules);
  for (let step = 0; step < STEPS; step++) {
    try {
      (acts[between(0, acts.length)] as () => void)();
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      crashes++;
      bench.world.beforeStart = () => undefined;
      fuse.left = Number.POSITIVE_INFINITY;
      await bench.reopen((store) => crashing(store, fuse));
    }
  }
  bench.world.beforeStart = () => undefined;
  fuse.left = Number.POSITIVE_INFINITY;
  await bench.reopen();
  bench.install([]);
  for (let i = 0; i < 30; i++) bench.advance(HOUR);
  return crashes;
}

/** What holds whatever happened. */
function judge(bench: Bench, seed: number): void {
  const events = bench.events();
  const { findings, ...sums } = bench.check();
  expect({ seed, findings }).toEqual({ seed, findings: [] });
  expect(sums).toMatchObject({ unaccounted: 0, duplicates: 0, unexpected: 0, open: 0 });
  expect(sums.accounted).toBe(sums.expected);
  const tries = bench.world.starts.map(({ run, attempt }) => `${run} ${attempt}`);
  expect(new Set(tries).size).toBe(tries.length);
  const finished = events.flatMap((event) => (event.kind === 'run-finished' ? [event.run] : []));
  expect(new Set(finished).size).toBe(finished.length);
  const ran = bench.rows().filter(({ disposition }) => disposition === 'ran');
  for (const { run } of ran) expect(finished).toContain(run);
  const begun = new Set(events.flatMap((e) => (e.kind === 'attempt-started' ? [e.run] : [])));
  expect(begun.size).toBe(finished.length);
  for (const { run } of bench.world.starts) expect(begun.has(run)).toBe(true);
  // The store itself says what its log says.
  for (const installed of new Set(bench.rows().map(({ schedule: key }) => key))) {
    const told = bench.rows().filter(({ schedule: key }) => key === installed);
    const id = Array.from({ length: 20 }, (_, i) => i + 1).find(
      (candidate) => bench.store.schedules.keyOf(candidate) === installed,
    ) as number;
    const kept = bench.store.ledger.list(id, 0, Number.MAX_SAFE_INTEGER, 100_000);
    expect(kept.map(({ fromAt, count, disposition }) => [fromAt, count, disposition])).toEqual(
      told.map(({ from, count, disposition }) => [Date.parse(from), count, disposition]),
    );
  }
}

describe('a random life', () => {
  for (const clockSteps of [false, true]) {
    it(`${SEEDS} of them, crashes at commits and starts${clockSteps ? ' and clock steps' : ''}: every occurrence once (E3, E33, E34)`, async () => {
      let crashes = 0;
      for (let seed = 1; seed <= SEEDS; seed++) {
        const bench = openBench();
        try {
          crashes += await live(bench, seed * 7_919 + Number(clockSteps), clockSteps);
          judge(bench, seed);
        } finally {
          bench.close();
        }
      }
      expect(crashes).toBeGreaterThan(SEEDS);
    });
  }

  it('and the check would notice a row dropped, doubled or shifted', async () => {
    const bench = openBench();
    bench.install([schedule('j'), schedule('k', { trigger: every('PT10S') })]);
    bench.advance(10 * MINUTE);
    for (let i = 0; i < 10; i++) bench.advance(MINUTE);
    bench.advance(DAY);
    bench.advance(SECOND);
    const rows = bench.rows();
    expect(bench.check(rows)).toMatchObject({ unaccounted: 0, duplicates: 0, unexpected: 0 });
    expect(rows.length).toBeGreaterThan(10);
    const later = (at: string, ms: number) =>
      new Date(Date.parse(at) + ms).toISOString().replace('.000', '');
    for (const [i, row] of rows.entries()) {
      const others = rows.filter((_, j) => j !== i);
      expect(bench.check(others).unaccounted).toBe(row.count);
      expect(bench.check([...rows, row]).duplicates).toBeGreaterThan(0);
      const shifted = { ...row, from: later(row.from, 1_000), to: later(row.to, 1_000) };
      const judged = bench.check([...others, shifted]);
      expect(judged.unaccounted + judged.unexpected).toBeGreaterThan(0);
      const swollen = { ...row, count: row.count + 1 };
      expect(bench.check([...others, swollen]).unexpected).toBe(1);
    }
    bench.close();
  });
});
