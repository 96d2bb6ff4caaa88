// Clocks that step, logs that fill, many schedules (E29 to E36).
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { reconcile } from '#shared/run/reconcile.ts';
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

let bench: Bench;
beforeEach(() => {
  bench = openBench();
});
afterEach(() => bench.close());

const clean = () => {
  const { unaccounted, duplicates, unexpected } = bench.check();
  return { unaccounted, duplicates, unexpected };
};
const NOTHING = { unaccounted: 0, duplicates: 0, unexpected: 0 };
const startedAt = () => bench.world.starts.map(({ env }) => env.MUSTER_NOMINAL_AT);

describe('clock steps', () => {
  it('backward: what was planned is not planned again (E29)', () => {
    bench.install([schedule('j')]);
    for (let i = 0; i < 5; i++) bench.advance(MINUTE);
    bench.setWall(bench.world.now.wallAt - 3 * MINUTE);
    for (let i = 0; i < 5; i++) bench.advance(MINUTE);
    bench.advance(SECOND);
    expect(new Set(startedAt()).size).toBe(startedAt().length);
    expect(startedAt()).toHaveLength(7);
    const clock = bench.events().find((event) => event.kind === 'clock');
    expect(clock).toMatchObject({ change: 'backward', deltaMs: -3 * MINUTE });
    expect(clean()).toEqual(NOTHING);
  });

  it('forward and sleep: what passed goes through the gates (E30)', () => {
    bench.install([schedule('j')]);
    bench.advance(MINUTE);
    bench.advance(0);
    bench.setWall(bench.world.now.wallAt + 2 * HOUR + 5 * SECOND);
    bench.advance(SECOND);
    expect(bench.rows().map(({ disposition, count }) => [disposition, count])).toEqual([
      ['ran', 1],
      ['coalesced', 119],
      ['ran', 1],
    ]);
    expect(clean()).toEqual(NOTHING);
  });

  it('a wait between attempts is as long as it was, whichever way the clock steps (E31)', () => {
    const retry = {
      maxAttempts: 2,
      initialIntervalMs: 60_000,
      backoffCoefficient: 1,
      maximumIntervalMs: 60_000,
    };
    bench.world.behaviour = ({ attempt }) => ({ durationMs: 0, exitCode: attempt === 1 ? 1 : 0 });
    bench.install([schedule('j', { trigger: every('PT6H'), retry })]);
    bench.advance(6 * HOUR);
    bench.advance(0);
    bench.setWall(bench.world.now.wallAt - 2 * HOUR);
    bench.advance(59_999);
    expect(bench.world.starts).toHaveLength(1);
    bench.advance(1);
    expect(bench.world.starts).toHaveLength(2);
  });

  it('after a restart under an earlier clock no wait is longer than its interval (E31)', async () => {
    const retry = {
      maxAttempts: 2,
      initialIntervalMs: 60_000,
      backoffCoefficient: 1,
      maximumIntervalMs: 60_000,
    };
    bench.world.behaviour = ({ attempt }) => ({ durationMs: 0, exitCode: attempt === 1 ? 1 : 0 });
    bench.install([schedule('j', { trigger: every('PT6H'), retry })]);
    bench.advance(6 * HOUR);
    bench.advance(0);
    bench.world.now = { wallAt: bench.world.now.wallAt - 10 * HOUR, monoMs: 5 };
    await bench.reopen();
    bench.advance(60_000);
    expect(bench.world.starts).toHaveLength(2);
    expect(bench.scheduler.cursorAt()).toBeGreaterThan(bench.world.now.wallAt);
  });

  it('one visit to 2099 does not silence the schedule, and nothing runs twice (E32)', () => {
    bench.install([
      schedule('j', { trigger: every('PT1H') }),
      schedule('k', { trigger: every('PT1H'), catchUp: { policy: 'none', limit: 1 } }),
    ]);
    bench.advance(HOUR);
    const home = bench.world.now.wallAt;
    bench.setWall(Date.parse('2099-01-01T00:10:00Z'));
    bench.advance(SECOND);
    expect(bench.scheduler.cursorAt()).toBeGreaterThan(home + 365 * DAY);
    bench.setWall(home + MINUTE);
    expect(bench.scheduler.cursorAt()).toBe(home + MINUTE);
    expect(clean()).toEqual(NOTHING);
    for (let i = 0; i < 5; i++) bench.advance(HOUR);
    bench.advance(SECOND);
    expect(new Set(bench.world.starts.map(({ run }) => run)).size).toBe(bench.world.starts.length);
    expect(startedAt().filter((at) => at?.startsWith('2026-06-01T06'))).toHaveLength(2);
    expect(clean()).toEqual(NOTHING);
    const pulled = bench
      .events()
      .filter((event) => event.kind === 'clock')
      .map((e) => e.change);
    expect(pulled).toContain('cursor-pulled-back');
  });

  it('what ran under a wrong clock is not run again when its time comes (E32)', () => {
    const home = bench.world.now.wallAt;
    bench.install([schedule('j', { trigger: every('PT1H'), overlap: 'allow' })]);
    bench.setWall(home + 3 * DAY + MINUTE / 2);
    bench.advance(SECOND);
    expect(startedAt()).toEqual(['2026-06-04T00:00:00Z']);
    bench.setWall(home + MINUTE);
    for (let i = 0; i < 74; i++) bench.advance(HOUR);
    bench.advance(SECOND);
    expect(startedAt().filter((at) => at === '2026-06-04T00:00:00Z')).toHaveLength(1);
    expect(startedAt()).toHaveLength(1 + 73);
    expect(clean()).toEqual(NOTHING);
  });
});

describe('bounds', () => {
  it('a full log drops the oldest entries and their occurrences are recorded as lost (E35)', () => {
    bench.close();
    bench = openBench(60_000);
    const home = bench.world.now.wallAt;
    bench.install([schedule('j'), schedule('k', { trigger: every('PT2M') })]);
    for (let i = 0; i < 300; i++) bench.advance(MINUTE);
    bench.advance(SECOND);
    const kept = bench.events();
    const losses = kept.flatMap((event) => (event.kind === 'loss' ? event.occurrences : []));
    expect(losses.length).toBeGreaterThan(0);
    const lost = losses.reduce((sum, { count }) => sum + count, 0);
    const told = bench.rows().reduce((sum, { count }) => sum + count, 0);
    expect(lost + told).toBe(450);
    const toAt = bench.scheduler.cursorAt();
    const segments = [
      { schedule: 's/j', trigger: every('PT1M'), fromAt: home, toAt },
      { schedule: 's/k', trigger: every('PT2M'), fromAt: home, toAt },
    ];
    const judged = reconcile({ segments, rows: bench.rows(), losses });
    expect(judged).toMatchObject({ expected: 450, lossRecorded: lost, ...NOTHING });
    expect(kept.reduce((sum, event) => sum + JSON.stringify(event).length, 0)).toBeLessThan(62_000);
  });

  it('a tick with nothing due over 10,000 schedules writes nothing (E36)', () => {
    bench.install(
      Array.from({ length: 10_000 }, (_, i) => schedule(`j${i}`, { trigger: every('P1D') })),
    );
    bench.advance(MINUTE);
    const { seq } = bench.store.log.head();
    const begun = performance.now();
    for (let i = 0; i < 1_000; i++) bench.advance(10);
    expect(performance.now() - begun).toBeLessThan(2_000);
    expect(bench.store.log.head().seq).toBe(seq);
    expect(bench.store.cursorAt()).toBe(bench.world.now.wallAt - 10 * SECOND);
  });

  it('more due at once than one transaction takes are planned in steps and all start, on time ones first (E20, E36)', () => {
    bench.install([
      ...Array.from({ length: 1_200 }, (_, i) => schedule(`j${i}`, { trigger: every('PT1H') })),
    ]);
    bench.advance(HOUR);
    bench.advance(SECOND);
    expect(bench.world.starts).toHaveLength(1_200);
    expect(bench.check()).toMatchObject({ expected: 1_200, accounted: 1_200, open: 0, ...NOTHING });
  });

  it('on-time runs start before caught-up ones (E20)', () => {
    bench.install([
      schedule('a', { trigger: every('PT1H', '2026-01-01T00:30:00Z') }),
      schedule('b', { trigger: every('PT1H') }),
    ]);
    bench.advance(HOUR + 10 * SECOND);
    expect(bench.world.starts.map(({ env }) => env.MUSTER_SCHEDULE)).toEqual(['s/b', 's/a']);
  });
});
