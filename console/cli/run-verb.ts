// Runs one verb's command line: help and usage faults look alike for all verbs, in words and in JSON.
import { type Command, CommanderError } from 'commander';
import { exitOfFault } from './exit.ts';
import { printFault } from './output.ts';

/** Parses `argv` with the verb's own command. Resolves to the exit code; a throw is a bug and ends as 70. */
export async function runVerb(
  command: Command,
  name: string,
  argv: readonly string[],
): Promise<number> {
  command.name(`muster ${name}`).exitOverride().allowExcessArguments(false);
  command.configureOutput({ outputError: () => undefined });
  const before = process.exitCode;
  try {
    await command.parseAsync([...argv], { from: 'user' });
    return Number(process.exitCode ?? before ?? 0);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0;
    const message = error.message.replace(/^error: /, '').replaceAll('\n', ' ');
    return printUsageFault(message, `see \`muster ${name} --help\``, argv);
  }
}

/** A fault in how muster was called. */
export function printUsageFault(message: string, hint: string, argv: readonly string[]): number {
  const fault = { code: 'USAGE', message, hint };
  printFault(fault, argv.includes('--json'));
  return exitOfFault(fault);
}
