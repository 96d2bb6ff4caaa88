// Accepted documents and their marks; installing the schedules of one is install-schedules.ts.
import type { DocumentStore, InstalledDocument } from '#agent/ports.ts';
import type { Db } from '#shared/node/sqlite.ts';
import type { DocumentHead } from '#shared/trust/documents.ts';

type Row = {
  kind: DocumentHead['kind'];
  name: string;
  doc_id: string;
  epoch: number;
  revision: number;
  envelope: Uint8Array;
};

export function openDocumentStore(
  db: Db,
  replaceSchedules: DocumentStore['replaceSchedules'],
): DocumentStore {
  const get = db.prepare('SELECT * FROM document WHERE kind = ? AND name = ?');
  const heads = db.prepare(
    'SELECT kind, name, doc_id, epoch, revision FROM document ORDER BY kind, name',
  );
  const put = db.prepare('INSERT OR REPLACE INTO document VALUES (?, ?, ?, ?, ?, ?)');
  return {
    get: (kind, name): InstalledDocument | undefined => {
      const row = get.get(kind, name) as Row | undefined;
      return row && { head: headOf(row), envelope: row.envelope };
    },
    heads: () => (heads.all() as Row[]).map(headOf),
    put: ({ head, envelope }) => {
      put.run(head.kind, head.name, head.docId, head.epoch, head.revision, envelope);
    },
    replaceSchedules,
  };
}

const headOf = ({ kind, name, doc_id: docId, epoch, revision }: Row): DocumentHead => ({
  kind,
  name,
  docId,
  epoch,
  revision,
});
