// `muster sign P-17`: shows what the proposed bytes say, as read on this machine, asks, signs, and publishes once enough signed.
import type { Command } from 'commander';
import { z } from 'zod';
import type { CoreLink } from '#console/server/client.ts';
import { describePayload } from '#console/signing/describe-payload.ts';
import { signDocuments } from '#console/signing/sign-documents.ts';
import type { ProposalDetail, ProposalSigned } from '#console/views/planning.ts';
import { sha256 } from '#shared/node/sha256.ts';
import { err, ok, type Result } from '#shared/result.ts';
import { utf8 } from '#shared/trust/crypto.ts';
import { payloadType } from '#shared/trust/documents.ts';
import { documentId } from '#shared/trust/envelope.ts';
import { withCore } from './connect.ts';
import { inert } from './inert.ts';
import { printNote } from './output.ts';
import { canAsk, confirm } from './prompt.ts';
import { signerOptions, unlockSigner, withSignerOptions } from './signing.ts';
import { type Answer, act, verbCommand } from './verb.ts';

/** Envelopes are at most 60 KB: so many fit one request to the core. */
const ENVELOPES_PER_CALL = 400;

const optionsSchema = z.object({ ...signerOptions, yes: z.boolean().default(false) });

/** Faults: CONFIRM, CANCELLED, DIGEST, those of signing and of proposals.sign. */
export function signCommand(): Command {
  const command = withSignerOptions(
    verbCommand('sign', 'Sign a proposal, after reading what it says.', [
      'sign P-17',
      'sign P-17 --person olga',
      'sign P-17 --yes --passphrase-file /run/secrets/passphrase',
    ])
      .argument('<proposal>', 'as `muster proposals` lists it')
      .option('-y, --yes', 'sign without asking'),
  );
  return act(command, optionsSchema, ({ home, json }, options, [proposal = '']) =>
    withCore(home, async (core): Promise<Result<Answer>> => {
      const found = await core.call('proposals.show', { proposal });
      if (!found.ok) return found;
      const open = checkOpen(found.value);
      if (!open.ok) return open;
      const described = describe(found.value);
      if (!described.ok) return described;
      if (!json) for (const line of described.value) printNote(line);
      const agreed = await agree(options.yes);
      if (!agreed.ok) return agreed;
      const signer = await unlockSigner(home, options);
      if (!signer.ok) return signer;
      const envelopes = signDocuments(found.value.documents, signer.value);
      if (!envelopes.ok) return envelopes;
      const signed = await hand(core, proposal, envelopes.value);
      return signed.ok ? ok(answerOf(core, signed.value)) : signed;
    }),
  );
}

/** A command for a live machine may be `outdated` by the second: the core says so again when it is signed. */
function checkOpen({ proposal, state }: ProposalDetail): Result<void> {
  if (state === 'open') return ok(undefined);
  const code = state === 'outdated' ? 'PROPOSAL_OUTDATED' : 'PROPOSAL_CLOSED';
  return err(code, `${proposal} is ${state}`, { hint: 'propose it again if it is still wanted' });
}

/** From the bytes, read here: what the core says of them does not count. */
function describe({
  proposal,
  note,
  documents,
  personsNeeded,
  signedBy,
}: ProposalDetail): Result<readonly string[]> {
  const lines = [`${proposal} asks you to sign:`];
  for (const { kind, payload } of documents) {
    const described = describePayload(kind, payload);
    if (!described.ok) return described;
    const digest = documentId(payloadType(kind), utf8(payload), sha256);
    lines.push('', ...described.value, `digest ${digest}`);
  }
  lines.push('');
  if (note !== null) lines.push(`Who proposed it says: ${inert(note)}`);
  if (personsNeeded > 1) {
    const who = signedBy.length === 0 ? 'nobody yet' : signedBy.map(inert).join(', ');
    lines.push(`${personsNeeded} persons are needed; signed by ${who}.`);
  }
  return ok(lines);
}

/** In parts that fit one request each; the core publishes with the last. */
async function hand(
  core: CoreLink,
  proposal: string,
  envelopes: readonly string[],
): Promise<Result<ProposalSigned>> {
  for (let at = 0; ; at += ENVELOPES_PER_CALL) {
    const part = envelopes.slice(at, at + ENVELOPES_PER_CALL);
    const signed = await core.call('proposals.sign', { proposal, envelopes: part });
    if (!signed.ok || at + ENVELOPES_PER_CALL >= envelopes.length) return signed;
  }
}

async function agree(yes: boolean): Promise<Result<void>> {
  if (yes) return ok(undefined);
  if (!canAsk()) {
    return err('CONFIRM', 'nobody is here to confirm what is to be signed', {
      hint: 'read it with `muster proposals P-17`, then give --yes',
    });
  }
  if (await confirm('Sign this?')) return ok(undefined);
  return err('CANCELLED', 'not confirmed; nothing was signed');
}

function answerOf(core: CoreLink, signed: ProposalSigned): Answer {
  const { state, signedBy, personsNeeded, published, proposal } = signed;
  if (state !== 'published') {
    const who = `${signedBy.length} of ${personsNeeded} persons`;
    return {
      json: signed,
      lines: [`Signed: ${who} so far. The next one runs: muster sign ${proposal}`],
    };
  }
  const sent = published.every((document) => document.sent);
  const later = core.live ? 'when the broker is reached' : 'when `muster serve` runs';
  return {
    json: signed,
    lines: [sent ? 'Signed and sent.' : `Signed and stored; will be sent ${later}.`],
  };
}
