// What is planned now: the newest published revision of a stream.
import type { ConsoleStore } from '#console/core/ports.ts';
import { type ScheduleDocument, scheduleDocumentSchema } from '#shared/schedule/document.ts';
import type { Schedule } from '#shared/schedule/schedule.ts';

export interface CurrentStream {
  readonly epoch: number;
  /** 0: never published. */
  readonly revision: number;
  readonly docId: string | null;
  readonly schedules: readonly Schedule[];
  /** Machines that should have these schedules now; those told to drop them are not in it. */
  readonly audience: readonly string[];
}

/** Reads the verified payloads of the newest revision; its documents with no schedules are farewells. */
export function currentStream(store: ConsoleStore, stream: string): CurrentStream {
  const stored = store.documents.newest('schedule', stream);
  const documents = stored.map(({ payload }) => parseSchedule(payload));
  const [newest] = stored;
  const full = documents.filter(({ schedules }) => schedules.length > 0);
  const first = documents.findIndex(({ schedules }) => schedules.length > 0);
  return {
    epoch: newest?.head.epoch ?? 0,
    revision: newest?.head.revision ?? 0,
    docId: (stored[first] ?? newest)?.head.docId ?? null,
    schedules: full[0]?.schedules ?? [],
    audience: full.flatMap(({ audience }) => audience).sort(),
  };
}

/** A payload from the store, verified before it came there. Throws when the store was damaged. */
export const parseSchedule = (payload: string): ScheduleDocument =>
  scheduleDocumentSchema.parse(JSON.parse(payload));
