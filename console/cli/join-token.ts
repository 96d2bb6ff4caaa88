// `muster join-token`: the text a new machine is given, and the line to paste there.
import type { Command } from 'commander';
import { z } from 'zod';
import { ok } from '#shared/result.ts';
import { withCore } from './connect.ts';
import { collectLabels } from './labels.ts';
import { printNote } from './output.ts';
import { act, verbCommand } from './verb.ts';

const optionsSchema = z.object({
  label: z.record(z.string(), z.string()).default({}),
  minutes: z.coerce.number().int().min(1).max(1_440),
  uses: z.coerce.number().int().min(1).max(1_000),
  broker: z.string().optional(),
  quiet: z.boolean().default(false),
});

export function joinTokenCommand(): Command {
  const command = verbCommand(
    'join-token',
    'Make a token a new machine enrols with. It is a secret until it expires.',
    [
      'join-token',
      'join-token --quiet',
      'join-token --label site=berlin --label role=till --minutes 30',
      'join-token --uses 20 --broker mqtts://broker.example:8883',
    ],
  )
    .option('--label <key=value>', 'label the machine gets; repeatable', collectLabels)
    .option('--minutes <n>', 'how long it can be used, at most 1440', '60')
    .option('--uses <n>', 'how many machines may use it', '1')
    .option('-q, --quiet', 'print the token and nothing else')
    .option(
      '--broker <url>',
      "the broker as machines reach it, where it differs from the console's way",
    );
  return act(command, optionsSchema, ({ home }, { label, minutes, uses, broker, quiet }) =>
    withCore(home, async (core) => {
      const made = await core.call('tokens.create', {
        minutes,
        uses,
        labels: label,
        ...(broker === undefined ? {} : { brokerUrl: broker }),
      });
      if (!made.ok) return made;
      const { text, expires } = made.value;
      const enrol = `muster-agent enrol ${text} --name NAME`;
      const install = `sudo muster-agent install --name NAME --token ${text}`;
      const times = uses === 1 ? 'one machine' : `${uses} machines`;
      if (!core.live)
        printNote('No core runs: start `muster serve`, or nobody answers the machine.');
      return ok({
        json: { ...made.value, enrol, install },
        lines: quiet ? [text] : tokenLines(enrol, install, `${times} until ${expires}`),
      });
    }),
  );
}

const tokenLines = (enrol: string, install: string, good: string): readonly string[] => [
  `Good for ${good}. It is a secret until then. On the machine, as a service of its own:`,
  '',
  `  ${install}`,
  '',
  'or in the foreground, as yourself:',
  '',
  `  ${enrol}`,
  '  muster-agent run',
];
