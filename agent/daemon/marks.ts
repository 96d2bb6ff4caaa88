// High-water marks in two places: the store and marks.json. The higher one counts, so losing or restoring one lowers nothing.
import { z } from 'zod';
import type { AgentStore } from '#agent/ports.ts';
import { idSchema } from '#shared/ids.ts';
import { type DocumentHead, documentHeadSchema } from '#shared/trust/documents.ts';

const marksSchema = z.strictObject({
  version: z.literal(1),
  agent: idSchema,
  heads: z.array(documentHeadSchema).max(1_024),
  /** Epoch of the last connection. */
  connection: z.int().min(0),
  incarnation: z.int().min(1),
});
type MarksFile = z.infer<typeof marksSchema>;

export interface Marks {
  /** The newest head ever accepted for this name, wherever it is remembered. */
  readonly head: (kind: DocumentHead['kind'], name: string) => DocumentHead | undefined;
  /** Commits the next connection epoch to both places and returns it. Call before CONNECT. */
  readonly nextConnection: () => number;
  /** Writes marks.json from the store's heads and whatever was higher in the file. */
  readonly save: () => void;
  /** What disagreed when the marks were opened, for the log; empty when nothing did. */
  readonly suspicions: readonly string[];
  /** Incarnation that marks.json knows of, when the store forgot what the file remembers; else null. */
  readonly forgotten: number | null;
}

export interface MarksOptions {
  readonly agent: string;
  readonly store: Pick<AgentStore, 'documents' | 'meta' | 'log'>;
  readonly file: {
    readonly read: () => string | undefined;
    readonly write: (text: string) => void;
  };
}

/** Opens both places and compares them. A file ahead of the store means the store lost something: STATE_SUSPECT. */
export function openMarks({ agent, store, file }: MarksOptions): Marks {
  const read = parseMarks(file.read(), agent);
  const kept = new Map(
    (typeof read === 'object' ? read.heads : []).map((head) => [nameOf(head), head]),
  );
  const suspicions = typeof read === 'string' ? [read] : [];
  for (const head of kept.values()) {
    const stored = store.documents.get(head.kind, head.name)?.head;
    if (stored === undefined || isNewer(head, stored)) {
      suspicions.push(
        `${head.kind} ${head.name} was at ${head.epoch}.${head.revision}, the store knows ${
          stored ? `${stored.epoch}.${stored.revision}` : 'nothing'
        }`,
      );
    }
  }
  let connection = Math.max(
    typeof read === 'object' ? read.connection : 0,
    Number(store.meta.get(CONNECTION) ?? 0),
  );

  const head: Marks['head'] = (kind, name) =>
    higher(store.documents.get(kind, name)?.head, kept.get(`${kind}/${name}`));

  const save = (): void => {
    for (const stored of store.documents.heads())
      kept.set(nameOf(stored), higher(stored, kept.get(nameOf(stored))) as DocumentHead);
    const marks: MarksFile = {
      version: 1,
      agent,
      heads: [...kept.values()],
      connection,
      incarnation: store.log.head().incarnation,
    };
    file.write(`${JSON.stringify(marks, null, 1)}\n`);
  };

  const nextConnection = (): number => {
    connection++;
    store.meta.set(CONNECTION, String(connection));
    save();
    return connection;
  };

  const known = typeof read === 'object' ? read.incarnation : 0;
  const isBehind = suspicions.length > 0 || known > store.log.head().incarnation;
  return { head, nextConnection, save, suspicions, forgotten: isBehind ? known : null };
}

const CONNECTION = 'connection-epoch';
const nameOf = (head: DocumentHead): string => `${head.kind}/${head.name}`;

/** A sentence when the text is there but not ours. */
function parseMarks(text: string | undefined, agent: string): MarksFile | undefined | string {
  if (text === undefined) return undefined;
  try {
    const marks = marksSchema.parse(JSON.parse(text));
    return marks.agent === agent ? marks : `marks.json belongs to ${marks.agent}`;
  } catch {
    return 'marks.json cannot be read';
  }
}

/** True when `a` is above `b`: epoch first, then revision. */
export const isNewer = (a: DocumentHead, b: DocumentHead): boolean =>
  a.epoch > b.epoch || (a.epoch === b.epoch && a.revision > b.revision);

function higher(
  a: DocumentHead | undefined,
  b: DocumentHead | undefined,
): DocumentHead | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return isNewer(b, a) ? b : a;
}
