// The engine through its scheduler and a real store: gates, catch-up, overlap, retries, pauses, revisions (E1 to E28).
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LedgerRow } from '#shared/run/ledger.ts';
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

const short = (row: LedgerRow) =>
  `${row.from.slice(11, 19)}${row.count > 1 ? `..${row.to.slice(11, 19)}x${row.count}` : ''} ${[row.disposition, row.reason].filter(Boolean).join('/')}`;
const ledger = () => bench.rows().map(short);
const clean = () => {
  const { unaccounted, duplicates, unexpected } = bench.check();
  return { unaccounted, duplicates, unexpected };
};
const NOTHING = { unaccounted: 0, duplicates: 0, unexpected: 0 };
const all = (limit: number, startDeadlineMs?: number) => ({
  policy: 'all' as const,
  limit,
  ...(startDeadlineMs === undefined ? {} : { startDeadlineMs }),
});

describe('on time', () => {
  it('runs each occurrence once and accounts for it (E3, E5)', () => {
    bench.install([schedule('j')]);
    for (let i = 0; i < 3; i++) bench.advance(MINUTE);
    bench.advance(SECOND);
    expect(ledger()).toEqual(['00:01:00 ran', '00:02:00 ran', '00:03:00 ran']);
    expect(bench.check()).toMatchObject({ expected: 3, accounted: 3, open: 0, ...NOTHING });
    expect(bench.world.starts.map(({ attempt }) => attempt)).toEqual([1, 1, 1]);
  });

  it('derives the run from agent, schedule and instant (E1)', () => {
    bench.install([schedule('j')]);
    bench.advance(MINUTE);
    const { createHash } = process.getBuiltinModule('node:crypto');
    const digest = createHash('sha256').update('a1|s/j|2026-06-01T00:01:00Z').digest('hex');
    expect(bench.world.starts[0]?.run).toBe(digest.slice(0, 32));
  });

  it('waits for the machine-own offset and keeps the nominal instant (E2)', () => {
    bench.install([schedule('j', { trigger: every('PT1H'), splayMs: HOUR })]);
    bench.advance(HOUR);
    expect(ledger()).toEqual(['01:00:00 pending']);
    const due = Date.parse(bench.rows()[0]?.due ?? '');
    bench.advance(due - bench.world.now.wallAt - 1);
    expect(bench.world.starts).toHaveLength(0);
    bench.advance(1);
    expect(bench.world.starts[0]?.env.MUSTER_NOMINAL_AT).toBe('2026-06-01T01:00:00Z');
    expect(clean()).toEqual(NOTHING);
  });

  it('tells the job who it is from an empty environment (E26)', () => {
    const job = { kind: 'exec' as const, argv: ['true'], env: { MUSTER_RUN_ID: 'forged', A: '1' } };
    bench.install([schedule('j', { job })]);
    bench.advance(MINUTE);
    const env = bench.world.starts[0]?.env ?? {};
    expect(env).toMatchObject({
      ...{ MUSTER_SCHEDULE: 's/j', MUSTER_ATTEMPT: '1', MUSTER_DUE_AT: '2026-06-01T00:01:00Z' },
      ...{ MUSTER_LABEL_SITE: 'north', MUSTER_LABEL_SHOP_NO: '7', A: '1', HOME: '/home/x' },
    });
    expect(env.MUSTER_RUN_ID).toBe(bench.world.starts[0]?.run);
    expect(env.MUSTER_IDEMPOTENCY_KEY).toBe(env.MUSTER_RUN_ID);
    expect(env.USER).toBeUndefined();
  });
});

describe('catch-up', () => {
  it('latest: one run stands for the missed ones (E12)', () => {
    bench.install([schedule('j')]);
    bench.advance(10 * MINUTE + 30 * SECOND);
    bench.advance(SECOND);
    // 00:10 is 30 s old: on time, so it is the survivor.
    expect(ledger()).toEqual([
      '00:01:00..00:09:00x9 coalesced/2026-06-01T00:10:00Z',
      '00:10:00 ran',
    ]);
    expect(clean()).toEqual(NOTHING);
  });

  it('latest: the newest late one runs as catch-up when none is on time (E12)', () => {
    bench.install([schedule('j', { trigger: every('PT1H') })]);
    bench.advance(4 * HOUR + 5 * MINUTE);
    bench.advance(SECOND);
    expect(ledger()).toEqual([
      '01:00:00..03:00:00x3 coalesced/2026-06-01T04:00:00Z',
      '04:00:00 ran',
    ]);
    const started = bench.events().find((event) => event.kind === 'attempt-started');
    expect(started).toMatchObject({ cause: 'catch-up' });
  });

  it('none: late ones are one skipped row (E11)', () => {
    bench.install([
      schedule('j', { trigger: every('PT1H'), catchUp: { policy: 'none', limit: 1 } }),
    ]);
    bench.advance(4 * HOUR + 5 * MINUTE);
    expect(ledger()).toEqual(['01:00:00..04:00:00x4 skipped/catch-up']);
    expect(bench.world.starts).toHaveLength(0);
  });

  it('latest: beyond the deadline the newest expires (E12, E15)', () => {
    const catchUp = { policy: 'latest' as const, limit: 1, startDeadlineMs: 2 * MINUTE };
    bench.install([schedule('j', { trigger: every('PT1H'), catchUp })]);
    bench.advance(2 * HOUR + 5 * MINUTE);
    expect(ledger()).toEqual([
      '01:00:00 coalesced/2026-06-01T02:00:00Z',
      '02:00:00 expired/deadline',
    ]);
    expect(clean()).toEqual(NOTHING);
  });

  it('all: the newest up to the limit, the older ones in one row, expired ones in one (E13, E14, E15)', () => {
    const trigger = every('PT1H');
    bench.install([schedule('j', { trigger, overlap: 'allow', catchUp: all(5, 3 * HOUR) })]);
    bench.advance(10 * HOUR + 5 * MINUTE);
    bench.advance(SECOND);
    expect(ledger()).toEqual([
      ...['01:00:00..05:00:00x5 skipped/limit', '06:00:00..07:00:00x2 expired/deadline'],
      ...['08:00:00 ran', '09:00:00 ran', '10:00:00 ran'],
    ]);
    expect(clean()).toEqual(NOTHING);
  });

  it('all with overlap skip: the backlog runs one after another (E19)', () => {
    bench.world.behaviour = () => ({ durationMs: 10 * SECOND, exitCode: 0 });
    bench.install([schedule('j', { trigger: every('PT1H'), catchUp: all(3) })]);
    bench.advance(5 * HOUR + 5 * MINUTE);
    expect(ledger().slice(1)).toEqual([
      '03:00:00 starting',
      '04:00:00 pending',
      '05:00:00 pending',
    ]);
    for (let i = 0; i < 3; i++) bench.advance(10 * SECOND);
    expect(ledger()).toEqual([
      ...['01:00:00..02:00:00x2 skipped/limit', '03:00:00 ran', '04:00:00 ran', '05:00:00 ran'],
    ]);
    expect(bench.world.starts).toHaveLength(3);
    expect(clean()).toEqual(NOTHING);
  });

  it('all: old backlog gives way to new beyond the limit (E13)', () => {
    bench.world.behaviour = () => ({ durationMs: DAY, exitCode: 0 });
    bench.install([schedule('j', { trigger: every('PT1H'), catchUp: all(3) })]);
    bench.advance(5 * HOUR + 5 * MINUTE);
    bench.advance(2 * HOUR);
    expect(ledger().slice(1)).toEqual([
      ...['03:00:00 starting', '04:00:00 skipped/limit', '05:00:00 pending'],
      ...['06:00:00 pending', '07:00:00 pending'],
    ]);
    expect(clean()).toEqual(NOTHING);
  });

  it('a year of a one-second schedule is as cheap as a minute of it (E4)', () => {
    bench.install([schedule('j', { trigger: every('PT1S') })]);
    const begun = performance.now();
    bench.advance(365 * DAY);
    expect(performance.now() - begun).toBeLessThan(2_000);
    expect(bench.rows().reduce((sum, row) => sum + row.count, 0)).toBe(365 * 86_400);
    expect(bench.rows().length).toBeLessThan(5);
    expect(clean()).toEqual(NOTHING);
  });
});

describe('overlap, veto and pause', () => {
  it('skip names the run in the way; allow does not ask (E16, E17)', () => {
    bench.world.behaviour = () => ({ durationMs: 150 * SECOND, exitCode: 0 });
    bench.install([schedule('j'), schedule('k', { overlap: 'allow' })]);
    for (let i = 0; i < 3; i++) bench.advance(MINUTE);
    const rows = bench.rows().filter((row) => row.schedule === 's/j');
    expect(rows.map(short)).toEqual(['00:01:00 starting', '00:02:00..00:03:00x2 skipped/overlap']);
    expect(rows[1]?.detail).toBe(rows[0]?.run);
    expect(bench.rows().filter((row) => row.schedule === 's/k' && row.run !== null)).toHaveLength(
      3,
    );
    expect(clean()).toEqual(NOTHING);
  });

  it('the local policy is asked last and its code is kept (E18)', () => {
    bench.install([schedule('j')]);
    bench.veto = 'POLICY_HALT';
    bench.advance(MINUTE);
    bench.advance(MINUTE);
    expect(bench.rows()).toMatchObject([{ count: 2, reason: 'vetoed', detail: 'POLICY_HALT' }]);
    expect(bench.world.starts).toHaveLength(0);
  });

  it('a paused schedule grows one row; a resumed one goes on (E8, E9)', () => {
    bench.install([schedule('j')]);
    const nonce = 'c'.repeat(32);
    expect(bench.scheduler.pause('s/j', nonce, bench.world.now).ok).toBe(true);
    for (let i = 0; i < 4; i++) bench.advance(MINUTE);
    bench.scheduler.resume('s/j', nonce, bench.world.now);
    bench.advance(MINUTE);
    bench.advance(SECOND);
    expect(ledger()).toEqual(['00:01:00..00:04:00x4 skipped/paused', '00:05:00 ran']);
    expect(bench.rows()[0]?.detail).toBe(nonce);
    expect(clean()).toEqual(NOTHING);
  });

  it('a pause of the whole machine and one by document hold too (E8)', () => {
    bench.install([schedule('j'), schedule('k', { paused: true })]);
    bench.scheduler.pause(null, 'c'.repeat(32), bench.world.now);
    bench.advance(MINUTE);
    bench.scheduler.resume(null, 'd'.repeat(32), bench.world.now);
    bench.advance(MINUTE);
    expect(bench.world.starts.map(({ env }) => env.MUSTER_SCHEDULE)).toEqual(['s/j']);
    expect(bench.scheduler.resume('s/k', 'e'.repeat(32), bench.world.now)).toMatchObject({
      fault: { code: 'PAUSED_BY_DOCUMENT' },
    });
    expect(bench.scheduler.pause('s/none', 'e'.repeat(32), bench.world.now)).toMatchObject({
      fault: { code: 'SCHEDULE_UNKNOWN' },
    });
    expect(clean()).toEqual(NOTHING);
  });
});

describe('retries and commands', () => {
  const retry = {
    maxAttempts: 3,
    initialIntervalMs: 1_000,
    backoffCoefficient: 2,
    maximumIntervalMs: 60_000,
  };

  it('tries again after each interval, under one run and one key (E22)', () => {
    bench.world.behaviour = ({ attempt }) => ({ durationMs: 0, exitCode: attempt < 3 ? 1 : 0 });
    bench.install([schedule('j', { trigger: every('PT1H'), retry })]);
    bench.advance(HOUR);
    bench.advance(0);
    bench.advance(999);
    expect(bench.world.starts).toHaveLength(1);
    bench.advance(1);
    bench.advance(0);
    bench.advance(1_999);
    expect(bench.world.starts).toHaveLength(2);
    bench.advance(1);
    bench.advance(0);
    expect(new Set(bench.world.starts.map(({ env }) => env.MUSTER_IDEMPOTENCY_KEY)).size).toBe(1);
    const finished = bench.events().filter((event) => event.kind === 'run-finished');
    expect(finished).toMatchObject([{ outcome: 'succeeded', attempts: 3 }]);
    expect(ledger()).toEqual(['01:00:00 ran']);
  });

  it('a retry in waiting survives a restart and blocks overlap (E16, E23)', async () => {
    bench.world.behaviour = ({ attempt }) => ({ durationMs: 0, exitCode: attempt === 1 ? 1 : 0 });
    const slow = { ...retry, initialIntervalMs: 90_000, maximumIntervalMs: 90_000 };
    bench.install([schedule('j', { retry: slow })]);
    bench.advance(MINUTE);
    bench.advance(SECOND);
    await bench.reopen();
    bench.advance(MINUTE);
    expect(ledger()).toEqual(['00:01:00 starting', '00:02:00 skipped/overlap']);
    bench.advance(30 * SECOND);
    bench.advance(SECOND);
    expect(ledger()[0]).toBe('00:01:00 ran');
    expect(clean()).toEqual(NOTHING);
  });

  it('what a crash interrupted is lost, or tried again when declared idempotent (E24, E25)', async () => {
    const hourly = { trigger: every('PT1H') };
    bench.install([schedule('j', hourly), schedule('k', { ...hourly, onInterrupted: 'retry' })]);
    bench.world.beforeStart = () => {
      throw new Error('power cut');
    };
    expect(() => bench.advance(HOUR)).toThrow('power cut');
    bench.world.beforeStart = () => undefined;
    await bench.reopen();
    bench.advance(SECOND);
    bench.advance(SECOND);
    const finished = bench.events().filter((event) => event.kind === 'run-finished');
    expect(finished).toMatchObject([
      { schedule: 's/j', outcome: 'lost', attempts: 1 },
      { schedule: 's/k', outcome: 'succeeded', attempts: 2 },
    ]);
    expect(bench.world.starts.map(({ env }) => env.MUSTER_SCHEDULE)).toEqual(['s/k']);
    expect(clean()).toEqual(NOTHING);
  });

  it.each([
    ['the same boot is begun anew at once', 'boot-1', ['lost', 'succeeded'], 'succeeded'],
    ['an earlier boot may have run: it is lost', 'boot-2', ['lost'], 'lost'],
  ])('what the launcher never got in %s (E24)', async (_, bootId, attempts, outcome) => {
    bench.install([schedule('j', { trigger: every('PT1H') })]);
    bench.world.beforeStart = () => {
      throw new Error('killed');
    };
    expect(() => bench.advance(HOUR)).toThrow('killed');
    bench.world.beforeStart = () => undefined;
    bench.world.absent = 'never-started';
    bench.world.bootId = bootId;
    await bench.reopen();
    bench.advance(SECOND);
    bench.advance(SECOND);
    const outcomes = bench.events().flatMap((event) => {
      return event.kind === 'attempt-finished' ? [event.outcome] : [];
    });
    expect(outcomes).toEqual(attempts);
    expect(bench.events().at(-1)).toMatchObject({ kind: 'ledger' });
    const finished = bench.events().find((event) => event.kind === 'run-finished');
    expect(finished).toMatchObject({ outcome, attempts: attempts.length });
    expect(clean()).toEqual(NOTHING);
  });

  it('a run by command has no row, one per nonce, and minds overlap (E27)', () => {
    bench.world.behaviour = () => ({ durationMs: 30 * SECOND, exitCode: 0 });
    bench.install([schedule('j', { trigger: every('PT1H') })]);
    const { now } = bench.world;
    const first = bench.scheduler.runNow('s/j', 'a'.repeat(32), now);
    expect(bench.scheduler.runNow('s/j', 'a'.repeat(32), now)).toEqual(first);
    expect(bench.scheduler.runNow('s/j', 'b'.repeat(32), now)).toMatchObject({
      fault: { code: 'OVERLAP' },
    });
    expect(bench.scheduler.status().running).toBe(1);
    bench.advance(30 * SECOND);
    expect(bench.rows()).toEqual([]);
    expect(bench.world.starts).toHaveLength(1);
    const kinds = bench.events().map(({ kind }) => kind);
    expect(kinds.slice(-3)).toEqual(['attempt-started', 'attempt-finished', 'run-finished']);
  });

  it('cancel ends a running run and one between attempts (E28)', () => {
    bench.world.behaviour = ({ env }) =>
      env.MUSTER_SCHEDULE === 's/j'
        ? { durationMs: DAY, exitCode: 0 }
        : { durationMs: 0, exitCode: 1 };
    bench.install([
      schedule('j', { trigger: every('PT1H') }),
      schedule('k', { trigger: every('PT1H'), retry: { ...retry, initialIntervalMs: 50_000 } }),
    ]);
    bench.advance(HOUR);
    bench.advance(SECOND);
    for (const { run } of bench.world.starts) {
      expect(bench.scheduler.cancelRun(run, 'f'.repeat(32), bench.world.now).ok).toBe(true);
    }
    bench.advance(SECOND);
    const finished = bench.events().filter((event) => event.kind === 'run-finished');
    expect(finished.map(({ outcome }) => outcome)).toEqual(['cancelled', 'cancelled']);
    expect(ledger()).toEqual(['01:00:00 ran', '01:00:00 ran']);
    expect(bench.scheduler.status().running).toBe(0);
  });
});

describe('revisions', () => {
  it('what did not change goes on; what did supersedes its pending rows (E6, E7)', () => {
    const waiting = { trigger: every('PT1H'), splayMs: HOUR };
    bench.install([schedule('j', waiting), schedule('k', waiting)]);
    bench.advance(HOUR);
    bench.install([schedule('j', waiting), schedule('k', { ...waiting, timeoutMs: 5_000 })]);
    const after = new Map(bench.rows().map((row) => [row.schedule, short(row)]));
    expect(after.get('s/j')).toBe('01:00:00 pending');
    expect(after.get('s/k')).toBe('01:00:00 superseded/revision');
    bench.install([]);
    expect(ledger()).toEqual(Array(2).fill('01:00:00 superseded/revision'));
    bench.advance(5 * HOUR);
    expect(bench.rows()).toHaveLength(2);
    expect(bench.world.starts).toHaveLength(0);
    expect(clean()).toEqual(NOTHING);
    bench.install([schedule('k', { trigger: every('PT1H') })]);
    bench.advance(HOUR);
    bench.advance(0);
    expect(ledger().at(-1)).toBe('07:00:00 ran');
    expect(clean()).toEqual(NOTHING);
  });

  it('a running run keeps the spec it began with, also for its retries (E7)', () => {
    const retry = {
      maxAttempts: 2,
      initialIntervalMs: 1_000,
      backoffCoefficient: 1,
      maximumIntervalMs: 1_000,
    };
    bench.world.behaviour = () => ({ durationMs: 30 * SECOND, exitCode: 1 });
    bench.install([schedule('j', { trigger: every('PT1H'), retry, timeoutMs: 111_000 })]);
    bench.advance(HOUR);
    bench.install([schedule('j', { trigger: every('PT2H'), timeoutMs: 222_000 })]);
    bench.advance(30 * SECOND);
    bench.advance(SECOND);
    expect(bench.world.starts.map(({ timeoutMs }) => timeoutMs)).toEqual([111_000, 111_000]);
    expect(clean()).toEqual(NOTHING);
  });
});
