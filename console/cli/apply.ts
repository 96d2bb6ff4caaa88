// `muster apply`: sign schedules from files and send them.
import type { Command } from 'commander';
import { z } from 'zod';
import { withCore } from './connect.ts';
import { answerOfPlan } from './diff.ts';
import { publishPlan } from './publish-plan.ts';
import { readFiles } from './read-files.ts';
import { signerOptions, withSignerOptions } from './signing.ts';
import { act, verbCommand } from './verb.ts';

const DEFAULT_WAIT_S = 60;

export const publishOptionsSchema = z.object({
  ...signerOptions,
  yes: z.boolean().default(false),
  dryRun: z.boolean().default(false),
  wait: z
    .union([z.literal(true).transform(() => DEFAULT_WAIT_S), z.coerce.number().min(0).max(86_400)])
    .optional(),
});

export const withPublishOptions = (command: Command): Command =>
  withSignerOptions(command)
    .option('-y, --yes', 'sign without asking')
    .option('--dry-run', 'only show what would change')
    .option('--wait [seconds]', `watch until every machine has it (default ${DEFAULT_WAIT_S})`);

/** Exit 1: faults in the files or a machine refused; 3: with --wait, some machine has not said. */
export function applyCommand(): Command {
  const command = withPublishOptions(
    verbCommand('apply', 'Sign schedules from files and send them.', [
      'apply schedules.yaml',
      'apply *.yaml --yes --wait 120',
      'apply schedules.yaml --dry-run',
      'apply - --yes --passphrase-file /run/secrets/passphrase < schedules.yaml',
    ]).argument('<file...>', 'YAML files; - is standard input'),
  );
  return act(command, publishOptionsSchema, async (context, options, args) => {
    const files = await readFiles(args);
    if (!files.ok) return files;
    return withCore(context.home, async (core) => {
      const plan = await core.call('plan.prepare', { files: [...files.value] });
      if (!plan.ok) return plan;
      if (plan.value.faults.length > 0 || options.dryRun) return answerOfPlan(plan.value, false);
      const waitMs = options.wait === undefined ? undefined : options.wait * 1_000;
      return publishPlan(core, context, plan.value, { ...options, waitMs });
    });
  });
}
