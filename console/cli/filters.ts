// Options with which lists are narrowed: machine, schedule, time, page. Shared by runs and ledger.
import type { Command } from 'commander';
import { z } from 'zod';
import { systemClock } from '#shared/node/system-clock.ts';
import { ok, type Result } from '#shared/result.ts';
import { parseOptionalWhen } from './when.ts';

export const filterOptions = {
  agent: z.string().optional(),
  schedule: z.string().optional(),
  since: z.string().optional(),
  until: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(1_000_000),
  before: z.string().optional(),
};

export const withFilterOptions = (command: Command): Command =>
  command
    .option('--agent <name>', 'only this machine')
    .option('--schedule <name>', 'only this schedule: SCHEDULE, or STREAM/SCHEDULE')
    .option('--since <time>', 'from then on: an instant, a date, or 2h for two hours ago')
    .option('--until <time>', 'up to then')
    .option('--limit <n>', 'at most so many, the newest', '100')
    .option('--before <key>', 'go on after the last one of the page before');

export interface Filter {
  readonly agent?: string;
  readonly schedule?: string;
  readonly since?: string;
  readonly until?: string;
}

type FilterInput = { readonly [K in keyof Filter]?: string | undefined };

/** Fault: USAGE, for a time that is none. */
export function filterOf(options: FilterInput): Result<Filter> {
  const nowAt = systemClock.now().wallAt;
  const since = parseOptionalWhen(options.since, nowAt);
  if (!since.ok) return since;
  const until = parseOptionalWhen(options.until, nowAt);
  if (!until.ok) return until;
  return ok({
    ...(options.agent === undefined ? {} : { agent: options.agent }),
    ...(options.schedule === undefined ? {} : { schedule: options.schedule }),
    ...(since.value === undefined ? {} : { since: since.value }),
    ...(until.value === undefined ? {} : { until: until.value }),
  });
}
