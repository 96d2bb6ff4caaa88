// The one list of verbs. Each is loaded only when it is called, so that `--help` and `next` start fast.
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { guardPipes } from './cli/pipes.ts';

interface Verb {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

const verb = (name: string, summary: string, load: () => Promise<Command>): Verb => ({
  name,
  summary,
  load,
});

export const verbs: readonly Verb[] = [
  verb('init', "make a fleet: its keys, its first trust document, the console's home", async () =>
    (await import('./cli/init.ts')).initCommand(),
  ),
  verb('broker', 'run the embedded MQTT broker', async () =>
    (await import('./cli/broker.ts')).brokerCommand(),
  ),
  verb('serve', 'run the console core: collect reports, publish documents, answer', async () =>
    (await import('./cli/serve.ts')).serveCommand(),
  ),
  verb('status', 'what this console knows at a glance', async () =>
    (await import('./cli/status.ts')).statusCommand(),
  ),
  verb('join-token', 'make a token a new machine enrols with', async () =>
    (await import('./cli/join-token.ts')).joinTokenCommand(),
  ),
  verb('agents', 'list the machines, or show one', async () =>
    (await import('./cli/agents.ts')).agentsCommand(),
  ),
  verb('diff', 'what applying files would change', async () =>
    (await import('./cli/diff.ts')).diffCommand(),
  ),
  verb('apply', 'sign schedules from files and send them', async () =>
    (await import('./cli/apply.ts')).applyCommand(),
  ),
  verb('remove', 'remove all schedules of a stream from its machines', async () =>
    (await import('./cli/remove.ts')).removeCommand(),
  ),
  verb('schedules', 'list the schedules, show one, or print the file of a stream', async () =>
    (await import('./cli/schedules.ts')).schedulesCommand(),
  ),
  verb('proposals', 'list what waits for signatures, or show one', async () =>
    (await import('./cli/proposals.ts')).proposalsCommand(),
  ),
  verb('sign', 'sign a proposal after reading it', async () =>
    (await import('./cli/sign.ts')).signCommand(),
  ),
  verb('run', 'start a schedule now on one machine', async () =>
    (await import('./cli/run.ts')).runCommand(),
  ),
  verb('pause', 'pause a schedule, or a whole machine', async () =>
    (await import('./cli/pause.ts')).pauseCommand(),
  ),
  verb('resume', 'resume what was paused or held', async () =>
    (await import('./cli/pause.ts')).resumeCommand(),
  ),
  verb('cancel', 'cancel a run', async () => (await import('./cli/cancel.ts')).cancelCommand()),
  verb('runs', 'list runs, or show one', async () => (await import('./cli/runs.ts')).runsCommand()),
  verb('logs', 'the output of a run', async () => (await import('./cli/logs.ts')).logsCommand()),
  verb('ledger', 'the account of every planned occurrence, and its check', async () =>
    (await import('./cli/ledger.ts')).ledgerCommand(),
  ),
  verb('why', 'why an occurrence ran, or did not', async () =>
    (await import('./cli/why.ts')).whyCommand(),
  ),
  verb('next', 'the next occurrences of a trigger', async () =>
    (await import('./cli/next.ts')).nextCommand(),
  ),
  verb('verify', 'prove the chains and signatures of all reports', async () =>
    (await import('./cli/verify.ts')).verifyCommand(),
  ),
  verb('backup', "copy the console's home, keys included, into one file", async () =>
    (await import('./cli/backup.ts')).backupCommand(),
  ),
  verb('restore', 'make a home from a backup', async () =>
    (await import('./cli/restore.ts')).restoreCommand(),
  ),
];

/** Runs one command line (without node and script). Resolves to the exit code; never rejects for what a user did. */
export async function runMuster(argv: readonly string[]): Promise<number> {
  guardPipes();
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    const about = name === 'help' ? verbs.find((verb) => verb.name === rest[0]) : undefined;
    if (about) return runMuster([about.name, '--help']);
    process.stdout.write(overview());
    return name === undefined ? 2 : 0;
  }
  if (name === '--version' || name === '-V') {
    const about = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
    process.stdout.write(`muster ${/"version": "([^"]+)"/.exec(about)?.[1]}\n`);
    return 0;
  }
  const { runVerb, printUsageFault } = await import('./cli/run-verb.ts');
  const found = verbs.find((verb) => verb.name === name);
  if (!found) return printUsageFault(`there is no verb ${name}`, nearest(name), rest);
  return runVerb(await found.load(), name, rest);
}

function overview(): string {
  const width = Math.max(...verbs.map((verb) => verb.name.length));
  const lines = verbs.map((verb) => `  ${verb.name.padEnd(width)}  ${verb.summary}`);
  return [
    'Muster schedules jobs on machines that are not always online, and accounts for every run.',
    '',
    'Usage: muster VERB [options]',
    '',
    ...lines,
    '',
    '`muster VERB --help` shows examples. --home DIR or MUSTER_HOME names the home of the console.',
    'Exit codes: 0 done, 1 the answer is no, 2 usage, 3 core, broker or machine not reached, 4 not found.',
    '',
  ].join('\n');
}

/** The verb that shares the longest beginning, as a hint. */
function nearest(name: string): string {
  const shared = (other: string): number => {
    let length = 0;
    while (length < name.length && name[length] === other[length]) length++;
    return length;
  };
  const best = verbs.reduce((a, b) => (shared(b.name) > shared(a.name) ? b : a));
  return shared(best.name) > 1 ? `did you mean \`muster ${best.name}\`?` : 'see `muster --help`';
}
