// `muster runs`: the newest runs, or one with its attempts.
import { Argument, type Command } from 'commander';
import { z } from 'zod';
import type { RunDetail, RunSummary } from '#console/views.ts';
import { err, ok } from '#shared/result.ts';
import { OUTCOMES, RUN_STATES } from '#shared/run/ledger.ts';
import { withCore } from './connect.ts';
import { filterOf, filterOptions, withFilterOptions } from './filters.ts';
import { paint } from './output.ts';
import { pages } from './pages.ts';
import { runHeadLines, stateText } from './run-text.ts';
import { tableLines } from './table.ts';
import { type Answer, act, verbCommand } from './verb.ts';

const optionsSchema = z.object({
  ...filterOptions,
  state: z.enum(RUN_STATES).optional(),
  outcome: z.enum(OUTCOMES).optional(),
});

export function runsCommand(): Command {
  const command = withFilterOptions(
    verbCommand('runs', 'List runs, or show one.', [
      'runs',
      'runs --agent till-4 --state failed --since 1d',
      'runs show 3f2a91',
    ])
      .addArgument(new Argument('[what]', 'list or show').choices(['list', 'show']).default('list'))
      .argument('[run]', 'the run to show, or the beginning of its id'),
  )
    .option('--state <state>', RUN_STATES.join(', '))
    .option('--outcome <outcome>', OUTCOMES.join(', '));
  return act(command, optionsSchema, async ({ home }, options, [what, run]) => {
    const filter = filterOf(options);
    if (!filter.ok) return filter;
    return withCore<Answer>(home, async (core) => {
      if (what === 'show') {
        if (run === undefined) return err('USAGE', 'name the run: `muster runs show RUN`');
        const shown = await core.call('runs.show', { run });
        return shown.ok ? ok({ json: shown.value, lines: detailLines(shown.value) }) : shown;
      }
      const { state, outcome } = options;
      const narrowed = {
        ...filter.value,
        ...(state === undefined ? {} : { state }),
        ...(outcome === undefined ? {} : { outcome }),
      };
      const runs = await pages(
        options,
        (page) => core.call('runs.list', { ...narrowed, ...page }),
        keyOf,
      );
      return runs.ok ? ok({ json: runs.value, lines: listLines(runs.value) }) : runs;
    });
  });
}

const keyOf = ({ run }: RunSummary): string => run;

function listLines(runs: readonly RunSummary[]): readonly string[] {
  if (runs.length === 0) return ['No runs.'];
  return tableLines(
    ['RUN', 'MACHINE', 'SCHEDULE', 'NOMINAL', 'CAUSE', 'STATE', 'TRIES', 'STARTED', 'LATE', 'EXIT'],
    runs.map((run) => [
      run.run.slice(0, 12),
      run.agent,
      run.schedule,
      run.nominal ?? '-',
      run.cause,
      run.state,
      String(run.attempts),
      run.startedAt ?? '-',
      run.latenessMs === null ? '-' : `${(run.latenessMs / 1_000).toFixed(1)}s`,
      run.exitCode === null ? '-' : String(run.exitCode),
    ]),
  );
}

function detailLines(run: RunDetail): readonly string[] {
  const rows = run.attemptList.map((attempt) => [
    String(attempt.attempt),
    attempt.cause,
    attempt.startedAt,
    attempt.finishedAt ?? '-',
    attempt.outcome ?? 'running',
    attempt.exitCode === null ? (attempt.signal ?? '-') : String(attempt.exitCode),
    String(attempt.outputBytes),
    attempt.isolation,
  ]);
  const head = ['TRY', 'CAUSE', 'STARTED', 'FINISHED', 'OUTCOME', 'EXIT', 'OUTPUT', 'ISOLATION'];
  return [
    ...runHeadLines(run),
    `State     ${stateText(run.state)}`,
    ...(rows.length === 0 ? [] : ['', paint('bold', 'Attempts'), ...tableLines(head, rows)]),
    '',
    `Its output: \`muster logs ${run.run.slice(0, 12)}\``,
  ];
}
