// What is about to be signed, in words, from the very bytes, on this machine: never from what the core says about them.
import { summarize } from '#console/core/planner/summary.ts';
import { err, ok, type Result } from '#shared/result.ts';
import { utf8 } from '#shared/trust/crypto.ts';
import { type PayloadKind, payloadSchemas } from '#shared/trust/documents.ts';

/** Lines for a confirmation. Fault: SCHEMA, when the bytes are not a document of this kind a person signs here. */
export function describePayload(kind: PayloadKind, payload: string): Result<readonly string[]> {
  const signedHere = kind === 'schedule' || kind === 'command';
  if (signedHere && payloadSchemas[kind].safeParse(parse(payload)).success) {
    return ok(summarize(utf8(payload)));
  }
  return err('SCHEMA', `a ${kind} document this program cannot describe; nothing was signed`);
}

function parse(payload: string): unknown {
  try {
    return JSON.parse(payload);
  } catch {
    return undefined;
  }
}
