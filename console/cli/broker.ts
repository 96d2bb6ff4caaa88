// `muster broker`: the embedded broker as a process of its own.
import { join } from 'node:path';
import type { Command } from 'commander';
import { startEmbeddedBroker } from '#shared/node/brokers/embedded/server.ts';
import { err, ok, type Result } from '#shared/result.ts';
import { exitOfFault } from './exit.ts';
import { resolveHome } from './home.ts';
import { printFault, printJson, printLine, printNote } from './output.ts';
import { stopSignal } from './stop-signal.ts';
import { verbCommand } from './verb.ts';

interface BrokerOptions {
  readonly home?: string;
  readonly host: string;
  readonly port: string;
  readonly json?: true;
}

const NOTES = `
Runs until Ctrl-C or SIGTERM; retained messages are kept on disk. User names and passwords are made by
\`muster init\` and at enrolment, and are read anew at every connection.
Exit codes: 0 stopped, 2 wrong arguments, 3 could not start.`;

/** Runs until SIGINT or SIGTERM. */
export function brokerCommand(): Command {
  return verbCommand('broker', 'run the embedded MQTT broker', ['broker', 'broker --port 0 --json'])
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <number>', 'port to listen on; 0 takes any free one', '1883')
    .addHelpText('after', NOTES)
    .action(async (options: BrokerOptions) => {
      const ended = await serve(options);
      if (ended.ok) return;
      printFault(ended.fault, options.json === true);
      process.exitCode = exitOfFault(ended.fault);
    });
}

async function serve({ home, host, port, json }: BrokerOptions): Promise<Result<void>> {
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    return err('USAGE', `${port} is not a port`, { hint: '--port takes 0 to 65535' });
  }
  // Listened to before the start: a signal in between must not be lost.
  const stopped = stopSignal();
  const directory = join(resolveHome(home), 'broker');
  const started = await startEmbeddedBroker({
    directory,
    host,
    port: Number(port),
    log: printNote,
  });
  if (!started.ok) return started;
  const broker = started.value;
  if (json) printJson({ url: broker.url, port: broker.port, pid: process.pid, directory });
  else printLine(`Broker at ${broker.url}, data in ${directory}. Ctrl-C stops it.`);
  await stopped;
  await broker.close();
  return ok(undefined);
}
