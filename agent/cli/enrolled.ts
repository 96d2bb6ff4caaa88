// What every verb but enrol begins with: who this data directory is, and its keys.
import type { DataDirectory } from '#agent/config.ts';
import { type Identity, parseIdentity } from '#agent/daemon/identity.ts';
import { textFile } from '#agent/files/text-file.ts';
import { openMachineKey, openSealKey } from '#shared/node/key-file.ts';
import type { SealKey } from '#shared/node/seal.ts';
import { ok, type Result } from '#shared/result.ts';
import type { Signer } from '#shared/trust/crypto.ts';

export interface EnrolledData {
  readonly identity: Identity;
  readonly signer: Signer;
  readonly seal: SealKey;
}

/** Faults NOT_ENROLLED, IDENTITY_BROKEN. */
export const readIdentity = (data: DataDirectory): Result<Identity> =>
  parseIdentity(textFile(data.identity).read());

/** Faults NOT_ENROLLED, IDENTITY_BROKEN and those of key files. */
export function openEnrolled(data: DataDirectory): Result<EnrolledData> {
  const identity = readIdentity(data);
  if (!identity.ok) return identity;
  const signer = openMachineKey(data.signKey);
  if (!signer.ok) return signer;
  const seal = openSealKey(data.sealKey);
  if (!seal.ok) return seal;
  return ok({ identity: identity.value, signer: signer.value, seal: seal.value });
}
