// The documents of one revision of a stream: one for the audience, one for those who leave it, split where too many.
import type { PreparedDocument } from '#console/views.ts';
import { formatInstant } from '#shared/ids.ts';
import { jobCapability } from '#shared/jobs.ts';
import { sha256 } from '#shared/node/sha256.ts';
import { MAX_MESSAGE_BYTES } from '#shared/protocol/broker.ts';
import { MAX_AUDIENCE, type ScheduleDocument } from '#shared/schedule/document.ts';
import type { Schedule } from '#shared/schedule/schedule.ts';
import { payloadType } from '#shared/trust/documents.ts';
import { documentId, encodePayload } from '#shared/trust/envelope.ts';
import { summarize } from './summary.ts';

export const ACCEPT_DAYS = 365;
/** Key id, signature and the JSON around them. */
const SIGNATURE_BYTES = 160;
const FRAME_BYTES = 120;

export interface Revision {
  readonly fleet: string;
  readonly stream: string;
  readonly epoch: number;
  readonly revision: number;
  readonly previous: string | null;
  readonly minTrust: number;
  readonly nowAt: number;
  readonly personsNeeded: number;
  readonly schedules: readonly Schedule[];
  readonly audience: readonly string[];
  readonly leaving: readonly string[];
}

/** What a machine must be able to do for these schedules. */
export const capabilitiesOf = (schedules: readonly Schedule[]): readonly string[] =>
  [
    ...new Set(
      schedules.flatMap(({ job, trigger }) => [jobCapability(job), `trigger-${trigger.kind}`]),
    ),
  ].sort();

/** Payload bytes, in the order they should be signed. A machine that leaves gets an empty list at the same revision. */
export function buildDocuments(revision: Revision): readonly PreparedDocument[] {
  const { audience, leaving, schedules } = revision;
  return [
    ...chunks(audience).map((part) => prepare(revision, part, schedules)),
    ...chunks(leaving).map((part) => prepare(revision, part, [])),
  ];
}

/** Bytes of the envelope as it will be sent. */
export const sentBytes = ({ payload, personsNeeded }: PreparedDocument): number =>
  Math.ceil(Buffer.byteLength(payload) / 3) * 4 + FRAME_BYTES + personsNeeded * SIGNATURE_BYTES;

export const tooLarge = (document: PreparedDocument): boolean =>
  sentBytes(document) > MAX_MESSAGE_BYTES;

function prepare(
  revision: Revision,
  audience: readonly string[],
  schedules: readonly Schedule[],
): PreparedDocument {
  const { fleet, stream, epoch, previous, minTrust, nowAt, personsNeeded } = revision;
  const document: ScheduleDocument = {
    kind: 'schedule',
    fleet,
    stream,
    epoch,
    revision: revision.revision,
    previous,
    audience: [...audience],
    minTrust,
    issuedAt: formatInstant(nowAt),
    acceptUntil: formatInstant(nowAt + ACCEPT_DAYS * 86_400_000),
    capabilities: [...capabilitiesOf(schedules)],
    schedules: [...schedules],
  };
  return preparedOf('schedule', encodePayload<'schedule'>(document), personsNeeded);
}

/** Id and summary are made from the bytes themselves. */
export function preparedOf(
  kind: 'schedule' | 'command',
  bytes: Uint8Array,
  personsNeeded: number,
): PreparedDocument {
  return {
    kind,
    payload: Buffer.from(bytes).toString('utf8'),
    docId: documentId(payloadType(kind), bytes, sha256),
    summary: summarize(bytes),
    personsNeeded,
  };
}

function chunks(names: readonly string[]): readonly (readonly string[])[] {
  const parts: (readonly string[])[] = [];
  for (let start = 0; start < names.length; start += MAX_AUDIENCE) {
    parts.push(names.slice(start, start + MAX_AUDIENCE));
  }
  return parts;
}
