// The `muster-agent` command: its verbs, their help, and one meaning for exit codes. A verb's code is loaded when it is
// called: the daemon lives long and need not carry the others.
import { Command, CommanderError, Option } from 'commander';
import { EXIT, type World } from './cli/terminal.ts';
import { VERSION } from './config.ts';

const EXIT_HELP = `
Exit codes: 0 done, 1 failed or something is wrong, 2 wrong usage.
The data directory is --data, else MUSTER_AGENT_DATA, else the platform's own place.`;

/** Runs one command line (without node and script) and answers its exit code. */
export async function runCli(argv: readonly string[], world: World): Promise<number> {
  let exit: number = EXIT.ok;
  const program = buildProgram(world, (code) => {
    exit = code;
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
  return exit;
}

const policyOption = (): Option =>
  new Option('--policy <template>', 'local policy to begin with')
    .choices(['standard', 'locked'])
    .default('standard');

function buildProgram(world: World, finish: (exit: number) => void): Command {
  const program = new Command('muster-agent')
    .description('Runs signed schedules on this machine, with or without a network, and reports.')
    .version(VERSION)
    .exitOverride()
    .configureOutput({ writeOut: world.out, writeErr: world.err })
    .showHelpAfterError('(--help shows how)')
    .addHelpText('after', EXIT_HELP);
  const verb = (usage: string, about: string, examples: readonly string[]): Command =>
    program
      .command(usage)
      .description(about)
      .option('--data <dir>', "this agent's data directory")
      .addHelpText(
        'after',
        `\nExamples:\n${examples.map((line) => `  ${line}\n`).join('')}${EXIT_HELP}`,
      );

  verb('enrol [token]', 'Join a fleet with a token from `muster join-token`', [
    'muster-agent enrol muster1.eyJ… --name till-7',
    'muster-agent enrol --token-file join.txt --name till-7 --policy locked',
  ])
    .requiredOption('--name <agent>', 'name of this machine in the fleet: a-z 0-9 _ -')
    .option('--token-file <file>', "read the token from a file ('-': standard input)")
    .addOption(policyOption())
    .option('--broker <url>', "use this address instead of the token's")
    .option('--timeout <seconds>', 'how long to wait for a console', '60')
    .option('--json', 'result as JSON')
    .action(async (token: string | undefined, options) =>
      finish(await (await import('./cli/enrol.ts')).enrol(world, token, options)),
    );

  verb('run', 'Run the agent in the foreground until SIGTERM or SIGINT; jobs go on', [
    'muster-agent run --data /var/lib/muster-agent',
    'muster-agent run --log-level debug',
  ])
    .addOption(
      new Option('--log-level <level>', 'least important lines to write')
        .choices(['debug', 'info', 'warn', 'error'])
        .default('info'),
    )
    .action(async (options) => finish(await (await import('./cli/run.ts')).run(world, options)));

  verb('status', 'What this agent is, has, runs and waits for; also while it is stopped', [
    'muster-agent status',
    'muster-agent status --data ./till-7 --json',
  ])
    .option('--json', 'result as JSON')
    .action(async (options) =>
      finish(await (await import('./cli/status.ts')).status(world, options)),
    );

  verb('doctor', 'Look for what would keep this agent from its work; exit 1 when something would', [
    'muster-agent doctor',
    'muster-agent doctor --json',
  ])
    .option('--json', 'result as JSON')
    .action(async (options) =>
      finish(await (await import('./cli/doctor.ts')).doctor(world, options)),
    );

  verb(
    'install',
    'Make this agent a service of the system, with a user of its own; enrol and start it',
    [
      'sudo muster-agent install --name till-7 --token-file join.txt',
      'sudo muster-agent install --token muster1.eyJ… --policy locked',
    ],
  )
    .option('--user <user>', 'user the agent and its jobs run as; made when missing', 'muster')
    .option('--token <token>', 'join a fleet, too')
    .option('--token-file <file>', "read the token from a file ('-': standard input)")
    .option('--name <agent>', 'name of this machine in the fleet (else its host name)')
    .addOption(policyOption())
    .action(async (options) =>
      finish(await (await import('./cli/install.ts')).install(world, options)),
    );

  verb('uninstall', 'Stop the service and forget it; data and policy stay unless --purge', [
    'sudo muster-agent uninstall',
    'sudo muster-agent uninstall --purge',
  ])
    .option('--user <user>', 'user the agent runs as', 'muster')
    .option('--purge', 'end its jobs and remove keys, log, policy and user as well')
    .action(async (options) =>
      finish(await (await import('./cli/uninstall.ts')).uninstall(world, options)),
    );

  verb('restart', 'Start the service anew; jobs go on', ['sudo muster-agent restart']).action(
    async (options) => finish(await (await import('./cli/restart.ts')).restart(world, options)),
  );

  verb('explain <schedule>', 'Which rule of the local policy allows or vetoes a job', [
    'muster-agent explain nightly/backup',
    'muster-agent explain nightly/backup --json',
  ])
    .option('--json', 'result as JSON')
    .action(async (key: string, options) =>
      finish(await (await import('./cli/explain.ts')).explain(world, key, options)),
    );

  return program;
}
