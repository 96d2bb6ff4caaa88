// Signed documents as they were verified, and which of them each machine should have.

import type { DocumentTable, Outgoing, StoredDocument } from '#console/core/ports.ts';
import type { Db } from '#shared/node/sqlite.ts';
import type { DocumentHead } from '#shared/trust/documents.ts';

interface Row {
  readonly id: number;
  readonly doc_id: string;
  readonly kind: StoredDocument['head']['kind'];
  readonly name: string;
  readonly epoch: number;
  readonly revision: number;
  readonly payload: string;
  readonly envelope: Buffer;
  readonly stored_at: number;
}

const HEAD =
  'd.kind AS kind, d.name AS name, d.doc_id AS docId, d.epoch AS epoch, d.revision AS revision';

/** Prepared statements over `documents` and `desired`. */
export function documentTable(db: Db): DocumentTable {
  return { ...stored(db), ...desired(db), ...outgoing(db) };
}

function stored(db: Db) {
  const byId = db.prepare<[number], Row>('SELECT * FROM documents WHERE id = ?');
  const byDocId = db.prepare<[string], Row>('SELECT * FROM documents WHERE doc_id = ?');
  const trust = db.prepare<[], Row>(
    `SELECT * FROM documents WHERE kind = 'trust' ORDER BY revision`,
  );
  const newest = db.prepare<
    { kind: string; name: string },
    Row
  >(`SELECT * FROM documents WHERE kind = @kind AND name = @name
    AND (epoch, revision) = (SELECT epoch, revision FROM documents WHERE kind = @kind AND name = @name
      ORDER BY epoch DESC, revision DESC LIMIT 1) ORDER BY id`);
  const latest = db
    .prepare<[string, string], number>(
      'SELECT coalesce(max(id), 0) FROM documents WHERE kind = ? AND name = ?',
    )
    .pluck();
  const streams = db
    .prepare<[], string>(
      `SELECT DISTINCT name FROM documents WHERE kind = 'schedule' ORDER BY name`,
    )
    .pluck();
  const put =
    db.prepare(`INSERT INTO documents (doc_id, kind, name, epoch, revision, payload, envelope, stored_at)
    VALUES (@docId, @kind, @name, @epoch, @revision, @payload, @envelope, @at) ON CONFLICT (doc_id) DO NOTHING`);
  return {
    byId: (id: number) => document(byId.get(id)),
    byDocId: (docId: string) => document(byDocId.get(docId)),
    trust: () => trust.all().map(parseRow),
    newest: (kind: string, name: string) => newest.all({ kind, name }).map(parseRow),
    latest: (kind: string, name: string) => latest.get(kind, name) ?? 0,
    streams: () => streams.all(),
    put: (head: StoredDocument['head'], payload: string, envelope: Uint8Array, at: number) => {
      put.run({ ...head, payload, envelope: Buffer.from(envelope), at });
      return (byDocId.get(head.docId) as Row).id;
    },
  };
}

function desired(db: Db) {
  const all = db.prepare<[number], DocumentHead>(`SELECT ${HEAD} FROM desired w JOIN documents d
    ON d.id = w.document WHERE w.agent = ? ORDER BY d.kind, d.name`);
  const one = db.prepare<[number, string, string], DocumentHead>(`SELECT ${HEAD} FROM desired w
    JOIN documents d ON d.id = w.document WHERE w.agent = ? AND w.kind = ? AND w.name = ?`);
  const by = db.prepare<
    [string, string],
    DocumentHead & { readonly agentId: number }
  >(`SELECT ${HEAD}, w.agent AS agentId FROM desired w INDEXED BY desired_by_name
    CROSS JOIN documents d ON d.id = w.document WHERE w.kind = ? AND w.name = ?`);
  const set = db.prepare(`INSERT INTO desired (agent, kind, name, document) VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET document = excluded.document, sent_at = NULL`);
  return {
    desired: (agentId: number) => all.all(agentId),
    desiredOf: (agentId: number, kind: string, name: string) => one.get(agentId, kind, name),
    desiredBy: (kind: string, name: string) => by.all(kind, name),
    setDesired: (agentId: number, kind: string, name: string, documentId: number) =>
      void set.run(agentId, kind, name, documentId),
  };
}

function outgoing(db: Db) {
  const unsent = db.prepare<
    [number],
    Outgoing
  >(`SELECT w.agent AS agentId, a.name AS agent, w.kind AS kind,
    w.name AS name, w.document AS documentId, d.envelope AS envelope FROM desired w JOIN agents a ON a.id = w.agent
    JOIN documents d ON d.id = w.document WHERE w.sent_at IS NULL LIMIT ?`);
  const unsentTrust = db.prepare<[], Row>(
    `SELECT * FROM documents WHERE kind = 'trust' AND sent_at IS NULL ORDER BY revision`,
  );
  const sent = db.prepare(
    'UPDATE desired SET sent_at = ? WHERE agent = ? AND kind = ? AND name = ? AND document = ?',
  );
  const trustSent = db.prepare('UPDATE documents SET sent_at = ? WHERE id = ?');
  const open = db
    .prepare<{ id: number }, number>(
      `SELECT (SELECT count(*) FROM desired WHERE document = @id AND sent_at IS NULL) +
        (SELECT count(*) FROM documents WHERE id = @id AND kind = 'trust' AND sent_at IS NULL)`,
    )
    .pluck();
  return {
    isSent: (documentId: number) => open.get({ id: documentId }) === 0,
    unsent: (limit: number) => unsent.all(limit),
    unsentTrust: () => unsentTrust.all().map(parseRow),
    // Only if it is still the newest: a later revision may have taken its place while it was under way.
    markSent: (item: Outgoing, at: number) =>
      void sent.run(at, item.agentId, item.kind, item.name, item.documentId),
    markTrustSent: (id: number, at: number) => void trustSent.run(at, id),
    forgetSent: () => {
      db.exec(
        `UPDATE desired SET sent_at = NULL; UPDATE documents SET sent_at = NULL WHERE kind = 'trust'`,
      );
    },
  };
}

const document = (row: Row | undefined): StoredDocument | undefined =>
  row === undefined ? undefined : parseRow(row);

const parseRow = (row: Row): StoredDocument => ({
  id: row.id,
  head: {
    kind: row.kind,
    name: row.name,
    docId: row.doc_id,
    epoch: row.epoch,
    revision: row.revision,
  },
  payload: row.payload,
  envelope: row.envelope,
  storedAt: row.stored_at,
});
