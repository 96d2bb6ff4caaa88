// The broker credential in an enrolment answer: what is sealed, and what the seal is bound to. Both sides must say the same.
import { z } from 'zod';

/** JSON text inside the sealed credential. */
export const credentialSchema = z.strictObject({
  username: z.string().min(1).max(200),
  password: z.string().min(1).max(500),
});
export type Credential = z.infer<typeof credentialSchema>;

/** Context for sealTo and openSealed: `fleet|agent|kid|name|version`; `sealKeyId` is keyId() of the raw seal key. */
export const credentialContext = (fleet: string, agent: string, sealKeyId: string): string =>
  `${fleet}|${agent}|${sealKeyId}|broker|1`;
