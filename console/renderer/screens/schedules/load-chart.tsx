// Starts over the next 24 hours: this schedule before all schedules of its file.
import { BINS, DAY_MS, type LoadSource, loadOf, sumOf } from './load-model.ts';

export interface LoadChartProps {
  readonly sources: readonly LoadSource[];
  readonly selected: string | undefined;
  readonly fromAt: number;
  readonly zone: string;
}

const HEIGHT = 84;
const STEP = 6;
const HOURS_BETWEEN_MARKS = 6;

export function LoadChart({ sources, selected, fromAt, zone }: LoadChartProps) {
  const total = sumOf(sources.map((source) => loadOf(source, fromAt)));
  const own = sources.filter(({ id }) => id === selected).map((source) => loadOf(source, fromAt));
  const mine = sumOf(own);
  const peak = Math.max(...total, 1);
  const all = total.reduce((sum, n) => sum + n, 0);
  const peakAt = fromAt + (total.indexOf(Math.max(...total)) * DAY_MS) / BINS;
  const words = `about ${number(all)} runs begin in 24 hours; most, ${number(peak)}, in the quarter from ${clock(peakAt, zone)}`;
  return (
    <figure className="load">
      <svg
        viewBox={`0 0 ${BINS * STEP} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Load: ${words}`}
      >
        {marks().map((x) => (
          <path key={x} className="load-mark" d={`M${x} 0V${HEIGHT}`} />
        ))}
        <path className="load-all" d={bars(total, peak)} />
        <path className="load-own" d={bars(mine, peak)} />
      </svg>
      <div className="load-hours" aria-hidden="true">
        {[0, 1, 2, 3, 4].map((n) => (
          <span key={n}>{clock(fromAt + n * HOURS_BETWEEN_MARKS * 3_600_000, zone)}</span>
        ))}
      </div>
      <figcaption>{words.charAt(0).toUpperCase() + words.slice(1)}.</figcaption>
    </figure>
  );
}

function bars(bins: readonly number[], peak: number): string {
  return bins
    .map((value, bin) => {
      if (value <= 0) return '';
      const height = Math.max(1.5, (value / peak) * (HEIGHT - 4));
      return `M${bin * STEP + 0.5} ${HEIGHT}v${-height}h${STEP - 1}v${height}z`;
    })
    .join('');
}

const marks = (): readonly number[] =>
  [1, 2, 3].map((n) => {
    const x = (n * HOURS_BETWEEN_MARKS * 3_600_000) / (DAY_MS / BINS);
    return x * STEP;
  });

const number = (n: number): string =>
  new Intl.NumberFormat('en', { maximumFractionDigits: n < 10 ? 1 : 0 }).format(n);

function clock(at: number, zone: string): string {
  try {
    return new Intl.DateTimeFormat('en-GB', { timeStyle: 'short', timeZone: zone }).format(at);
  } catch {
    return new Intl.DateTimeFormat('en-GB', { timeStyle: 'short', timeZone: 'UTC' }).format(at);
  }
}
