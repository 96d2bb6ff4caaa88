// Reading back documents that were verified before they were stored. Their signatures are not asked again: keys may have retired since.
import type { DocumentStore } from '#agent/ports.ts';
import type { TrustCrypto } from '#shared/trust/crypto.ts';
import type { DeviceDocument } from '#shared/trust/documents.ts';
import { parsePayload, readEnvelope } from '#shared/trust/envelope.ts';
import { loadTrust, type Trust } from '#shared/trust/trust-document.ts';

/** Undefined when there is none, or what is stored is damaged: then version 1 is fetched anew, under the pinned root. */
export function readStoredTrust(documents: DocumentStore, crypto: TrustCrypto): Trust | undefined {
  const stored = documents.get('trust', 'trust');
  const loaded = stored && loadTrust(stored.envelope, crypto);
  return loaded?.ok ? loaded.value : undefined;
}

export function readStoredDevice(
  documents: DocumentStore,
  agent: string,
): DeviceDocument | undefined {
  const stored = documents.get('device', agent);
  const read = stored && readEnvelope(stored.envelope, { expectKinds: ['device'] });
  const parsed = read?.ok ? parsePayload(read.value) : undefined;
  return parsed?.ok ? parsed.value : undefined;
}

/** Key ids under a stored schedule document. */
export function storedSigners(envelope: Uint8Array): readonly string[] {
  const read = readEnvelope(envelope, { expectKinds: ['schedule'] });
  return read.ok ? read.value.signatures.map(({ keyId }) => keyId) : [];
}

/** Ids of the schedules in a stored document. */
export function storedSchedules(envelope: Uint8Array): readonly string[] {
  const read = readEnvelope(envelope, { expectKinds: ['schedule'] });
  const parsed = read.ok ? parsePayload(read.value) : undefined;
  return parsed?.ok ? parsed.value.schedules.map(({ id }) => id) : [];
}
