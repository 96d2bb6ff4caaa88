// Documents become envelopes here, for the CLI and the desktop alike: what is signed is exactly the bytes that were described.
import type { PreparedDocument } from '#console/views.ts';
import { sha256 } from '#shared/node/sha256.ts';
import { MAX_MESSAGE_BYTES } from '#shared/protocol/broker.ts';
import { err, ok, type Result } from '#shared/result.ts';
import { type Signer, utf8 } from '#shared/trust/crypto.ts';
import { payloadType } from '#shared/trust/documents.ts';
import { documentId, sealEnvelope } from '#shared/trust/envelope.ts';

/** What is signed: the summary that came with it is nobody's concern here. */
export type ToSign = Pick<PreparedDocument, 'kind' | 'payload' | 'docId'>;

/** The id of a document, computed from its own bytes. */
export const idOfBytes = ({ kind, payload }: Pick<ToSign, 'kind' | 'payload'>): string =>
  documentId(payloadType(kind), utf8(payload), sha256);

/** Signs each document as an envelope. Faults: DIGEST when the id is not that of the bytes, SIZE when no broker takes it. */
export function signDocuments(
  documents: readonly ToSign[],
  signer: Signer,
): Result<readonly string[]> {
  const envelopes: string[] = [];
  for (const { kind, payload, docId } of documents) {
    if (idOfBytes({ kind, payload }) !== docId) {
      return err('DIGEST', 'the document is not the one that was described; nothing was signed', {
        ids: { docId },
      });
    }
    const envelope = sealEnvelope(kind, utf8(payload), [signer]);
    if (envelope.length > MAX_MESSAGE_BYTES) {
      return err('SIZE', `a document of ${envelope.length} bytes is more than a broker takes`, {
        hint: 'split the stream into several',
        ids: { docId },
      });
    }
    envelopes.push(new TextDecoder().decode(envelope));
  }
  return ok(envelopes);
}
