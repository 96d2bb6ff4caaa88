// `muster pause` and `muster resume`: one schedule of a machine, or the whole machine.
import type { Command } from 'commander';
import { ok } from '#shared/result.ts';
import { commandOptionsSchema, sendCommand, withCommandOptions } from './send-command.ts';
import { act, verbCommand } from './verb.ts';

/** How a machine names itself in its list of what is paused. */
const WHOLE_MACHINE = '*';

export const pauseCommand = (): Command =>
  commandFor(
    'pause',
    'Pause a schedule on a machine, or the whole machine. What falls into the pause is recorded as skipped.',
  );
export const resumeCommand = (): Command =>
  commandFor('resume', 'Resume what was paused, or a machine that holds.');

function commandFor(verb: 'pause' | 'resume', about: string): Command {
  const command = withCommandOptions(
    verbCommand(verb, about, [`${verb} nightly-backup --agent till-4`, `${verb} --agent till-4`])
      .argument('[schedule]', 'as SCHEDULE, or STREAM/SCHEDULE; left out: the whole machine')
      .requiredOption('--agent <name>', 'the machine'),
  );
  return act(command, commandOptionsSchema, (context, options, [schedule]) => {
    const { agent } = options;
    const wanted = schedule ?? WHOLE_MACHINE;
    return sendCommand(context, options, {
      agent,
      command: { verb, schedule: schedule ?? null },
      settled: async (core) => {
        const machine = await core.call('agents.show', { agent });
        if (!machine.ok) return machine;
        const paused = machine.value.paused.some(
          (name) => name === wanted || name.endsWith(`/${wanted}`),
        );
        if (paused !== (verb === 'pause')) return ok(undefined);
        const what = schedule ?? 'the whole machine';
        const lines = [`${agent} has ${verb}d ${what}.`];
        return ok({ json: { accepted: true, paused: machine.value.paused }, lines });
      },
    });
  });
}
