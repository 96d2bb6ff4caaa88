// `muster broker`: the embedded broker as a process of its own.
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { loadFleet } from '#console/core/home.ts';
import { tlsSettings } from '#console/setup/own-names.ts';
import { startEmbeddedBroker } from '#shared/node/brokers/embedded/server.ts';
import { openBrokerTls, type ServingTls, setBrokerTls } from '#shared/node/brokers/embedded/tls.ts';
import { systemClock } from '#shared/node/system-clock.ts';
import { err, ok, type Result } from '#shared/result.ts';
import { exitOfFault } from './exit.ts';
import { resolveHome } from './home.ts';
import { printFault, printJson, printLine, printNote } from './output.ts';
import { stopSignal } from './stop-signal.ts';
import { verbCommand } from './verb.ts';

interface BrokerOptions {
  readonly home?: string;
  readonly host: string;
  readonly port?: string;
  readonly tls?: string | true;
  readonly tlsHost?: string;
  readonly tlsPort?: string;
  readonly makeOnly?: string;
  readonly json?: true;
}

const NOTES = `
Runs until Ctrl-C or SIGTERM; retained messages are kept on disk. User names and passwords are made by
\`muster init\` and at enrolment, and are read anew at every connection.
--tls makes an authority and a server certificate in the home and keeps them: from then on TLS is served without
asking, also by \`muster serve --with-broker\`, and join tokens name that address and pin that authority. For another
broker (Mosquitto, say) --make-only writes them elsewhere: DIR/tls/{ca.pem,server.pem,server.key}.
Exit codes: 0 stopped, 2 wrong arguments, 3 could not start.`;

/** Runs until SIGINT or SIGTERM. */
export function brokerCommand(): Command {
  return verbCommand('broker', 'run the embedded MQTT broker', [
    'broker',
    'broker --tls 192.168.1.10,ops.example',
    'broker --tls broker.example --make-only certificates',
    'broker --port 0 --json',
  ])
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option(
      '--port <number>',
      "port to listen on; 0 takes any free one (else the home's own, else 1883)",
    )
    .option('--tls [names]', TLS_HELP)
    .option('--tls-host <address>', 'address TLS listens on (else 0.0.0.0)')
    .option('--tls-port <number>', 'port TLS listens on (else 8883)')
    .option(
      '--make-only <dir>',
      'with --tls: make them for another broker in this folder, run nothing',
    )
    .addHelpText('after', NOTES)
    .action(async (options: BrokerOptions) => {
      const ended = await serve(options);
      if (ended.ok) return;
      printFault(ended.fault, options.json === true);
      process.exitCode = exitOfFault(ended.fault);
    });
}

const TLS_HELP =
  'let other machines in by TLS: names and addresses of this one, separated by commas (else its own)';

async function serve(options: BrokerOptions): Promise<Result<void>> {
  const { home, host, json } = options;
  const port = options.port ?? portOf(resolveHome(home));
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    return err('USAGE', `${port} is not a port`, { hint: '--port takes 0 to 65535' });
  }
  // Listened to before the start: a signal in between must not be lost.
  const stopped = stopSignal();
  const directory =
    options.makeOnly === undefined ? join(resolveHome(home), 'broker') : resolve(options.makeOnly);
  const tls = tlsOf(directory, options);
  if (!tls.ok) return tls;
  if (options.makeOnly !== undefined) return sayMade(directory, tls.value, json === true);
  const started = await startEmbeddedBroker({
    directory,
    host,
    port: Number(port),
    ...(tls.value ? { tls: tls.value } : {}),
    log: printNote,
  });
  if (!started.ok) return started;
  const broker = started.value;
  const tlsUrl = tls.value?.url ?? null;
  if (json) printJson({ url: broker.url, port: broker.port, tlsUrl, pid: process.pid, directory });
  else {
    const also = tlsUrl === null ? '' : ` and ${tlsUrl}`;
    printLine(`Broker at ${broker.url}${also}, data in ${directory}. Ctrl-C stops it.`);
  }
  await stopped;
  await broker.close();
  return ok(undefined);
}

/** Where the home's own programs look for their broker: without --port it must be found there. */
function portOf(home: string): string {
  const fleet = loadFleet(home);
  const url = fleet.ok && URL.canParse(fleet.value.brokerUrl) && new URL(fleet.value.brokerUrl);
  return (url && url.protocol === 'mqtt:' && url.port) || '1883';
}

/** As asked for now, else as kept in the home. Faults: USAGE, TLS_INVALID. */
function tlsOf(directory: string, options: BrokerOptions): Result<ServingTls | undefined> {
  const { tls: names, tlsHost: host, tlsPort: port } = options;
  const nowAt = systemClock.now().wallAt;
  if (names === undefined) {
    if (host === undefined && port === undefined) return openBrokerTls(directory, nowAt);
    return err('USAGE', '--tls-host and --tls-port go with --tls');
  }
  const settings = tlsSettings({ names, host, port });
  return settings.ok ? setBrokerTls(directory, settings.value, nowAt) : settings;
}

function sayMade(directory: string, tls: ServingTls | undefined, json: boolean): Result<void> {
  if (!tls) return err('USAGE', '--make-only goes with --tls');
  const files = join(directory, 'tls');
  if (json) printJson({ url: tls.url, names: tls.names, files });
  else printLine(`Authority and server certificate for ${tls.names.join(', ')} are in ${files}.`);
  return ok(undefined);
}
