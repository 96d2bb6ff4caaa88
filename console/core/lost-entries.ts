// What times entries tell of: those lost because this console was set back, and the newest.
import { formatInstant, parseInstant } from '#shared/ids.ts';
import type { Event } from '#shared/run/event.ts';
import type { LostRange, Segment } from '#shared/run/reconcile.ts';
import { readEntry } from './collector/ingest.ts';
import type { ConsoleStore, LossRecord } from './ports.ts';

/** A row may be written this much after its instant by a machine that is awake. */
const MARGIN_MS = 60_000;

/**
 * Ranges of times, for every schedule planned in them, whose account may stand in entries that are lost here although the
 * machine never dropped them unread: it had a receipt, and this console's older state does not know of it. What the
 * machine itself dropped is told exactly by its own `loss` entries (E35) and not repeated here.
 */
export function unexplainedLosses(
  store: ConsoleStore,
  agentId: number,
  events: readonly Event[],
  segments: readonly Segment[],
): readonly LostRange[] {
  const own = events
    .filter((event) => event.kind === 'loss')
    .filter(({ what }) => what === 'events');
  return store.log
    .losses(agentId)
    .filter((loss) => !isCovered(loss, own))
    .flatMap((loss) => {
      const fromAt = (writtenAt(store, agentId, loss, loss.from - 1) ?? 0) - MARGIN_MS;
      const toAt = writtenAt(store, agentId, loss, loss.to + 1);
      if (toAt === undefined) return [];
      const [from, to] = [Math.max(0, fromAt), toAt].map(formatInstant) as [string, string];
      const planned = segments.filter((segment) => segment.fromAt < toAt && segment.toAt > fromAt);
      const schedules = new Set(planned.map(({ schedule }) => schedule));
      return [...schedules].map((schedule) => ({ schedule, from, to, count: 1 }));
    });
}

/** When the newest entry was written, by the machine's clock; 0 = none. */
export function newestWrittenAt(store: ConsoleStore, agentId: number): number {
  const head = store.log.head(agentId);
  return (head && writtenAt(store, agentId, head, head.seq)) ?? 0;
}

/** True when the machine's own records name every entry of the range. */
function isCovered(
  { from, to }: LossRecord,
  own: readonly { readonly from: number; readonly to: number }[],
): boolean {
  let next = from;
  for (const range of [...own].sort((a, b) => a.from - b.from)) {
    if (range.from <= next) next = Math.max(next, range.to + 1);
  }
  return next > to;
}

/** When an entry was written, by the machine's clock; undefined when it is not here. */
function writtenAt(
  store: ConsoleStore,
  agentId: number,
  { incarnation }: Pick<LossRecord, 'incarnation'>,
  seq: number,
): number | undefined {
  const body = store.log.event(agentId, incarnation, seq);
  const event = body === undefined ? undefined : readEntry(body);
  return event && parseInstant(event.at);
}
