// `muster schedules`: what is planned on whom; one schedule in full; a stream as the text of its file.
import type { Command } from 'commander';
import { z } from 'zod';
import type { CoreLink } from '#console/server/client.ts';
import { ok, type Result } from '#shared/result.ts';
import { withCore } from './connect.ts';
import { tableLines } from './table.ts';
import { type Answer, act, verbCommand } from './verb.ts';

const optionsSchema = z.object({
  stream: z.string().optional(),
  agent: z.string().optional(),
  yaml: z.string().optional(),
});

export function schedulesCommand(): Command {
  const command = verbCommand('schedules', 'The schedules as published; one of them in full.', [
    'schedules',
    'schedules --agent till-1',
    'schedules backups/nightly',
    'schedules --yaml backups > backups.yaml',
  ])
    .argument('[schedule]', 'show this one: SCHEDULE, or STREAM/SCHEDULE')
    .option('--stream <name>', 'only this stream')
    .option('--agent <name>', 'only what this machine should have')
    .option('--yaml <stream>', 'print the file of a stream');
  return act(command, optionsSchema, ({ home }, { yaml, stream, agent }, [schedule]) =>
    withCore(home, async (core): Promise<Result<Answer>> => {
      if (yaml !== undefined) {
        const found = await core.call('streams.yaml', { stream: yaml });
        if (!found.ok) return found;
        return ok({ json: found.value, lines: [found.value.yaml.replace(/\n$/, '')] });
      }
      if (schedule !== undefined) return showOne(core, schedule);
      const found = await core.call('schedules.list', {
        ...(stream === undefined ? {} : { stream }),
        ...(agent === undefined ? {} : { agent }),
      });
      if (!found.ok) return found;
      const rows = found.value.map((one) => [
        one.schedule,
        one.paused ? 'paused' : one.trigger,
        one.next ?? '-',
        String(one.agents),
        String(one.revision),
        one.job,
      ]);
      const head = ['SCHEDULE', 'WHEN', 'NEXT', 'MACHINES', 'REVISION', 'RUNS'];
      const lines = rows.length === 0 ? ['No schedules are published.'] : tableLines(head, rows);
      return ok({ json: found.value, lines });
    }),
  );
}

async function showOne(core: CoreLink, schedule: string): Promise<Result<Answer>> {
  const found = await core.call('schedules.show', { schedule });
  if (!found.ok) return found;
  const { value } = found;
  const next = value.next.map(({ at, local, note }) => [at, local, note ?? '']);
  const runs = value.runs.map((run) => [
    run.run.slice(0, 12),
    run.agent,
    run.state,
    run.due ?? '-',
  ]);
  const lines = [
    `${value.schedule}, revision ${value.revision}, on ${value.agentCount} machines`,
    `  ${value.trigger}`,
    `  runs ${value.job}`,
    '',
    ...(next.length === 0 ? ['Nothing is to come.'] : tableLines(['NEXT', 'LOCAL', 'CLOCK'], next)),
    ...(runs.length === 0 ? [] : ['', ...tableLines(['RUN', 'MACHINE', 'STATE', 'DUE'], runs)]),
  ];
  return ok({ json: value, lines });
}
