// `muster diff`: what applying files would change. Changes nothing.
import type { Command } from 'commander';
import { z } from 'zod';
import type { Plan } from '#console/views.ts';
import { ok, type Result } from '#shared/result.ts';
import { withCore } from './connect.ts';
import { planFaultLines, planLines } from './plan-text.ts';
import { readFiles } from './read-files.ts';
import { type Answer, act, verbCommand } from './verb.ts';

/** Exit 0 also when there are differences, unless --exit-code asks for 1. */
export function diffCommand(): Command {
  const command = verbCommand('diff', 'What applying files would change. Changes nothing.', [
    'diff schedules.yaml',
    'diff *.yaml --exit-code --json',
  ])
    .argument('<file...>', 'YAML files; - is standard input')
    .option('--exit-code', 'exit 1 when anything would change');
  return act(
    command,
    z.object({ exitCode: z.boolean().default(false) }),
    async (context, options, args) => {
      const files = await readFiles(args);
      if (!files.ok) return files;
      return withCore(context.home, async (core) => {
        const plan = await core.call('plan.prepare', { files: [...files.value] });
        return plan.ok ? answerOfPlan(plan.value, options.exitCode) : plan;
      });
    },
  );
}

/** A plan as an answer by itself: faults are a no. */
export function answerOfPlan(plan: Plan, differenceIsNo: boolean): Result<Answer> {
  if (plan.faults.length > 0) {
    return ok({ json: { faults: plan.faults }, lines: planFaultLines(plan.faults), exit: 1 });
  }
  const { faults, changes, streams, warnings } = plan;
  const changed = plan.documents.length > 0;
  const lines = changed ? planLines(plan) : [...planLines(plan), 'Nothing to change.'];
  const json = { changed, faults, changes, streams, warnings };
  return ok({ json, lines, exit: changed && differenceIsNo ? 1 : 0 });
}
