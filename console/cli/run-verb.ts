// Runs one verb's command line: help and usage faults look alike for all verbs, in words and in JSON.
import { type Command, CommanderError } from 'commander';
import { EXIT_BUG, EXIT_NO, exitOfFault } from './exit.ts';
import { printFault, printNote } from './output.ts';

/** Parses `argv` with the verb's own command. Resolves to the exit code. */
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
    if (!(error instanceof CommanderError)) return printThrown(error, argv.includes('--json'));
    if (error.exitCode === 0) return 0;
    const message = error.message.replace(/^error: /, '').replaceAll('\n', ' ');
    return printUsageFault(message, `see \`muster ${name} --help\``, argv);
  }
}

/** What the system denied is a fault like any other; anything else is a bug, told with its stack. */
function printThrown(error: unknown, json: boolean): number {
  const { code, syscall, message, stack } = error as NodeJS.ErrnoException;
  if (code !== undefined && syscall !== undefined) {
    printFault({ code: `SYSTEM_${code}`, message }, json);
    return EXIT_NO;
  }
  printNote(stack ?? String(error));
  printFault(
    { code: 'INTERNAL', message: 'a bug in muster; please report what stands above' },
    json,
  );
  return EXIT_BUG;
}

/** A fault in how muster was called. */
export function printUsageFault(message: string, hint: string, argv: readonly string[]): number {
  const fault = { code: 'USAGE', message, hint };
  printFault(fault, argv.includes('--json'));
  return exitOfFault(fault);
}
