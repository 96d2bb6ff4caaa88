// `muster ledger`: how each planned occurrence stands or ended; `--check` recomputes what should be there.
import type { Command } from 'commander';
import { z } from 'zod';
import type { LedgerAccount, LedgerEntry } from '#console/views.ts';
import { parseInstant } from '#shared/ids.ts';
import { err, ok } from '#shared/result.ts';
import { DISPOSITIONS } from '#shared/run/ledger.ts';
import { withCore } from './connect.ts';
import { filterOf, filterOptions, withFilterOptions } from './filters.ts';
import { inert } from './inert.ts';
import { paint } from './output.ts';
import { pages } from './pages.ts';
import { tableLines } from './table.ts';
import { type Answer, act, verbCommand } from './verb.ts';

const SHOWN_FINDINGS = 50;

const optionsSchema = z.object({
  ...filterOptions,
  check: z.boolean().default(false),
  disposition: z.enum(DISPOSITIONS).optional(),
  reason: z.string().optional(),
});

/** `--check`: exit 1 when anything is unaccounted, doubled or unexpected. Unknown is not missed: it is no fault. */
export function ledgerCommand(): Command {
  const command = withFilterOptions(
    verbCommand('ledger', 'The account of every planned occurrence, and its check.', [
      'ledger --schedule nightly-backup --since 7d',
      'ledger --agent till-4 --disposition skipped --reason overlap',
      'ledger --check --json',
    ]),
  )
    .option(
      '--check',
      'hold the ledger against what the signed documents planned (all of it, or of --agent)',
    )
    .option('--disposition <word>', DISPOSITIONS.join(', '))
    .option('--reason <word>', 'such as overlap or paused');
  return act(command, optionsSchema, async ({ home }, options) => {
    const filter = filterOf(options);
    if (!filter.ok) return filter;
    const { disposition, reason } = options;
    return withCore<Answer>(home, async (core) => {
      if (options.check) {
        const { agent, ...narrower } = filter.value;
        if (Object.keys(narrower).length + Number(disposition !== undefined) > 0) {
          return err(
            'USAGE',
            '--check takes the whole account: it can be narrowed by --agent only',
          );
        }
        const account = await core.call('ledger.check', agent === undefined ? {} : { agent });
        return account.ok ? answerOfCheck(account.value) : account;
      }
      const entries = await pages(
        options,
        (page) => core.call('ledger.list', { ...filter.value, ...page }),
        keyOf,
        (entry) =>
          (disposition === undefined || entry.disposition === disposition) &&
          (reason === undefined || entry.reason === reason),
      );
      return entries.ok ? ok({ json: entries.value, lines: listLines(entries.value) }) : entries;
    });
  });
}

const keyOf = ({ from, agent, schedule }: LedgerEntry): string =>
  `${parseInstant(from)}.${agent}.${schedule}`;

function listLines(entries: readonly LedgerEntry[]): readonly string[] {
  if (entries.length === 0) return ['No entries.'];
  return tableLines(
    ['MACHINE', 'SCHEDULE', 'FROM', 'TO', 'COUNT', 'DISPOSITION', 'REASON', 'DETAIL', 'RUN'],
    entries.map((entry) => [
      entry.agent,
      entry.schedule,
      entry.from,
      entry.count === 1 ? '' : entry.to,
      String(entry.count),
      entry.disposition,
      entry.reason ?? '',
      entry.detail ?? '',
      entry.run?.slice(0, 12) ?? '',
    ]),
  );
}

function answerOfCheck(account: LedgerAccount) {
  const wrong = account.unaccounted + account.duplicates + account.unexpected;
  const named = Object.entries(account.byDisposition);
  const width = Math.max(14, ...named.map(([name]) => name.length + 4));
  const count = (name: string, value: number, bad = false): string =>
    `${name.padEnd(width)}${bad && value > 0 ? paint('red', String(value)) : value}`;
  const { findings } = account;
  const lines = [
    count('expected', account.expected),
    count('accounted', account.accounted),
    ...named.map(([name, value]) => count(`  ${name}`, value)),
    count('open', account.open),
    count('unknown', account.unknown),
    count('loss recorded', account.lossRecorded),
    count('unaccounted', account.unaccounted, true),
    count('duplicates', account.duplicates, true),
    count('unexpected', account.unexpected, true),
    ...findings
      .slice(0, SHOWN_FINDINGS)
      .map(({ agent, schedule, at, what }) => inert(`${agent} ${schedule} ${at}: ${what}`)),
    ...(findings.length > SHOWN_FINDINGS ? [`… and ${findings.length - SHOWN_FINDINGS} more`] : []),
    wrong === 0
      ? paint(
          'green',
          'Every planned occurrence is accounted for exactly once, as far as it is known.',
        )
      : paint('red', 'The account does not hold.'),
  ];
  const exit: 0 | 1 = wrong === 0 ? 0 : 1;
  return ok({ json: account, lines, exit });
}
