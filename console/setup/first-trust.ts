// The first trust document of a fleet: one root key, one person who may do everything, the console's own two keys.
import { formatInstant } from '#shared/ids.ts';
import { encodeBase64 } from '#shared/trust/base64.ts';
import type { Signer } from '#shared/trust/crypto.ts';
import type { TrustDocument } from '#shared/trust/documents.ts';
import { popBytes, ROOT_OWNER } from '#shared/trust/enrolment.ts';

export const ENROLLER = 'enroller';
const YEARS = 5;

export interface FirstTrust {
  readonly fleet: string;
  readonly person: string;
  readonly collector: string;
  readonly root: Signer;
  readonly operator: Signer;
  readonly relay: Signer;
  readonly enroller: Signer;
  /** Epoch milliseconds. */
  readonly nowAt: number;
}

/** Version 1, valid for five years. The enroller is a program: it may admit machines and nothing else. */
export function firstTrust(made: FirstTrust): TrustDocument {
  const { fleet, person, collector, nowAt } = made;
  const key = (owner: string, signer: Signer) => ({
    public: encodeBase64(signer.publicRaw),
    proof: encodeBase64(signer.sign(popBytes(fleet, owner, signer.publicRaw))),
  });
  const end = new Date(nowAt);
  end.setUTCFullYear(end.getUTCFullYear() + YEARS);
  return {
    kind: 'trust',
    fleet,
    version: 1,
    previous: null,
    issuedAt: formatInstant(nowAt),
    notAfter: formatInstant(end.getTime()),
    root: { keys: [key(ROOT_OWNER, made.root)], threshold: 1 },
    persons: [
      { id: person, type: 'person', keys: [key(person, made.operator)] },
      { id: ENROLLER, type: 'service', keys: [key(ENROLLER, made.enroller)] },
    ],
    roles: [
      {
        id: 'operator',
        may: ['schedule', 'command', 'enrol', 'approve'],
        streams: ['*'],
        labels: {},
        jobKinds: ['*'],
        runAs: ['*'],
      },
      { id: 'enroller', may: ['enrol'], streams: [], labels: {}, jobKinds: [], runAs: [] },
    ],
    grants: [
      { person, role: 'operator' },
      { person: ENROLLER, role: 'enroller' },
    ],
    thresholds: { schedule: 1, command: 1, enrol: 1, root: 1, protected: 1 },
    protectedLabels: [],
    revoked: [],
    collectors: [{ id: collector, relayKeys: [key(collector, made.relay)] }],
  };
}
