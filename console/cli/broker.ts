// `muster broker`: the embedded broker as a process of its own.
import { join } from 'node:path';
import { Command } from 'commander';
import { startEmbeddedBroker } from '#shared/node/brokers/embedded/server.ts';
import { describeFault, type Fault } from '#shared/result.ts';
import { resolveHome } from './home.ts';

interface BrokerOptions {
  readonly home?: string;
  readonly host: string;
  readonly port: string;
  readonly json?: true;
}

const EXAMPLES = `
Examples:
  muster broker                     on 127.0.0.1:1883, data in ~/.muster/broker
  muster broker --port 0 --json     any free port; prints {"url":…,"port":…,"pid":…}

Users and passwords are made by muster init and at enrolment. Ctrl-C or SIGTERM stops it; retained
messages are kept. Exit codes: 0 stopped, 1 could not start, 2 wrong arguments.`;

/** Runs until SIGINT or SIGTERM. */
export function brokerCommand(): Command {
  return new Command('broker')
    .description('run the embedded MQTT broker')
    .option('--home <dir>', "the console's data (default: $MUSTER_HOME or ~/.muster)")
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <number>', 'port to listen on; 0 takes any free one', '1883')
    .option('--json', 'one line of JSON instead of text')
    .addHelpText('after', EXAMPLES)
    .action(run);
}

async function run(options: BrokerOptions): Promise<void> {
  const port = Number(options.port);
  if (!/^\d{1,5}$/.test(options.port) || port > 65_535) {
    return fail(
      { code: 'BAD_PORT', message: `${options.port} is not a port (0 to 65535)` },
      options,
      2,
    );
  }
  // Asked for before the start: a signal in between must not be lost.
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  const directory = join(resolveHome(options.home), 'broker');
  const started = await startEmbeddedBroker({
    directory,
    host: options.host,
    port,
    log: (line) => console.error(line),
  });
  if (!started.ok) return fail(started.fault, options, 1);
  const { url, close } = started.value;
  if (options.json) {
    console.log(JSON.stringify({ url, port: started.value.port, pid: process.pid, directory }));
  } else {
    console.log(`Broker at ${url}, data in ${directory}. Ctrl-C stops it.`);
  }
  await stopped;
  await close();
}

function fail(fault: Fault, { json }: BrokerOptions, exitCode: number): void {
  if (json) console.log(JSON.stringify({ error: fault }));
  else console.error(describeFault(fault));
  process.exitCode = exitCode;
}
