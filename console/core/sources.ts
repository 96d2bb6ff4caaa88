// The files that plans were made from, kept until what they planned is published, and then for good.

import type { Plan } from '#console/views.ts';
import { scheduleDocumentSchema } from '#shared/schedule/document.ts';
import { readDesiredFile } from './planner/read-file.ts';
import type { ConsoleStore } from './ports.ts';

/** Plans are looked at more often than signed: only the newest are remembered. */
const MAX_REMEMBERED = 64;

export interface SourceBook {
  readonly remember: (plan: Plan, files: Files) => void;
  /** Of documents that were just published. */
  readonly keep: (docIds: readonly string[]) => void;
}

type Files = readonly { readonly name: string; readonly text: string }[];

export function sourceBook(store: ConsoleStore): SourceBook {
  const textsByDocId = new Map<string, string>();
  return {
    remember: (plan, files) => {
      for (const [docId, text] of Object.entries(sourcesOf(plan, files))) {
        textsByDocId.delete(docId);
        textsByDocId.set(docId, text);
      }
      for (const docId of textsByDocId.keys()) {
        if (textsByDocId.size <= MAX_REMEMBERED) break;
        textsByDocId.delete(docId);
      }
    },
    keep: (docIds) => {
      for (const docId of docIds) {
        const text = textsByDocId.get(docId);
        if (text !== undefined) store.proposals.putSource(docId, text);
        textsByDocId.delete(docId);
      }
    },
  };
}

/** Text of the file behind each document that carries schedules, by document id. */
export function sourcesOf(plan: Plan, files: Files): Readonly<Record<string, string>> {
  if (plan.documents.length === 0) return {};
  const textsByStream = new Map<string, string>();
  for (const { name, text } of files) {
    const read = readDesiredFile(name, text);
    if ('stream' in read) textsByStream.set(read.stream.stream, text);
  }
  return Object.fromEntries(
    plan.documents.flatMap(({ docId, payload }): readonly (readonly [string, string])[] => {
      const parsed = scheduleDocumentSchema.safeParse(JSON.parse(payload));
      const text = parsed.success && textsByStream.get(parsed.data.stream);
      return text && parsed.data.schedules.length > 0 ? [[docId, text]] : [];
    }),
  );
}
