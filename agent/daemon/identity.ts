// Who this agent is, as enrolment left it in identity.json. That file being there is what "enrolled" means.
import { z } from 'zod';
import { digestSchema, idSchema, instantSchema } from '#shared/ids.ts';
import { err, ok, type Result } from '#shared/result.ts';

const identitySchema = z.strictObject({
  version: z.literal(1),
  fleet: idSchema,
  agent: idSchema,
  /** Collector named at enrolment; the trust document in force decides once it is read. */
  collector: idSchema,
  broker: z.strictObject({ url: z.string(), ca: z.string().optional() }),
  credential: z.strictObject({ username: z.string(), password: z.string() }).nullable(),
  rootFingerprint: digestSchema,
  binding: digestSchema,
  enrolledAt: instantSchema,
});
export type Identity = z.infer<typeof identitySchema>;

/** Undefined text: not enrolled. Faults NOT_ENROLLED, IDENTITY_BROKEN. */
export function parseIdentity(text: string | undefined): Result<Identity> {
  if (text === undefined) {
    return err('NOT_ENROLLED', 'this data directory belongs to no fleet yet', {
      hint: 'get a token with `muster join-token`, then `muster-agent enrol TOKEN --name NAME`',
    });
  }
  try {
    return ok(identitySchema.parse(JSON.parse(text)));
  } catch {
    return err('IDENTITY_BROKEN', 'identity.json cannot be read', {
      hint: 'restore it from a backup, or enrol into an empty data directory',
    });
  }
}

export const formatIdentity = (identity: Identity): string =>
  `${JSON.stringify(identity, null, 1)}\n`;
