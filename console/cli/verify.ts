// `muster verify`: proves every stored report again, from its raw bytes.
import type { Command } from 'commander';
import { z } from 'zod';
import { ok } from '#shared/result.ts';
import { withCore } from './connect.ts';
import { inert } from './inert.ts';
import { paint } from './output.ts';
import { act, verbCommand } from './verb.ts';

/** Exit 1 with the first break of each machine. */
export function verifyCommand(): Command {
  const command = verbCommand('verify', 'Prove the chains and signatures of all reports.', [
    'verify',
    'verify --agent till-4 --json',
  ]).option('--agent <name>', 'only this machine');
  const schema = z.object({ agent: z.string().optional() });
  return act(command, schema, ({ home }, { agent }) =>
    withCore(home, async (core) => {
      const proof = await core.call('verify', agent === undefined ? {} : { agent });
      if (!proof.ok) return proof;
      const { agents, entries, envelopes, breaks } = proof.value;
      const whole = breaks.length === 0;
      const lines = [
        ...breaks.map(({ agent, seq, code, detail }) =>
          paint('red', inert(`${agent} entry ${seq}: ${code} ${detail}`)),
        ),
        `${entries} entries of ${agents} ${agents === 1 ? 'machine' : 'machines'} in ${envelopes} signed reports.`,
        whole
          ? paint('green', 'All chains and signatures hold.')
          : paint('red', 'The history is broken.'),
      ];
      return ok({ json: proof.value, lines, exit: whole ? 0 : 1 });
    }),
  );
}
