// Trigger `every`: a grid of elapsed time, pure arithmetic (T4 to T6).
import { parseInstant } from '#shared/ids.ts';
import { err, ok, type Result } from '#shared/result.ts';
import type { EveryTrigger } from '#shared/schedule/trigger.ts';
import { LAST_AT } from '#shared/time/zone.ts';
import type { CompiledTrigger, Occurrence } from './kind.ts';

const UNITS_MS = [604_800_000, 86_400_000, 3_600_000, 60_000, 1_000];
const MIN_PERIOD_MS = 1_000;
const MAX_PERIOD_MS = 100 * 366 * 86_400_000;
const PERIOD =
  /^P(?=\d|T)(?:(\d+)W)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:[.,]\d{1,3})?)S)?)?$/;

/** An ISO 8601 duration of weeks, days, hours, minutes and seconds in milliseconds; a day is 24 hours (T5). */
export function parsePeriod(period: string): Result<number> {
  const refuse = (reason: string, hint: string): Result<never> =>
    err('PERIOD_INVALID', `period '${period}' ${reason}`, { hint });
  const match = PERIOD.exec(period);
  if (!match) {
    if (/^P\d*[YM]|^P[^T]*\d[YM]/.test(period))
      return refuse(
        'has years or months, which have no fixed length',
        'use days, or a cron trigger',
      );
    return refuse('is not an ISO 8601 duration', 'write it like PT15M, PT1H30M, P1D or P2W');
  }
  const periodMs = UNITS_MS.reduce((sum, unitMs, index) => {
    const amount = Number((match[index + 1] ?? '0').replace(',', '.'));
    return sum + Math.round(amount * unitMs);
  }, 0);
  if (periodMs < MIN_PERIOD_MS) return refuse('is shorter than one second', 'use PT1S or more');
  if (periodMs > MAX_PERIOD_MS) return refuse('is longer than a century', 'use a shorter period');
  return ok(periodMs);
}

/** `PERIOD_INVALID` for a bad period, `TIME_INVALID` for a bad anchor. */
export function compileEvery(trigger: EveryTrigger): Result<CompiledTrigger> {
  const period = parsePeriod(trigger.period);
  if (!period.ok) return period;
  const anchorAt = parseInstant(trigger.anchor);
  if (!Number.isFinite(anchorAt))
    return err('TIME_INVALID', `anchor '${trigger.anchor}' is not an instant`, {
      hint: 'write it like 2026-01-01T00:00:00Z',
    });
  return ok(grid(anchorAt, period.value));
}

function grid(anchorAt: number, periodMs: number): CompiledTrigger {
  const lastIndex = Math.floor((LAST_AT - anchorAt) / periodMs);
  const occurrence = (index: number): Occurrence | undefined =>
    index < 0 || index > lastIndex ? undefined : { at: anchorAt + index * periodMs };
  const indexAtOrBefore = (at: number): number =>
    Math.min(Math.max(Math.floor((at - anchorAt) / periodMs), -1), lastIndex);
  return {
    next: (afterAt) => occurrence(indexAtOrBefore(afterAt) + 1),
    previous: (beforeAt) =>
      occurrence(Math.min(Math.ceil((beforeAt - anchorAt) / periodMs) - 1, lastIndex)),
    between: (afterAt, upToAt, limit) => {
      const first = indexAtOrBefore(afterAt) + 1;
      const length = Math.min(indexAtOrBefore(upToAt) + 1 - first, Math.floor(limit));
      return Array.from({ length: Math.max(0, length) }, (_, index) => ({
        at: anchorAt + (first + index) * periodMs,
      }));
    },
    count: (afterAt, upToAt) => Math.max(0, indexAtOrBefore(upToAt) - indexAtOrBefore(afterAt)),
  };
}
