// `muster cancel`: end a run that is going on.
import type { Command } from 'commander';
import { err, ok } from '#shared/result.ts';
import { withLiveCore } from './connect.ts';
import { commandOptionsSchema, sendCommand, withCommandOptions } from './send-command.ts';
import { act, verbCommand } from './verb.ts';

const OPEN: readonly string[] = ['starting', 'running', 'retrying'];
const optionsSchema = commandOptionsSchema.omit({ agent: true });

/** Done when the machine reports the run's end. Exit 1 when it ended by itself before. */
export function cancelCommand(): Command {
  const command = withCommandOptions(
    verbCommand('cancel', 'End a run that is going on: SIGTERM, then SIGKILL after its grace.', [
      'cancel 3f2a',
    ]).argument('<run>', 'the run, or the beginning of its id'),
  );
  return act(command, optionsSchema, async (context, options, [prefix = '']) => {
    const found = await withLiveCore(context.home, (core) =>
      core.call('runs.show', { run: prefix }),
    );
    if (!found.ok) return found;
    const { run, agent, state } = found.value;
    if (!OPEN.includes(state)) {
      return err('RUN_OVER', `run ${run} is over: ${state}`, { ids: { run, agent } });
    }
    return sendCommand(
      context,
      { ...options, agent },
      {
        agent,
        command: { verb: 'cancel', run },
        settled: async (core) => {
          const now = await core.call('runs.show', { run });
          if (!now.ok) return now;
          if (OPEN.includes(now.value.state)) return ok(undefined);
          const lines = [`Run ${run} on ${agent}: ${now.value.state}.`];
          const exit = now.value.state === 'cancelled' ? 0 : 1;
          return ok({ json: { state: now.value.state, run, agent }, lines, exit });
        },
      },
    );
  });
}
