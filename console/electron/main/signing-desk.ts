// Signing, from a proposal's name to its envelopes: fetch, describe the bytes, ask in a window of our own, sign, hand over.
import { z } from 'zod';
import type { ConfirmationView, SignAnswer } from '#console/electron/channels.ts';
import { personsWithKeys } from '#console/signing/person-keys.ts';
import { signDocuments, type ToSign } from '#console/signing/sign-documents.ts';
import { describeFault, err, ok, type Result } from '#shared/result.ts';
import type { Signer } from '#shared/trust/crypto.ts';
import { viewOf } from './confirmation.ts';
import type { CoreCaller } from './core-caller.ts';
import type { KeyLocker } from './key-locker.ts';

export interface Agreement {
  readonly person: string;
  readonly passphrase: string;
}
/** Shows the view and asks; `attempt` opens the key, and its fault is shown for another try. Undefined: not agreed. */
export type Confirm = (
  view: ConfirmationView,
  attempt: (agreement: Agreement) => Result<Signer>,
) => Promise<Signer | undefined>;

export interface SigningDesk {
  /** Faults are in the words of `message`; nothing secret is. One proposal at a time. */
  readonly sign: (proposal: string) => Promise<SignAnswer>;
}

export interface SigningContext {
  readonly home: string;
  readonly place: () => string;
  readonly core: CoreCaller;
  readonly locker: KeyLocker;
  readonly confirm: Confirm;
}

const proposalSchema = z.object({
  proposal: z.string().max(16),
  documents: z
    .array(
      z.object({
        kind: z.enum(['schedule', 'command']),
        payload: z.string().max(100_000),
        docId: z.string().max(128),
      }),
    )
    .max(2_000),
});
const signedSchema = z.object({
  state: z.string(),
  signedBy: z.array(z.string()),
  personsNeeded: z.int(),
});

export function signingDesk(context: SigningContext): SigningDesk {
  let busy = false;
  return {
    sign: async (proposal) => {
      if (busy) return { signed: false, message: 'another confirmation is open already' };
      busy = true;
      try {
        const signed = await signOne(context, proposal);
        if (signed.ok) return { signed: true, message: signed.value };
        return { signed: false, message: describeFault(signed.fault) };
      } finally {
        busy = false;
      }
    },
  };
}

async function signOne(context: SigningContext, proposal: string): Promise<Result<string>> {
  const { core, locker } = context;
  const documents = await documentsOf(core, proposal);
  if (!documents.ok) return documents;
  const shown = viewOf(documents.value);
  if (!shown.ok) return shown;
  const persons = personsWithKeys(context.home);
  if (persons.length === 0) {
    return err('KEY_NOT_FOUND', "there is no person's key on this machine", {
      hint: `sign where the key is: muster sign ${proposal}`,
    });
  }
  const place = context.place();
  const view = { proposal, place, ...shown.value, persons, unlocked: locker.unlocked() };
  const signer = await context.confirm(view, ({ person, passphrase }) =>
    locker.open(person, passphrase),
  );
  if (!signer) return err('CANCELLED', 'not confirmed; nothing was signed');
  const envelopes = signDocuments(documents.value, signer);
  if (!envelopes.ok) return envelopes;
  const taken = await core('proposals.sign', { proposal, envelopes: [...envelopes.value] });
  if (!taken.ok) return taken;
  return ok(sentenceOf(signedSchema.safeParse(taken.value).data));
}

async function documentsOf(core: CoreCaller, proposal: string): Promise<Result<readonly ToSign[]>> {
  const found = await core('proposals.show', { proposal });
  if (!found.ok) return found;
  const parsed = proposalSchema.safeParse(found.value);
  if (!parsed.success || parsed.data.proposal !== proposal) {
    return err('PROPOSAL', 'the core answered with something that is not this proposal');
  }
  return ok(parsed.data.documents);
}

function sentenceOf(signed: z.infer<typeof signedSchema> | undefined): string {
  if (!signed) return 'signed';
  const missing = signed.personsNeeded - signed.signedBy.length;
  if (missing <= 0) return 'signed; the core publishes it';
  return `signed; ${missing} more ${missing === 1 ? 'person' : 'persons'} must sign`;
}
