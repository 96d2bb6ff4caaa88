// The check of the ledger against the plan: it must pass what is right and see every single fault.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatInstant } from '#shared/ids.ts';
import type { LedgerRow } from '#shared/run/ledger.ts';
import { type Reconciliation, reconcile, type Segment } from '#shared/run/reconcile.ts';
import type { Trigger } from '#shared/schedule/trigger.ts';
import { compileTrigger } from '#shared/time/occurrences.ts';

const KEY = 's/j';
const START = Date.parse('2026-03-28T00:00:00Z');
const HOUR = 3_600_000;
const hourly: Trigger = { kind: 'every', period: 'PT1H', anchor: '2026-01-01T00:00:00Z' };
const berlin: Trigger = { kind: 'cron', expression: '*/20 1-4 * * *', zone: 'Europe/Berlin' };

const segment = (fromAt: number, toAt: number, trigger: Trigger = hourly): Segment => ({
  schedule: KEY,
  trigger,
  fromAt,
  toAt,
});
const row = (
  fromAt: number,
  toAt = fromAt,
  count = 1,
  over: Partial<LedgerRow> = {},
): LedgerRow => ({
  ...{ schedule: KEY, from: formatInstant(fromAt), to: formatInstant(toAt), count },
  ...{ due: formatInstant(toAt), disposition: 'ran', reason: null, detail: null, run: null },
  ...over,
});
const hour = (n: number) => START + n * HOUR;
const faults = ({ unaccounted, duplicates, unexpected }: Reconciliation) => ({
  unaccounted,
  duplicates,
  unexpected,
});
const NONE = { unaccounted: 0, duplicates: 0, unexpected: 0 };

describe('reconcile', () => {
  it('adds up over single rows, ranges and what is still open', () => {
    const rows = [
      row(hour(1)),
      row(hour(2), hour(9), 8, { disposition: 'skipped', reason: 'paused' }),
      row(hour(10), hour(10), 1, { disposition: 'pending' }),
    ];
    const result = reconcile({ segments: [segment(hour(0), hour(10))], rows, losses: [] });
    expect(result).toMatchObject({ expected: 10, accounted: 10, open: 1, ...NONE, findings: [] });
  });

  it('names the first instant of a gap and its length', () => {
    const rows = [row(hour(1)), row(hour(5))];
    const result = reconcile({ segments: [segment(hour(0), hour(6))], rows, losses: [] });
    expect(faults(result)).toEqual({ ...NONE, unaccounted: 4 });
    expect(result.findings).toEqual([
      { kind: 'unaccounted', schedule: KEY, at: formatInstant(hour(2)), count: 3 },
      { kind: 'unaccounted', schedule: KEY, at: formatInstant(hour(6)), count: 1 },
    ]);
  });

  it('a recorded loss explains a gap, but nothing that is told', () => {
    const losses = [
      { schedule: KEY, from: formatInstant(hour(1)), to: formatInstant(hour(4)), count: 4 },
    ];
    const rows = [row(hour(3)), row(hour(6))];
    const result = reconcile({ segments: [segment(hour(0), hour(6))], rows, losses });
    expect(result).toMatchObject({ expected: 6, accounted: 2, lossRecorded: 3, unaccounted: 1 });
  });

  it('a row may reach across a revision that left the trigger alone, and not across another', () => {
    const rows = [row(hour(1), hour(8), 8)];
    const first = segment(hour(0), hour(4));
    const same = reconcile({ segments: [first, segment(hour(4), hour(8))], rows, losses: [] });
    expect(faults(same)).toEqual(NONE);
    const other = segment(hour(4), hour(8), { ...hourly, period: 'PT2H' } as Trigger);
    expect(
      faults(reconcile({ segments: [first, other], rows, losses: [] })).unexpected,
    ).toBeGreaterThan(0);
  });

  it('rows of nobody, before, between and after the plan are unexpected', () => {
    const segments = [segment(hour(0), hour(2)), segment(hour(5), hour(6))];
    const planned = [row(hour(1)), row(hour(2)), row(hour(6))];
    for (const stray of [hour(-1), hour(4), hour(9)]) {
      const result = reconcile({ segments, rows: [...planned, row(stray)], losses: [] });
      expect(faults(result)).toEqual({ ...NONE, unexpected: 1 });
    }
    const foreign = { ...row(hour(1)), schedule: 's/other' };
    expect(reconcile({ segments, rows: [...planned, foreign], losses: [] }).unexpected).toBe(1);
  });

  it('a run that a wrong clock had early is no fault (E32)', () => {
    const early = row(hour(50));
    const ahead = [{ schedule: KEY, from: early.from }];
    const rows = [row(hour(1)), early];
    const input = { rows, losses: [], ahead };
    expect(faults(reconcile({ ...input, segments: [segment(hour(0), hour(1))] }))).toEqual(NONE);
    const later = reconcile({ ...input, segments: [segment(hour(0), hour(50))] });
    expect(later).toMatchObject({ accounted: 2, unaccounted: 48, unexpected: 0 });
  });

  it('is quick where ranges are long', () => {
    const secondly: Trigger = { ...hourly, period: 'PT1S' } as Trigger;
    const year = 365 * 24 * HOUR;
    const begun = performance.now();
    const result = reconcile({
      segments: [segment(START, START + year, secondly)],
      rows: [row(START + 1_000, START + year - 5_000, 365 * 86_400 - 5)],
      losses: [],
    });
    expect(result).toMatchObject({ expected: 365 * 86_400, unaccounted: 5 });
    expect(performance.now() - begun).toBeLessThan(1_000);
  });

  it('passes every true tiling and sees every single fault in it', () => {
    const history = fc.record({
      trigger: fc.constantFrom(hourly, berlin),
      lengths: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 12 }),
      victim: fc.nat(),
      fault: fc.constantFrom('drop', 'double', 'shift', 'swell', 'shrink'),
    });
    fc.assert(
      fc.property(history, ({ trigger, lengths, victim, fault }) => {
        const rows = tiling(trigger, lengths);
        const toAt = Date.parse((rows.at(-1) as LedgerRow).to);
        const segments = [segment(START, toAt, trigger)];
        expect(faults(reconcile({ segments, rows, losses: [] }))).toEqual(NONE);
        const at = victim % rows.length;
        const judged = faults(reconcile({ segments, rows: spoil(rows, at, fault), losses: [] }));
        const total = judged.unaccounted + judged.duplicates + judged.unexpected;
        if (fault === 'drop') expect(judged).toEqual({ ...NONE, unaccounted: rows[at]?.count });
        else expect(total).toBeGreaterThan(0);
      }),
      { numRuns: 300 },
    );
  });
});

function tiling(trigger: Trigger, lengths: readonly number[]): LedgerRow[] {
  const compiled = compileTrigger(trigger);
  if (!compiled.ok) throw new Error(compiled.fault.message);
  let at = START;
  return lengths.map((count) => {
    const instants = compiled.value.between(at, Number.MAX_SAFE_INTEGER, count).map((o) => o.at);
    at = instants.at(-1) as number;
    return row(instants[0] as number, at, count);
  });
}

function spoil(rows: readonly LedgerRow[], at: number, fault: string): LedgerRow[] {
  const one = rows[at] as LedgerRow;
  const others = rows.filter((_, i) => i !== at);
  const later = (text: string) => formatInstant(Date.parse(text) + 1_000);
  switch (fault) {
    case 'drop':
      return others;
    case 'double':
      return [...rows, { ...one, count: 1, to: one.from }];
    case 'shift':
      return [...others, { ...one, from: later(one.from), to: later(one.to) }];
    case 'swell':
      return [...others, { ...one, count: one.count + 1 }];
    default:
      return [...others, { ...one, count: one.count - 1 }];
  }
}
