// Proposals: bytes somebody should sign, signatures so far; and the files that published documents were made from.
import { z } from 'zod';
import type {
  ProposalDocument,
  ProposalSignature,
  ProposalTable,
  StoredProposal,
} from '#console/core/ports.ts';
import type { Db } from '#shared/node/sqlite.ts';

interface Row extends Omit<StoredProposal, 'createdAt' | 'closedAt' | 'sources'> {
  readonly created_at: number;
  readonly closed_at: number | null;
  readonly sources: string;
}

const sourcesSchema = z.record(z.string(), z.string());

/** Statements over `proposals`, their documents and signatures, and `sources`. */
export function proposalTable(db: Db): ProposalTable {
  const add = db.prepare(`INSERT INTO proposals (kind, title, note, created_at, sources)
    VALUES (@kind, @title, @note, @createdAt, @sources)`);
  const addDocument =
    db.prepare(`INSERT INTO proposal_documents (proposal, position, kind, doc_id, payload, persons)
    VALUES (@proposal, @position, @kind, @docId, @payload, @persons)`);
  const get = db.prepare<[number], Row>('SELECT * FROM proposals WHERE id = ?');
  const all = db.prepare<[number], Row>('SELECT * FROM proposals ORDER BY id DESC LIMIT ?');
  const open = db.prepare<[number], Row>(
    `SELECT * FROM proposals WHERE state = 'open' ORDER BY id DESC LIMIT ?`,
  );
  const documents = db.prepare<
    [number],
    ProposalDocument
  >(`SELECT kind, doc_id AS docId, payload, persons
    FROM proposal_documents WHERE proposal = ? ORDER BY position`);
  const signatures = db.prepare<
    [number],
    ProposalSignature
  >(`SELECT doc_id AS docId, key_id AS keyId, sig, at
    FROM proposal_signatures WHERE proposal = ? ORDER BY at, key_id`);
  const sign = db.prepare(`INSERT INTO proposal_signatures (proposal, doc_id, key_id, sig, at)
    VALUES (@id, @docId, @keyId, @sig, @at) ON CONFLICT DO NOTHING`);
  const close = db.prepare('UPDATE proposals SET state = ?, closed_at = ? WHERE id = ?');
  const putSource = db.prepare(
    'INSERT INTO sources (doc_id, text) VALUES (?, ?) ON CONFLICT DO NOTHING',
  );
  const source = db.prepare<[string], string>('SELECT text FROM sources WHERE doc_id = ?').pluck();
  return {
    add: (proposal, list) => {
      const { lastInsertRowid } = add.run({
        ...proposal,
        sources: JSON.stringify(proposal.sources),
      });
      const id = Number(lastInsertRowid);
      list.forEach((document, position) => {
        addDocument.run({ ...document, proposal: id, position });
      });
      return id;
    },
    get: (id) => {
      const row = get.get(id);
      return row && parseRow(row);
    },
    list: (state, limit) => (state === 'open' ? open : all).all(limit).map(parseRow),
    documents: (id) => documents.all(id),
    signatures: (id) => signatures.all(id),
    sign: (id, signature) => void sign.run({ ...signature, id }),
    close: (id, state, at) => void close.run(state, at, id),
    putSource: (docId, text) => void putSource.run(docId, text),
    source: (docId) => source.get(docId),
  };
}

const parseRow = ({ created_at, closed_at, sources, ...row }: Row): StoredProposal => ({
  ...row,
  createdAt: created_at,
  closedAt: closed_at,
  sources: sourcesSchema.parse(JSON.parse(sources)),
});
