// Everything that decides why one occurrence stands as it does, gathered into one value.
import type { LedgerEntry, RunDetail } from '#console/views.ts';
import { parseInstant } from '#shared/ids.ts';
import type { PlannedTimes } from './segments.ts';

export interface Situation {
  readonly schedule: string;
  readonly agent: string;
  /** Nominal instant asked for. */
  readonly at: number;
  readonly nowAt: number;
  /** Everything nominal up to here is reported; null: nothing is. */
  readonly cursorAt: number | null;
  readonly online: boolean;
  /** The revision that answers for the instant; undefined when none does. */
  readonly segment: Pick<PlannedTimes['segments'][number], 'spec'> | undefined;
  /** When the schedule first came into force on the machine. */
  readonly firstAt: number | null;
  readonly removed: boolean;
  readonly losses: PlannedTimes['losses'];
  readonly entry: LedgerEntry | null;
  readonly run: RunDetail | null;
}

/** Which revision answers for an instant: an ended one, or the one in force for everything after the cursor. */
export function placeInstant(
  times: PlannedTimes,
  schedule: string,
  at: number,
): Pick<Situation, 'segment' | 'firstAt' | 'removed'> {
  const own = times.segments.filter((segment) => segment.schedule === schedule);
  const current = times.inForce.find((open) => open.schedule === schedule);
  const past = own.find(({ fromAt, toAt }) => at > fromAt && at <= toAt);
  const starts = [...own, ...(current ? [current] : [])].map(({ fromAt }) => fromAt);
  const segment = past ?? (current && at > current.fromAt ? current : undefined);
  const firstAt = starts.length === 0 ? null : Math.min(...starts);
  return { segment, firstAt, removed: current === undefined };
}

export const isLost = ({ losses, schedule, at }: Situation): boolean =>
  losses.some(
    (loss) =>
      loss.schedule === schedule && at >= parseInstant(loss.from) && at <= parseInstant(loss.to),
  );
