// `muster run`: start a schedule now on one machine, besides its plan.
import type { Command } from 'commander';
import type { CoreLink } from '#console/server/client.ts';
import type { RunSummary } from '#console/views.ts';
import { ok, type Result } from '#shared/result.ts';
import { withLiveCore } from './connect.ts';
import { commandOptionsSchema, sendCommand, withCommandOptions } from './send-command.ts';
import { act, verbCommand } from './verb.ts';

/** Done when the machine reports the run's start. */
export function runCommand(): Command {
  const command = withCommandOptions(
    verbCommand('run', 'Start a schedule now on one machine, besides its plan.', [
      'run nightly-backup --agent till-4',
      'run backups/nightly --agent till-4 --json',
    ])
      .argument('<schedule>', 'as SCHEDULE, or STREAM/SCHEDULE')
      .requiredOption('--agent <name>', 'the machine'),
  );
  return act(command, commandOptionsSchema, async (context, options, [schedule = '']) => {
    const { agent } = options;
    // A run that was there before is not the one asked for.
    const before = await withLiveCore(context.home, (core) => manualRuns(core, agent, schedule));
    if (!before.ok) return before;
    const known = new Set(before.value.map(({ run }) => run));
    return sendCommand(context, options, {
      agent,
      command: { verb: 'run', schedule },
      settled: async (core) => {
        const runs = await manualRuns(core, agent, schedule);
        if (!runs.ok) return runs;
        const started = runs.value.find(({ run }) => !known.has(run));
        if (!started) return ok(undefined);
        const lines = [`${agent} started run ${started.run} of ${started.schedule}.`];
        return ok({ json: { accepted: true, run: started }, lines });
      },
    });
  });
}

async function manualRuns(
  core: CoreLink,
  agent: string,
  schedule: string,
): Promise<Result<readonly RunSummary[]>> {
  const runs = await core.call('runs.list', { agent, schedule, limit: 200 });
  return runs.ok ? ok(runs.value.filter(({ cause }) => cause === 'manual')) : runs;
}
