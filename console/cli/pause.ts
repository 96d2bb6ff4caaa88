// `muster pause` and `muster resume`: one schedule of a machine, or the whole machine.
import type { Command } from 'commander';
import type { AgentDetail } from '#console/views.ts';
import { ok } from '#shared/result.ts';
import { withLiveCore } from './connect.ts';
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
  return act(command, commandOptionsSchema, async (context, options, [schedule]) => {
    const { agent } = options;
    const before = await withLiveCore(context.home, (core) => core.call('agents.show', { agent }));
    if (!before.ok) return before;
    const wanted = (machine: AgentDetail): boolean =>
      isPaused(machine, schedule ?? WHOLE_MACHINE) === (verb === 'pause');
    return sendCommand(context, options, {
      agent,
      command: { verb, schedule: schedule ?? null },
      settled: async (core) => {
        const machine = await core.call('agents.show', { agent });
        if (!machine.ok) return machine;
        // Where nothing had to change (a machine that holds, a second pause) its log tells that it was heard.
        const heard = !wanted(before.value) || seqOf(machine.value) > seqOf(before.value);
        if (!wanted(machine.value) || !heard) return ok(undefined);
        const lines = [`${agent} has ${verb}d ${schedule ?? 'the whole machine'}.`];
        return ok({ json: { accepted: true, paused: machine.value.paused }, lines });
      },
    });
  });
}

const isPaused = ({ paused }: AgentDetail, wanted: string): boolean =>
  paused.some((name) => name === wanted || name.endsWith(`/${wanted}`));

const seqOf = ({ log }: AgentDetail): number => log?.seq ?? 0;
