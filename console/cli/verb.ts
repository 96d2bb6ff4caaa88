// The frame of a verb: --home, --json, help with examples, parsed options, one answer, one exit code.
import { Command } from 'commander';
import type { z } from 'zod';
import { err, type Result } from '#shared/result.ts';
import { exitOfFault } from './exit.ts';
import { resolveHome } from './home.ts';
import { printFault, printJson, printLine } from './output.ts';

/** What a verb found out: for scripts, for people, and whether the answer is "no". */
export interface Answer {
  readonly json: unknown;
  readonly lines: readonly string[];
  readonly exit?: 0 | 1 | 3;
}

export interface Context {
  readonly home: string;
  readonly json: boolean;
}

/** A command with what all verbs have. `examples` are command lines without the leading `muster`. */
export function verbCommand(name: string, about: string, examples: readonly string[]): Command {
  return new Command(name)
    .description(about)
    .option('--home <dir>', "the console's home (else MUSTER_HOME, else ~/.muster)")
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `\nExamples:\n${examples.map((line) => `  $ muster ${line}`).join('\n')}`,
    );
}

/** Gives the command its body: options parsed by `schema`, positional arguments as they stand. */
export function act<S extends z.ZodType>(
  command: Command,
  schema: S,
  body: (
    context: Context,
    options: z.output<S>,
    args: readonly string[],
  ) => Promise<Result<Answer>>,
): Command {
  return command.action(async () => {
    const { home, json, ...own } = command.opts() as Record<string, unknown>;
    const context = {
      home: resolveHome(typeof home === 'string' ? home : undefined),
      json: json === true,
    };
    const options = schema.safeParse(own);
    const answer = options.success
      ? await body(context, options.data, command.args)
      : usage(options.error);
    process.exitCode = report(answer, context.json);
  });
}

function report(answer: Result<Answer>, json: boolean): number {
  if (!answer.ok) {
    printFault(answer.fault, json);
    return exitOfFault(answer.fault);
  }
  if (json) printJson(answer.value.json);
  else for (const line of answer.value.lines) printLine(line);
  return answer.value.exit ?? 0;
}

function usage(error: z.ZodError): Result<never> {
  const issue = error.issues[0];
  const name = String(issue?.path[0] ?? '').replace(/[A-Z]/g, (big) => `-${big.toLowerCase()}`);
  return err('USAGE', `--${name}: ${issue?.message ?? 'not understood'}`);
}
