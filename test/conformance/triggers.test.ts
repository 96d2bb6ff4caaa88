// One suite over the list of trigger kinds: whatever the kind, the four answers speak of one sequence (T18, T21).
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Trigger } from '#shared/schedule/trigger.ts';
import { triggerSchema } from '#shared/schedule/trigger.ts';
import { compileTrigger } from '#shared/time/occurrences.ts';
import { compilersByKind } from '#shared/time/triggers.ts';
import { compiled } from '#test/shared/time/support.ts';

/** A new kind needs a line here: the compiler and the first test ask for it. */
const SAMPLES: { readonly [K in Trigger['kind']]: readonly Extract<Trigger, { kind: K }>[] } = {
  at: [
    { kind: 'at', time: '2026-03-29T02:30:00', zone: 'Europe/Berlin' },
    { kind: 'at', time: '2026-10-25T01:00:00Z' },
  ],
  every: [
    { kind: 'every', period: 'PT7M', anchor: '2026-03-28T23:59:00Z' },
    { kind: 'every', period: 'P1D', anchor: '2020-01-01T00:00:00Z' },
    { kind: 'every', period: 'PT1.25S', anchor: '2026-01-01T00:00:00.100Z' },
  ],
  cron: [
    { kind: 'cron', expression: '*/5 * * * *', zone: 'Europe/Berlin' },
    { kind: 'cron', expression: '30 1,2 * * *', zone: 'Europe/Berlin' },
    { kind: 'cron', expression: '30 23 * * *', zone: 'America/Nuuk' },
    { kind: 'cron', expression: '15 */2 * * *', zone: 'Australia/Lord_Howe' },
    { kind: 'cron', expression: '0 0 LW * *', zone: 'Pacific/Apia' },
    { kind: 'cron', expression: '0 0 29 2 *', zone: 'Asia/Kathmandu' },
    { kind: 'cron', expression: '7 7 7 * * FRI#2 2020-2030', zone: 'America/New_York' },
  ],
};
const samples: readonly Trigger[] = Object.values(SAMPLES).flat();

const START = Date.parse('2025-06-01T00:00:00Z');
const END = Date.parse('2027-06-01T00:00:00Z');
const instant = fc.integer({ min: START, max: END });

describe('the list of triggers', () => {
  it('has a sample of every kind, and documents know the same kinds', () => {
    expect(Object.keys(SAMPLES).sort()).toEqual(Object.keys(compilersByKind).sort());
    for (const sample of samples) expect(triggerSchema.parse(sample)).toEqual(sample);
  });

  it.each(samples.map((trigger) => [JSON.stringify(trigger), trigger] as const))(
    '%s',
    (_, trigger) => {
      const { next, previous, between, count } = compiled(trigger);
      fc.assert(
        fc.property(instant, fc.integer({ min: 0, max: 3 * 86_400_000 }), (afterAt, spanMs) => {
          const upToAt = afterAt + spanMs;
          const first = next(afterAt);
          const last = previous(afterAt);
          if (first) expect(first.at).toBeGreaterThan(afterAt);
          if (last) expect(last.at).toBeLessThan(afterAt);
          // Inverse: what comes before the next is at or before here, and the other way round.
          if (first) expect(previous(first.at)).toEqual(previous(afterAt + 1));
          if (last) expect(next(last.at)).toEqual(next(afterAt - 1));

          const walked = [];
          for (let one = first; one && one.at <= upToAt && walked.length < 50; one = next(one.at))
            walked.push(one);
          expect(between(afterAt, upToAt, 50)).toEqual(walked);
          for (const [index, one] of walked.entries())
            expect(one.at).toBeGreaterThan(walked[index - 1]?.at ?? afterAt);

          const all = between(afterAt, upToAt, 300_000);
          expect(count(afterAt, upToAt)).toBe(all.length);
          expect(count(afterAt, upToAt)).toBe(
            count(afterAt, afterAt + Math.floor(spanMs / 2)) +
              count(afterAt + Math.floor(spanMs / 2), upToAt),
          );
          expect(between(afterAt, upToAt, 0)).toEqual([]);
          expect(count(upToAt + 1, afterAt)).toBe(0);
        }),
        { numRuns: 40, seed: 1 },
      );
    },
  );

  it('compiling again, in any order, gives the same answers', () => {
    const answers = (trigger: Trigger) => {
      const result = compileTrigger(trigger);
      return result.ok && result.value.between(START, END, 200);
    };
    const forwards = samples.map(answers);
    const backwards = [...samples].reverse().map(answers).reverse();
    expect(backwards).toEqual(forwards);
  });

  it('more expressions and zones than are remembered change nothing', () => {
    const [first] = SAMPLES.cron;
    if (!first) throw new Error('no sample');
    const before = compiled(first).between(START, END, 100);
    for (let index = 0; index < 1_440; index += 1) {
      const expression = `${index % 60} ${Math.floor(index / 60)} * * *`;
      const at = compiled({ kind: 'cron', expression, zone: 'UTC' }).next(START - 1)?.at;
      expect(at).toBe(START + (index % 60) * 60_000 + Math.floor(index / 60) * 3_600_000);
    }
    expect(compiled(first).between(START, END, 100)).toEqual(before);
  });

  it('a second for a year is counted, not enumerated (T20)', () => {
    const from = Date.parse('2026-01-01T00:00:00Z') - 1;
    const upTo = Date.parse('2026-12-31T23:59:59Z');
    const zone = 'Europe/Berlin';
    const startedMs = performance.now();
    expect(compiled({ kind: 'cron', expression: '* * * * * *', zone }).count(from, upTo)).toBe(
      31_536_000,
    );
    expect(compiled({ kind: 'cron', expression: '* 0 * * * *', zone }).count(from, upTo)).toBe(
      525_600,
    );
    // Every hour listed is fixed-time: of 8,760 hours only the second pass of the repeated one has none.
    expect(compiled({ kind: 'cron', expression: '0 0 0-23 * * *', zone }).count(from, upTo)).toBe(
      8_759,
    );
    expect(performance.now() - startedMs).toBeLessThan(1_000);
  });

  it('questions beyond the calendar have answers (T21)', () => {
    for (const trigger of samples) {
      const { next, previous, count } = compiled(trigger);
      expect(next(Number.MAX_SAFE_INTEGER)).toBeUndefined();
      expect(previous(Number.MIN_SAFE_INTEGER)).toBeUndefined();
      expect(next(Number.NEGATIVE_INFINITY)).toBeDefined();
      expect(previous(Number.POSITIVE_INFINITY)).toBeDefined();
      expect(count(Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY)).toBe(0);
    }
  });
});
