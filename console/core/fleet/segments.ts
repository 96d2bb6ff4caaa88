// What a machine was to do and when: from signed documents and its own document and clock events, never from its ledger.
import { parseInstant, scheduleKey } from '#shared/ids.ts';
import type { Event } from '#shared/run/event.ts';
import type { LostRange, Segment } from '#shared/run/reconcile.ts';
import type { ScheduleDocument } from '#shared/schedule/document.ts';
import type { Schedule } from '#shared/schedule/schedule.ts';

/** A schedule in force since `fromAt` (exclusive, epoch milliseconds), and the document that says so. */
export interface InForce {
  readonly schedule: string;
  readonly spec: Schedule;
  readonly fromAt: number;
  readonly revision: number;
}

export interface PlannedTimes {
  /** Ended ones, and those in force up to the cursor. */
  readonly segments: readonly (Segment & { readonly spec: Schedule })[];
  readonly inForce: readonly InForce[];
  readonly losses: readonly LostRange[];
  /** Nominal times a wrong clock had already been through when it was corrected: (fromAt, toAt]. */
  readonly ahead: readonly { readonly fromAt: number; readonly toAt: number }[];
  /** Documents the machine says it applied and this console does not have. */
  readonly unknown: readonly {
    readonly docId: string;
    readonly stream: string;
    readonly at: string;
  }[];
}

/** `events` in the order they happened; `cursorAt`: everything nominal up to it is reported. */
export function plannedTimes(
  events: readonly Event[],
  documentOf: (docId: string) => ScheduleDocument | undefined,
  cursorAt: number,
): PlannedTimes {
  let ended: (Segment & { readonly spec: Schedule })[] = [];
  let inForce = new Map<string, InForce>();
  const losses: LostRange[] = [];
  const ahead: { fromAt: number; toAt: number }[] = [];
  const unknown: { docId: string; stream: string; at: string }[] = [];
  const end = (open: InForce, toAt: number): void => {
    const { schedule, spec, fromAt } = open;
    if (toAt > fromAt) ended.push({ schedule, spec, trigger: spec.trigger, fromAt, toAt });
  };
  for (const event of events) {
    if (event.kind === 'loss') losses.push(...event.occurrences);
    if (event.kind === 'clock' && event.change === 'cursor-pulled-back') {
      const backAt = parseInstant(event.cursor);
      ahead.push({ fromAt: backAt, toAt: backAt - event.deltaMs });
      ended = ended.flatMap((segment) => {
        const toAt = Math.min(segment.toAt, backAt);
        return toAt > segment.fromAt ? [{ ...segment, toAt }] : [];
      });
      inForce = new Map(
        [...inForce].map(([key, open]) => [
          key,
          { ...open, fromAt: Math.min(open.fromAt, backAt) },
        ]),
      );
    }
    if (event.kind !== 'document-applied' || event.docKind !== 'schedule') continue;
    const at = parseInstant(event.cursor);
    for (const [key, open] of inForce) {
      if (!key.startsWith(`${event.name}/`)) continue;
      end(open, at);
      inForce.delete(key);
    }
    const document = documentOf(event.docId);
    if (!document) unknown.push({ docId: event.docId, stream: event.name, at: event.cursor });
    for (const spec of document?.schedules ?? []) {
      const schedule = scheduleKey(event.name, spec.id);
      inForce.set(schedule, { schedule, spec, fromAt: at, revision: event.revision });
    }
  }
  for (const open of inForce.values()) end(open, cursorAt);
  return { segments: ended, inForce: [...inForce.values()], losses, ahead, unknown };
}
