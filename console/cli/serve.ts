// `muster serve`: the console core as a process, until Ctrl-C or SIGTERM.
import type { Command } from 'commander';
import { z } from 'zod';
import { type Serving, serve } from '#console/server/serve.ts';
import { systemClock } from '#shared/node/system-clock.ts';
import { err, ok } from '#shared/result.ts';
import { printJson, printLine, printNote } from './output.ts';
import { startOwnBroker } from './own-broker.ts';
import { stopSignal } from './stop-signal.ts';
import { act, verbCommand } from './verb.ts';

const optionsSchema = z.object({
  http: z.union([z.string(), z.literal(false)]),
  broker: z.string().optional(),
  withBroker: z.boolean().optional(),
});

/** Prints where it listens once it does: one line of JSON with --json. */
export function serveCommand(): Command {
  const about = 'Run the console core: collect reports, publish documents, answer.';
  const command = verbCommand('serve', about, [
    'serve --with-broker',
    'serve --http 127.0.0.1:8470',
    'serve --no-http --broker mqtts://broker.example:8883',
  ])
    .option('--http <address>', 'where to listen, on loopback only', '127.0.0.1:8470')
    .option('--no-http', 'only the local socket')
    .option('--broker <url>', "a broker in place of the home's own (embedded: that one)")
    .option('--with-broker', 'start the embedded broker too, as a process of its own');
  return act(command, optionsSchema, async ({ home, json }, options) => {
    // Asked for before anything starts: a signal in between must not be lost.
    const stopped = stopSignal();
    const broker = options.withBroker ? await startOwnBroker(home) : ok(undefined);
    if (!broker.ok) return broker;
    const serving = await serve({
      home,
      clock: systemClock,
      http: options.http === false ? undefined : options.http,
      brokerUrl: options.broker,
      log: printNote,
    });
    if (!serving.ok) {
      await broker.value?.stop();
      return serving;
    }
    sayWhere(serving.value, json);
    // Without its broker a core serves nobody; it says so instead of going on in silence.
    const ended = broker.value?.ended.then(() => err('BROKER_ENDED', 'the embedded broker ended'));
    const fault = await Promise.race([stopped, ...(ended ? [ended] : [])]);
    await serving.value.close();
    await broker.value?.stop();
    return fault ?? ok({ json: { stopped: true }, lines: ['Stopped.'] });
  });
}

function sayWhere({ fleet, socket, http, page, broker }: Serving, json: boolean): void {
  if (json) printJson({ fleet, socket, http, page, broker, pid: process.pid });
  else {
    printLine(`Fleet ${fleet}: broker ${broker}, socket ${socket}${http ? `, ${http}` : ''}.`);
    // What follows the # stays in the browser.
    if (page) printLine(`In a browser: ${page}`);
    printLine('Ctrl-C stops it.');
  }
}
