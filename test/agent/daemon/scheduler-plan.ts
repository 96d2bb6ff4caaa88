// Which trigger was in force when: from the documents a machine applied and the corrections of its clock, in log order.
import { scheduleKey } from '#shared/ids.ts';
import type { Segment } from '#shared/run/reconcile.ts';
import type { Schedule } from '#shared/schedule/schedule.ts';

/** A fact of the log that moves the boundary between plans. `cursorAt`: epoch milliseconds. */
export type PlanFact =
  | {
      readonly kind: 'applied';
      readonly stream: string;
      readonly cursorAt: number;
      /** All schedules of the document; empty = the stream has none from here on. */
      readonly schedules: readonly Pick<Schedule, 'id' | 'trigger'>[];
    }
  /** `clock` with change `cursor-pulled-back`: what lay above was planned under a wrong clock and is planned anew. */
  | { readonly kind: 'pulled-back'; readonly cursorAt: number };

interface Applied {
  readonly fromAt: number;
  readonly schedules: readonly Pick<Schedule, 'id' | 'trigger'>[];
}

/** `cursorAt`: up to where the machine has reported. Segments that hold no time are left out. */
export function planSegments(facts: readonly PlanFact[], cursorAt: number): Segment[] {
  let ended: Segment[] = [];
  const currentByStream = new Map<string, Applied>();
  const end = (stream: string, toAt: number): void => {
    const { fromAt = toAt, schedules = [] } = currentByStream.get(stream) ?? {};
    for (const { id, trigger } of schedules) {
      ended.push({ schedule: scheduleKey(stream, id), trigger, fromAt, toAt });
    }
  };
  for (const fact of facts) {
    if (fact.kind === 'applied') {
      end(fact.stream, fact.cursorAt);
      currentByStream.set(fact.stream, { fromAt: fact.cursorAt, schedules: fact.schedules });
      continue;
    }
    // From the corrected cursor on the revisions of today answer, whichever answered before.
    ended = ended.map((one) => ({ ...one, toAt: Math.min(one.toAt, fact.cursorAt) }));
    for (const [stream, applied] of currentByStream) {
      const fromAt = Math.min(applied.fromAt, fact.cursorAt);
      currentByStream.set(stream, { ...applied, fromAt });
    }
  }
  for (const stream of currentByStream.keys()) end(stream, cursorAt);
  return ended.filter(({ fromAt, toAt }) => toAt > fromAt);
}
