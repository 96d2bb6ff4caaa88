// The pure parts of the engine on their own: identity, lateness, retries, clock steps, joining of rows.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clockStep, cursorIsAbsurd } from '#agent/engine/clock-rules.ts';
import { joinLike, pendingRow, skippedRow } from '#agent/engine/make-rows.ts';
import { planSchedule, type ScheduleView } from '#agent/engine/plan-schedule.ts';
import { afterAttempt, retryIntervalMs } from '#agent/engine/retry.ts';
import { commandRunId, occurrenceRunId } from '#agent/engine/run-id.ts';
import { timingOf } from '#agent/engine/timing.ts';
import type { ActiveRun } from '#agent/engine/types.ts';
import { sha256, sha256Hex } from '#shared/node/sha256.ts';
import type { Schedule } from '#shared/schedule/schedule.ts';
import { compileTrigger } from '#shared/time/occurrences.ts';

const START = Date.parse('2026-06-01T00:00:00Z');
const every = (period: string): Schedule['trigger'] => ({
  kind: 'every',
  period,
  anchor: '2026-01-01T00:00:00Z',
});
const compiled = (trigger: Schedule['trigger']) => {
  const result = compileTrigger(trigger);
  if (!result.ok) throw new Error(result.fault.message);
  return result.value;
};
const spec = (over: Partial<Schedule> = {}): Schedule => ({
  ...{ id: 'j', trigger: every('PT1M'), job: { kind: 'exec', argv: ['true'] } },
  ...{ catchUp: { policy: 'latest', limit: 5 }, overlap: 'allow', splayMs: 0, timeoutMs: 1_000 },
  retry: { maxAttempts: 3, initialIntervalMs: 100, backoffCoefficient: 2, maximumIntervalMs: 300 },
  ...{ graceMs: 0, outputCapBytes: 0, onInterrupted: 'fail', paused: false },
  ...over,
});
const run = (over: Partial<ActiveRun>): ActiveRun => ({
  ...{ run: 'r', schedule: 1, key: 's/j', specId: 1, spec: spec(), nominalAt: null, dueAt: null },
  ...{ state: 'starting', attempt: 1, lostAttempts: 0, retryAt: null, cancelledBy: null },
  ...over,
});

describe('identity and lateness', () => {
  it('runs are named by agent, schedule and instant or nonce (E1)', () => {
    const id = occurrenceRunId('a', 's/j', START, sha256);
    expect(id).toBe(sha256Hex('a|s/j|2026-06-01T00:00:00Z').slice(0, 32));
    expect(commandRunId('a', 's/j', 'n', sha256)).toBe(sha256Hex('a|s/j|command:n').slice(0, 32));
  });

  it('late is beyond a minute or the gap, whichever is less (E10)', () => {
    const of = (period: string) =>
      timingOf(compiled(every(period)), { agent: 'a', key: 's/j', splayMs: 0 }, sha256);
    expect(of('PT1H').isLate(START, START, START + 60_000)).toBe(false);
    expect(of('PT1H').isLate(START, START, START + 60_001)).toBe(true);
    expect(of('PT5S').isLate(START, START, START + 5_000)).toBe(false);
    expect(of('PT5S').isLate(START, START, START + 5_001)).toBe(true);
  });
});

describe('after an attempt', () => {
  it('backs off up to the maximum (E22)', () => {
    const { retry } = spec();
    expect([1, 2, 3, 4].map((n) => retryIntervalMs(retry, n))).toEqual([100, 200, 300, 300]);
  });

  it('ends or goes on by outcome, attempts and policy (E22, E24, E28)', () => {
    expect(afterAttempt(run({}), 'failed', 1_000)).toEqual({ kind: 'retry', at: 1_100 });
    expect(afterAttempt(run({ attempt: 2 }), 'timed-out', 0)).toEqual({ kind: 'retry', at: 200 });
    const over = { kind: 'finish', outcome: 'failed' };
    expect(afterAttempt(run({ attempt: 3 }), 'failed', 0)).toEqual(over);
    expect(afterAttempt(run({ cancelledBy: 'n' }), 'failed', 0)).toEqual(over);
    expect(afterAttempt(run({}), 'succeeded', 0).kind).toBe('finish');
    expect(afterAttempt(run({}), 'lost', 0)).toEqual({ kind: 'finish', outcome: 'lost' });
    expect(afterAttempt(run({}), 'lost', 5, true)).toEqual({ kind: 'retry', at: 5 });
    expect(afterAttempt(run({ cancelledBy: 'n' }), 'lost', 5, true).kind).toBe('finish');
    const idempotent = spec({ onInterrupted: 'retry' });
    expect(afterAttempt(run({ spec: idempotent }), 'lost', 0).kind).toBe('retry');
    const fourth = run({ spec: idempotent, attempt: 4, lostAttempts: 3 });
    expect(afterAttempt(fourth, 'lost', 0).kind).toBe('finish');
    expect(afterAttempt(fourth, 'failed', 0).kind).toBe('retry');
  });
});

describe('clocks', () => {
  it('tells a step from noise (E31) and a wrong clock from a small one (E32)', () => {
    const before = { wallAt: START, monoMs: 0 };
    expect(clockStep(undefined, before)).toBeUndefined();
    expect(clockStep(before, { wallAt: START + 64_000, monoMs: 60_000 })).toBeUndefined();
    expect(clockStep(before, { wallAt: START + 70_000, monoMs: 60_000 })).toEqual({
      change: 'forward',
      deltaMs: 10_000,
    });
    expect(clockStep(before, { wallAt: START, monoMs: 60_000 })?.change).toBe('backward');
    expect(cursorIsAbsurd(START + 86_400_000, START)).toBe(false);
    expect(cursorIsAbsurd(START + 86_400_001, START)).toBe(true);
  });
});

describe('rows', () => {
  const skip = (at: number, detail = 'x') =>
    skippedRow(pendingRow(1, at, at, null), 'overlap', detail);

  it('of like skips become one with the oldest key, others stay apart (E9)', () => {
    const joined = joinLike([skip(3), skip(2), skip(4, 'y')], 2, () => skip(1));
    expect(joined.map(({ fromAt, toAt, count }) => [fromAt, toAt, count])).toEqual([
      [1, 3, 3],
      [4, 4, 1],
    ]);
  });

  it('tile what is planned for any policy, lateness and load (E3, E4)', () => {
    const input = fc.record({
      period: fc.constantFrom('PT1S', 'PT7S', 'PT1M', 'PT1H'),
      policy: fc.constantFrom('none' as const, 'latest' as const, 'all' as const),
      limit: fc.integer({ min: 1, max: 8 }),
      startDeadlineMs: fc.constantFrom(undefined, 10_000, 3_600_000),
      overlap: fc.constantFrom('skip' as const, 'allow' as const),
      splayMs: fc.constantFrom(0, 5_000, 3_600_000),
      sleptMs: fc.integer({ min: 0, max: 400 * 86_400_000 }),
      active: fc.boolean(),
      vetoed: fc.boolean(),
    });
    fc.assert(
      fc.property(input, ({ period, policy, limit, startDeadlineMs, sleptMs, ...rest }) => {
        const trigger = compiled(every(period));
        const catchUp = { policy, limit, ...(startDeadlineMs ? { startDeadlineMs } : {}) };
        const { overlap, splayMs } = rest;
        const nextAt = trigger.next(START)?.at ?? 0;
        const view: ScheduleView = {
          schedule: {
            ...{ id: 1, key: 's/j', specId: 1, sinceAt: START, nextAt, ahead: false },
            spec: spec({ trigger: every(period), catchUp, overlap, splayMs }),
          },
          ...{ trigger, pausedBy: undefined, pending: [], pendingCount: () => 0 },
          activeRun: () => (rest.active ? 'busy' : undefined),
          ...{ rowBefore: () => undefined, keptFrom: () => undefined },
          begunAs: () => undefined,
          veto: () => (rest.vetoed ? 'POLICY_HALT' : undefined),
        };
        const nowAt = START + sleptMs;
        const plan = planSchedule(view, { nowAt, agent: 'a', sha256 });
        let at = START;
        for (const row of [...plan.rows].sort((a, b) => a.fromAt - b.fromAt)) {
          expect(row.fromAt).toBe(trigger.next(at)?.at);
          expect(row.count).toBe(trigger.count(at, row.toAt));
          at = row.toAt;
        }
        expect(plan.nextAt).toBe(trigger.next(at)?.at);
        expect(plan.nextAt ?? 0).toBeGreaterThan(nowAt);
        expect(plan.rows.length).toBeLessThanOrEqual(limit + 5);
        expect(plan.starts).toHaveLength(plan.rows.filter((row) => row.run !== null).length);
      }),
      { numRuns: 1_000 },
    );
  });
});
