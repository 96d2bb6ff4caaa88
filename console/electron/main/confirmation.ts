// What a person is shown before signing: made from the very bytes that will be signed, never from what came with them. Pure.
import { z } from 'zod';
import type { ConfirmationView } from '#console/electron/channels.ts';
import { describePayload } from '#console/signing/describe-payload.ts';
import { idOfBytes, type ToSign } from '#console/signing/sign-documents.ts';
import { err, ok, type Result } from '#shared/result.ts';

type Shown = Pick<ConfirmationView, 'machines' | 'documents'>;

/** Only what counts machines; describePayload has parsed the whole document strictly by then. */
const reachSchema = z.object({
  audience: z.array(z.string()).optional(),
  agent: z.string().optional(),
});

/** Faults: NOTHING_TO_SIGN, DIGEST when an id is not that of its bytes, SCHEMA for what cannot be described. */
export function viewOf(documents: readonly ToSign[]): Result<Shown> {
  if (documents.length === 0) return err('NOTHING_TO_SIGN', 'this proposal has no documents');
  const machines = new Set<string>();
  const shown: Shown['documents'][number][] = [];
  for (const { kind, payload, docId } of documents) {
    const lines = describePayload(kind, payload);
    if (!lines.ok) return lines;
    const digest = idOfBytes({ kind, payload });
    if (digest !== docId) {
      return err('DIGEST', 'the core names another digest than its bytes have; nothing was signed');
    }
    const reach = reachSchema.parse(JSON.parse(payload));
    for (const name of reach.audience ?? []) machines.add(name);
    if (reach.agent !== undefined) machines.add(reach.agent);
    shown.push({ kind, digest, lines: lines.value });
  }
  return ok({ machines: machines.size, documents: shown });
}
