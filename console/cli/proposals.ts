// `muster proposals`: what waits for signatures; one of them in full, or withdrawn.
import type { Command } from 'commander';
import { z } from 'zod';
import type { CoreLink } from '#console/server/client.ts';
import { describePayload } from '#console/signing/describe-payload.ts';
import type { ProposalSummary } from '#console/views/planning.ts';
import { ok, type Result } from '#shared/result.ts';
import { withCore } from './connect.ts';
import { inert } from './inert.ts';
import { tableLines } from './table.ts';
import { type Answer, act, verbCommand } from './verb.ts';

const optionsSchema = z.object({
  all: z.boolean().default(false),
  withdraw: z.string().optional(),
});

export function proposalsCommand(): Command {
  const command = verbCommand('proposals', 'What waits to be signed; one of them in full.', [
    'proposals',
    'proposals --all',
    'proposals P-17',
    'proposals --withdraw P-17',
  ])
    .argument('[proposal]', 'show this one')
    .option('--all', 'also published and withdrawn ones')
    .option('--withdraw <proposal>', 'take one back: nobody can sign it any more');
  return act(command, optionsSchema, ({ home }, { all, withdraw }, [proposal]) =>
    withCore(home, async (core): Promise<Result<Answer>> => {
      if (withdraw !== undefined) {
        const done = await core.call('proposals.withdraw', { proposal: withdraw });
        if (!done.ok) return done;
        return ok({ json: done.value, lines: [`${withdraw} is withdrawn.`] });
      }
      if (proposal !== undefined) return showOne(core, proposal);
      const found = await core.call('proposals.list', { state: all ? 'all' : 'open' });
      if (!found.ok) return found;
      const lines = found.value.length === 0 ? ['Nothing waits.'] : table(found.value);
      return ok({ json: found.value, lines });
    }),
  );
}

const table = (proposals: readonly ProposalSummary[]): readonly string[] =>
  tableLines(
    ['PROPOSAL', 'STATE', 'SIGNED', 'MADE', 'WHAT', 'NOTE'],
    proposals.map(({ proposal, state, signedBy, personsNeeded, createdAt, title, note }) => [
      proposal,
      state,
      `${signedBy.length} of ${personsNeeded}`,
      createdAt,
      title,
      note ?? '',
    ]),
  );

async function showOne(core: CoreLink, proposal: string): Promise<Result<Answer>> {
  const found = await core.call('proposals.show', { proposal });
  if (!found.ok) return found;
  const { documents, command, state, note } = found.value;
  const lines = [...table([found.value]), ...(note === null ? [] : ['', inert(note)])];
  for (const { kind, payload, docId, signatures } of documents) {
    const described = describePayload(kind, payload);
    if (!described.ok) return described;
    const signed = signatures.map(({ person }) => person).join(', ');
    lines.push('', ...described.value, `digest ${docId}${signed ? `, signed by ${signed}` : ''}`);
  }
  if (state === 'open') lines.push('', `Sign it with: ${command}`);
  return ok({ json: found.value, lines });
}
