// What is planned now: the newest published revision of a stream.
import type { ConsoleStore, StoredDocument } from '#console/core/ports.ts';
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

const MAX_PARSED = 256;
// Documents never change and their id is their content, so one parse serves every store and every question.
const parsedByDocId = new Map<string, ScheduleDocument>();
const currentByStore = new WeakMap<ConsoleStore, Map<string, Known>>();

interface Known {
  readonly latest: number;
  readonly current: CurrentStream;
}

/** What is planned now; read again only when another document of the stream has come. */
export function currentStream(store: ConsoleStore, stream: string): CurrentStream {
  const known = currentByStore.get(store) ?? new Map<string, Known>();
  currentByStore.set(store, known);
  const latest = store.documents.latest('schedule', stream);
  const before = known.get(stream);
  if (before?.latest === latest) return before.current;
  const current = readCurrent(store, stream);
  // Inside a transaction it may yet be taken back, and its number be given again.
  if (store.isSettled()) known.set(stream, { latest, current });
  return current;
}

/** Reads the verified payloads of the newest revision; its documents with no schedules are farewells. */
function readCurrent(store: ConsoleStore, stream: string): CurrentStream {
  const stored = store.documents.newest('schedule', stream);
  const documents = stored.map(scheduleOf);
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

/** The same for a stored document, parsed once. */
export function scheduleOf({ head, payload }: StoredDocument): ScheduleDocument {
  const known = parsedByDocId.get(head.docId);
  if (known) return known;
  const document = parseSchedule(payload);
  const [oldest] = parsedByDocId.keys();
  if (parsedByDocId.size >= MAX_PARSED && oldest !== undefined) parsedByDocId.delete(oldest);
  parsedByDocId.set(head.docId, document);
  return document;
}

/** A payload from the store, verified before it came there. Throws when the store was damaged. */
export const parseSchedule = (payload: string): ScheduleDocument =>
  scheduleDocumentSchema.parse(JSON.parse(payload));
