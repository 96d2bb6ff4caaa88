// Deleting old history under a clock that may be wrong (E32, E37).
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openHistoryClock } from '#agent/daemon/history-clock.ts';
import { createHousekeeper } from '#agent/daemon/keep-house.ts';
import { type Bench, DAY, every, HOUR, MINUTE, openBench, schedule } from './scheduler-bench.ts';

let bench: Bench;
beforeEach(() => {
  bench = openBench();
});
afterEach(() => bench.close());

const FUTURE = Date.parse('2099-01-01T00:10:00Z');
const launcher = { forget: () => undefined };
const judged = () => {
  const { unaccounted, duplicates, unexpected } = bench.check();
  return { unaccounted, duplicates, unexpected };
};
const NOTHING = { unaccounted: 0, duplicates: 0, unexpected: 0 };
const startsOnce = () => {
  const runs = bench.world.starts.map(({ run }) => run);
  expect(new Set(runs).size).toBe(runs.length);
};

/** An hourly schedule that ran at the next hours under a clock that is ahead, then goes home. */
function visitAhead(): number {
  const home = bench.world.now.wallAt;
  bench.install([schedule('j', { trigger: every('PT1H') })]);
  bench.setWall(home + 3 * DAY + MINUTE);
  bench.advance(HOUR);
  bench.advance(MINUTE);
  bench.setWall(home + MINUTE);
  return home;
}

describe('history', () => {
  it('outlives a visit to 2099, so that its correction finds what it has to correct (E37)', () => {
    const home = visitAhead();
    bench.setWall(home + 2 * MINUTE);
    const keepHouse = createHousekeeper({ store: bench.store, launcher }, bench.world.now.monoMs);
    keepHouse(bench.world.now);
    bench.setWall(FUTURE);
    for (let i = 0; i < 40; i++) {
      bench.advance(2 * MINUTE);
      keepHouse(bench.world.now);
    }
    bench.setWall(home + 90 * MINUTE);
    for (let i = 0; i < 80; i++) bench.advance(HOUR);
    expect(judged()).toEqual(NOTHING);
    startsOnce();
  });

  it('that is gone all the same starts no run a second time and stops no planning (E32)', () => {
    visitAhead();
    const { store, world } = bench;
    // As a version that trusted the wall clock did: all rows go, and one run of two.
    store.transaction(() => store.pruneHistory(FUTURE, 1));
    const before = world.starts.length;
    for (let i = 0; i < 80; i++) bench.advance(HOUR);
    startsOnce();
    expect(world.starts.length).toBeGreaterThan(before);
  });
});

describe('the history clock', () => {
  const metaOf = () => {
    const values = new Map<string, string>();
    return {
      get: (name: string) => values.get(name),
      set: (name: string, value: string) => void values.set(name, value),
    };
  };
  const home = Date.parse('2026-06-01T00:00:00Z');

  it('lets go what is seven days old, on a machine that runs on', () => {
    const mayGoBefore = openHistoryClock(metaOf(), 0);
    let before = 0;
    for (let ms = 0; ms <= 30 * DAY; ms += HOUR)
      before = mayGoBefore({ wallAt: home + ms, monoMs: ms });
    expect(before).toBe(home + 23 * DAY);
  });

  it('counts time powered on, over restarts and in the future alike', () => {
    const meta = metaOf();
    for (let day = 0; day < 60; day++) {
      const mayGoBefore = openHistoryClock(meta, 5);
      for (let ms = 0; ms <= 4 * HOUR; ms += 10 * MINUTE) {
        const wallAt = day === 30 ? FUTURE + ms : home + day * DAY + ms;
        const before = mayGoBefore({ wallAt, monoMs: 5 + ms });
        expect(before).toBeLessThanOrEqual(home + Math.max(0, day - 7) * DAY + ms);
        // 7 days powered on are 42 days of 4 hours.
        if (day === 59) expect(before).toBeGreaterThan(home + 15 * DAY);
      }
    }
  });

  it('is not held up by clocks that start in 1970 at every boot', () => {
    const meta = metaOf();
    let before = 0;
    for (let day = 0; day < 20; day++) {
      const mayGoBefore = openHistoryClock(meta, 0);
      mayGoBefore({ wallAt: 1_000, monoMs: 0 });
      for (let ms = HOUR; ms < DAY; ms += HOUR) {
        before = mayGoBefore({ wallAt: home + day * DAY + ms, monoMs: ms });
      }
    }
    expect(before).toBeGreaterThan(home + 10 * DAY);
  });
});
