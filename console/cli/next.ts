// `muster next`: the next occurrences of a trigger, without a console or an agent.
import { Command, InvalidArgumentError } from 'commander';
import { formatInstant } from '#shared/ids.ts';
import { systemClock } from '#shared/node/system-clock.ts';
import type { Fault, Result } from '#shared/result.ts';
import { err, ok } from '#shared/result.ts';
import type { Trigger } from '#shared/schedule/trigger.ts';
import { compileTrigger, localTime, type Occurrence } from '#shared/time/occurrences.ts';
import { clockNote } from '#shared/time/preview.ts';
import { resolveTime } from '#shared/time/triggers/at.ts';
import { openZone, unknownZone } from '#shared/time/zone.ts';
import { answerLines, MAX_COUNT, presentOccurrence } from './next-lines.ts';
import { printFault, printJson, printLine } from './output.ts';
import { tableLines } from './table.ts';

const DEFAULT_COUNT = 5;
const USAGE_EXIT = 2;
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

interface Options {
  readonly cron?: string;
  readonly every?: string;
  readonly at?: string;
  readonly anchor?: string;
  readonly zone?: string;
  readonly after?: string;
  readonly count: number;
  readonly json?: true;
  readonly stdin?: true;
}

const EXAMPLES = `
Examples:
  $ muster next --cron '30 2 * * *' --zone Europe/Berlin --after 2026-03-28T12:00:00Z --count 3
  $ muster next --cron '0 9 * * MON#1' --zone America/New_York
  $ muster next --every PT15M --anchor 2026-01-01T00:00:00Z --json
  $ muster next --at 2026-03-29T02:30:00 --zone Europe/Berlin
  $ muster next --stdin < triggers.jsonl

--stdin reads one JSON object a line and answers with one line each, in order:
  {"trigger":{"kind":"cron","expression":"30 2 * * *","zone":"Europe/Berlin"},"after":"2026-03-28T12:00:00Z","count":3}
  {"occurrences":[{"at":"2026-03-29T01:00:00Z","local":"2026-03-29T03:00:00+02:00","shift":"gap"}, …]}
  or {"error":{"code","message","hint"}}

Exit codes: 0 answered, 2 the command line or the trigger makes no sense.`;

export function nextCommand(): Command {
  const command = new Command('next')
    .description(
      'The next occurrences of a trigger. An occurrence at --after itself is not listed.',
    )
    .option('--cron <expression>', '5, 6 (seconds first) or 7 (year last) fields, or @daily …')
    .option('--every <period>', 'ISO 8601 duration of elapsed time, such as PT15M')
    .option('--at <time>', 'one local time in the zone, or an instant with Z')
    .option('--anchor <instant>', 'first occurrence of --every (default: --after)')
    .option('--zone <name>', "IANA zone (default: this machine's; UTC with --stdin)")
    .option('--after <time>', 'instant with Z, or local time in the zone (default: now)')
    .option('--count <n>', `how many, up to ${MAX_COUNT}`, parseCount, DEFAULT_COUNT)
    .option('--stdin', 'read triggers as JSON lines')
    .option('--json', 'print JSON')
    .addHelpText('after', EXAMPLES);
  return command.action(async () => {
    const options = command.opts<Options>();
    const answer = options.stdin ? await fromStdin(options) : fromOptions(options);
    if (answer.ok) return;
    printFault(answer.fault, options.json === true);
    process.exitCode = USAGE_EXIT;
  });
}

function parseCount(text: string): number {
  const count = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > MAX_COUNT)
    throw new InvalidArgumentError(`Give a whole number from 1 to ${MAX_COUNT}.`);
  return count;
}

/** Now, in whole seconds: an occurrence in the current second is still worth a line. */
const nowAt = (): number => Math.floor(systemClock.now().wallAt / 1_000) * 1_000;

async function fromStdin(options: Options): Promise<Result<undefined>> {
  if (options.cron ?? options.every ?? options.at ?? options.anchor)
    return usage('--stdin takes its triggers from the input', 'leave out --cron, --every and --at');
  const zone = options.zone ?? 'UTC';
  if (!openZone(zone)) return unknownZone(zone);
  const defaults = { zone, afterAt: nowAt(), count: options.count };
  await answerLines(process.stdin, process.stdout, defaults);
  return ok(undefined);
}

function fromOptions(options: Options): Result<undefined> {
  const zone = options.zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!openZone(zone)) return unknownZone(zone);
  const after =
    options.after === undefined ? ok({ at: nowAt() }) : resolveTime(options.after, zone);
  if (!after.ok) return misplaced('--after', after.fault);
  const trigger = triggerOf(options, zone, after.value.at);
  if (!trigger.ok) return trigger;
  const compiled = compileTrigger(trigger.value);
  if (!compiled.ok) return compiled;
  const upToAt = Number.POSITIVE_INFINITY;
  const occurrences = compiled.value.between(after.value.at, upToAt, options.count);
  if (options.json)
    printJson({ occurrences: occurrences.map((one) => presentOccurrence(one, zone)) });
  else if (occurrences.length === 0) printLine('no occurrence');
  else printTable(occurrences, zone);
  return ok(undefined);
}

function triggerOf(options: Options, zone: string, afterAt: number): Result<Trigger> {
  const { cron, every, at, anchor } = options;
  if ([cron, every, at].filter((value) => value !== undefined).length !== 1)
    return usage('give exactly one of --cron, --every, --at or --stdin', 'see --help for examples');
  if (anchor !== undefined && every === undefined)
    return usage('--anchor belongs to --every', 'leave it out, or use --every');
  if (cron !== undefined) return ok({ kind: 'cron', expression: cron, zone });
  if (at !== undefined) return ok({ kind: 'at', time: at, zone });
  const start = anchor === undefined ? ok({ at: afterAt }) : resolveTime(anchor, zone);
  if (!start.ok) return misplaced('--anchor', start.fault);
  return ok({ kind: 'every', period: every ?? '', anchor: formatInstant(start.value.at) });
}

const usage = (message: string, hint: string): Result<never> => err('USAGE', message, { hint });
const misplaced = (option: string, fault: Fault): Result<never> => ({
  ok: false,
  fault: { ...fault, message: `${option}: ${fault.message}` },
});

function printTable(occurrences: readonly Occurrence[], zone: string): void {
  const rows = occurrences.map((occurrence) => {
    const local = localTime(occurrence.at, zone);
    const weekday = WEEKDAYS[new Date(`${local.slice(0, 10)}T00:00:00Z`).getUTCDay()] ?? '';
    return [formatInstant(occurrence.at), local, weekday, clockNote(occurrence, zone)];
  });
  for (const line of tableLines(['UTC', `LOCAL (${zone})`, 'DAY', 'CLOCK'], rows)) printLine(line);
}
