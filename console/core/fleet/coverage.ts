// How far a machine has the documents it should have. `unknown` is not `pending`: the machine has not said.
import type { AgentDetail, Coverage } from '#console/views.ts';
import type { DocumentHead, StatusDocument } from '#shared/trust/documents.ts';

/** Coverage of each desired document by the machine's last signed status; null: it never sent one. */
export function coverDocuments(
  desired: readonly DocumentHead[],
  status: StatusDocument | null,
): AgentDetail['documents'] {
  return desired.map((head) => {
    const applied =
      status?.heads.find(({ kind, name }) => kind === head.kind && name === head.name) ?? null;
    return { desired: head, applied, coverage: coverOne(head, applied, status) };
  });
}

function coverOne(
  desired: DocumentHead,
  applied: DocumentHead | null,
  status: StatusDocument | null,
): Coverage {
  if (!status) return 'unknown';
  if (applied?.docId === desired.docId) return 'applied';
  return status.refused.some(({ docId }) => docId === desired.docId) ? 'refused' : 'pending';
}

const WORST_FIRST: readonly Coverage[] = ['refused', 'pending', 'unknown', 'applied'];

/** The worst of all documents; a machine that never spoke is unknown even where nothing is asked of it. */
export function overallCoverage(
  documents: AgentDetail['documents'],
  status: StatusDocument | null,
): Coverage {
  if (!status) return 'unknown';
  return (
    WORST_FIRST.find((word) => documents.some(({ coverage }) => coverage === word)) ?? 'applied'
  );
}
