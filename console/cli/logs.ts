// `muster logs`: the captured output of a run, as its machine reported it after each attempt.
import type { Command } from 'commander';
import { z } from 'zod';
import type { CoreLink } from '#console/server/client.ts';
import type { RunDetail } from '#console/views.ts';
import { ok, type Result } from '#shared/result.ts';
import { withCore } from './connect.ts';
import { inertLines } from './inert.ts';
import { printNote } from './output.ts';
import { type Answer, act, verbCommand } from './verb.ts';
import { watch } from './watch.ts';

const OPEN: readonly string[] = ['starting', 'running', 'retrying'];
/** Following ends with the run; a job may take its 30 days. */
const FOLLOW_MS = 31 * 86_400_000;
type Attempt = RunDetail['attemptList'][number];

const optionsSchema = z.object({
  follow: z.boolean().default(false),
  attempt: z.coerce.number().int().min(1).optional(),
});

/** Exit 0 whatever the run's own outcome: `muster runs show` tells that. */
export function logsCommand(): Command {
  const command = verbCommand(
    'logs',
    'The output of a run: the end of it, as each attempt reported it.',
    ['logs 3f2a91', 'logs 3f2a91 --attempt 2', 'logs 3f2a91 --follow'],
  )
    .argument('<run>', 'the run, or the beginning of its id')
    .option('--attempt <n>', 'only this attempt')
    .option('-f, --follow', 'wait for further attempts until the run is over');
  return act(command, optionsSchema, ({ home, json }, options, [run = '']) =>
    withCore(home, async (core) => {
      const first = await core.call('runs.show', { run });
      if (!first.ok) return first;
      if (options.follow) return follow(core, first.value.run, json);
      const attempts = first.value.attemptList.filter(
        ({ attempt }) => options.attempt === undefined || attempt === options.attempt,
      );
      const lines = attempts.flatMap((attempt) => outputLines(attempt, attempts.length > 1));
      return ok({ json: { ...first.value, attemptList: attempts }, lines });
    }),
  );
}

/** Prints each attempt once, when it has finished; with `json` only the run as it ended. */
async function follow(core: CoreLink, run: string, json: boolean): Promise<Result<Answer>> {
  if (!core.live && !json) printNote('No core runs: this is what is known, nothing new will come.');
  const printed = new Set<number>();
  const end = await watch<RunDetail>(core, core.live ? FOLLOW_MS : 0, true, async () => {
    const now = await core.call('runs.show', { run });
    if (!now.ok) return now;
    for (const attempt of now.value.attemptList) {
      if (json || attempt.finishedAt === null || printed.has(attempt.attempt)) continue;
      printed.add(attempt.attempt);
      for (const line of outputLines(attempt, true)) process.stdout.write(`${line}\n`);
    }
    return ok({ value: now.value, done: !OPEN.includes(now.value.state), progress: '' });
  });
  if (!end.ok) return end;
  if (!json) printNote(`Run ${run}: ${end.value.value.state}.`);
  return ok({ json: end.value.value, lines: [] });
}

function outputLines(attempt: Attempt, titled: boolean): readonly string[] {
  const { output, outputBytes, truncated } = attempt;
  const how = attempt.outcome ?? 'running';
  // A terminal gets inert text; a pipe gets what the job wrote.
  const text = process.stdout.isTTY ? inertLines(output) : output;
  return [
    ...(titled ? [`--- attempt ${attempt.attempt}, ${attempt.startedAt}, ${how}`] : []),
    ...(truncated ? [`--- the end of ${outputBytes} bytes`] : []),
    ...(text === '' ? [] : [text.replace(/\n$/, '')]),
  ];
}
