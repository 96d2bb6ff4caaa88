// `muster why`: what became of one occurrence, in a sentence or two.
import type { Command } from 'commander';
import { z } from 'zod';
import { systemClock } from '#shared/node/system-clock.ts';
import { ok } from '#shared/result.ts';
import { withCore } from './connect.ts';
import { inert } from './inert.ts';
import { act, verbCommand } from './verb.ts';
import { parseWhen } from './when.ts';

export function whyCommand(): Command {
  const command = verbCommand('why', 'Why an occurrence ran, or did not.', [
    'why nightly-backup --agent till-4 --at 2026-03-29T01:00:00Z',
    'why backups/nightly --agent till-4 --at 2026-03-29T03:00:00+02:00 --json',
  ])
    .argument('<schedule>', 'as SCHEDULE, or STREAM/SCHEDULE')
    .requiredOption('--agent <name>', 'the machine')
    .requiredOption('--at <time>', 'the nominal time of the occurrence');
  const schema = z.object({ agent: z.string(), at: z.string() });
  return act(command, schema, async ({ home }, options, [schedule = '']) => {
    const at = parseWhen(options.at, systemClock.now().wallAt);
    if (!at.ok) return at;
    return withCore(home, async (core) => {
      const why = await core.call('why', { schedule, agent: options.agent, at: at.value });
      return why.ok ? ok({ json: why.value, lines: [inert(why.value.sentence)] }) : why;
    });
  });
}
