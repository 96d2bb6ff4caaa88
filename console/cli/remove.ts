// `muster remove`: a last revision with no schedules, for every machine that has the stream.
import type { Command } from 'commander';
import { publishOptionsSchema, withPublishOptions } from './apply.ts';
import { withCore } from './connect.ts';
import { answerOfPlan } from './diff.ts';
import { publishPlan } from './publish-plan.ts';
import { act, verbCommand } from './verb.ts';

export function removeCommand(): Command {
  const command = withPublishOptions(
    verbCommand('remove', 'Remove all schedules of a stream from its machines.', [
      'remove backups',
      'remove backups --yes --wait',
    ]).argument('<stream>', 'the stream, as `muster diff` names it'),
  );
  return act(command, publishOptionsSchema, (context, options, [stream = '']) =>
    withCore(context.home, async (core) => {
      const plan = await core.call('plan.remove', { stream });
      if (!plan.ok) return plan;
      if (plan.value.faults.length > 0 || options.dryRun) return answerOfPlan(plan.value, false);
      const waitMs = options.wait === undefined ? undefined : options.wait * 1_000;
      return publishPlan(core, context, plan.value, { ...options, waitMs });
    }),
  );
}
