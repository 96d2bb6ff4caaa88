// Durations and sizes as people write them in files.
import { parsePeriod } from '#shared/time/triggers/every.ts';

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
const ISO_LETTER: Readonly<Record<string, string>> = { h: 'H', m: 'M', s: 'S' };
const SHORT = /^(?:\d+(?:ms|s|m|h|d|w))+$/;
const PART = /(\d+)(ms|s|m|h|d|w)/g;

/** `30s`, `5m`, `1h30m`, `1d`, or ISO 8601 (`PT5M`, weeks to seconds) → milliseconds; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0;
  if (SHORT.test(text)) {
    return [...text.matchAll(PART)].reduce(
      (sum, [, amount, unit]) => sum + Number(amount) * (UNIT_MS[unit as string] as number),
      0,
    );
  }
  if (/^P(T?0[WDHMS])$/.test(text)) return 0;
  const period = parsePeriod(text);
  return period.ok ? period.value : undefined;
}

/** `5m` → `PT5M`; ISO text stays as it was written, wrong text too: the trigger's own check explains it. */
export function toIsoPeriod(text: string): string {
  if (!SHORT.test(text) || text.includes('ms')) return text;
  const ms = parseDuration(text) as number;
  const days = Math.floor(ms / 86_400_000);
  let rest = ms % 86_400_000;
  let time = '';
  for (const unit of ['h', 'm', 's']) {
    const unitMs = UNIT_MS[unit] as number;
    const amount = Math.floor(rest / unitMs);
    rest %= unitMs;
    if (amount > 0) time += `${amount}${ISO_LETTER[unit]}`;
  }
  return `P${days > 0 ? `${days}D` : ''}${time === '' ? '' : `T${time}`}${ms === 0 ? 'T0S' : ''}`;
}

/** `64KB`, `1MB`, `4096B` (powers of 1,024) → bytes; undefined for anything else. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d{1,9})(B|KB|MB|KiB|MiB)?$/.exec(text);
  if (!match) return undefined;
  const unit = match[2] ?? 'B';
  return Number(match[1]) * (unit.startsWith('M') ? 1_048_576 : unit.startsWith('K') ? 1_024 : 1);
}
