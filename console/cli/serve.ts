// `muster serve`: the console core as a process, until Ctrl-C or SIGTERM.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { z } from 'zod';
import { loadFleet } from '#console/core/home.ts';
import { serve } from '#console/server/serve.ts';
import { brokerDirectory } from '#console/setup/home-files.ts';
import { systemClock } from '#shared/node/system-clock.ts';
import { err, ok, type Result } from '#shared/result.ts';
import { printJson, printLine, printNote } from './output.ts';
import { act, verbCommand } from './verb.ts';

const LAUNCHER = fileURLToPath(new URL('../../bin/muster.js', import.meta.url));
const BROKER_START_MS = 15_000;

const optionsSchema = z.object({
  http: z.union([z.string(), z.literal(false)]),
  broker: z.string().optional(),
  withBroker: z.boolean().optional(),
});

/** Prints where it listens once it does: one line of JSON with --json. */
export function serveCommand(): Command {
  const command = verbCommand(
    'serve',
    'Run the console core: collect reports, publish documents, answer.',
    [
      'serve --with-broker',
      'serve --http 127.0.0.1:8470',
      'serve --no-http --broker mqtts://broker.example:8883',
    ],
  )
    .option('--http <address>', 'where to listen, on loopback only', '127.0.0.1:8470')
    .option('--no-http', 'only the local socket')
    .option('--broker <url>', "a broker in place of the home's own (embedded: that one)")
    .option('--with-broker', 'start the embedded broker too, as a process of its own');
  return act(command, optionsSchema, async ({ home, json }, options) => {
    // Asked for before anything starts: a signal in between must not be lost.
    const stopped = new Promise<void>((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
    });
    const broker = options.withBroker ? await startBroker(home) : ok(undefined);
    if (!broker.ok) return broker;
    const serving = await serve({
      home,
      clock: systemClock,
      http: options.http === false ? undefined : options.http,
      brokerUrl: options.broker,
      log: printNote,
    });
    if (!serving.ok) {
      await stopBroker(broker.value);
      return serving;
    }
    const { fleet, socket, http, broker: where, close } = serving.value;
    if (json) printJson({ fleet, socket, http, broker: where, pid: process.pid });
    else {
      printLine(`Fleet ${fleet}: broker ${where}, socket ${socket}${http ? `, ${http}` : ''}.`);
      printLine('Ctrl-C stops it.');
    }
    const end = await Promise.race([stopped, brokerEnd(broker.value)]);
    await close();
    await stopBroker(broker.value);
    return end ?? ok({ json: { stopped: true }, lines: ['Stopped.'] });
  });
}

/** The embedded broker on the port the home names; resolves once it listens. Faults: BROKER_START, USAGE, HOME_*. */
async function startBroker(home: string): Promise<Result<ChildProcess>> {
  const fleet = loadFleet(home);
  if (!fleet.ok) return fleet;
  if (!existsSync(brokerDirectory(home))) {
    return err('USAGE', `this home uses the broker ${fleet.value.brokerUrl}`, {
      hint: 'leave --with-broker out',
    });
  }
  const { hostname, port } = new URL(fleet.value.brokerUrl);
  const where = ['--home', home, '--host', hostname, '--port', port || '1883', '--json'];
  const child = spawn(process.execPath, [LAUNCHER, 'broker', ...where], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const first = await new Promise<string>((resolve) => {
    let text = '';
    const timer = setTimeout(() => resolve(text), BROKER_START_MS);
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('\n')) resolve(text);
    });
    child.once('exit', () => resolve(text));
    child.once('error', (error) => resolve(error.message));
    child.once('exit', () => clearTimeout(timer));
  });
  if (first.includes('"url"')) return ok(child);
  await stopBroker(child);
  return err('BROKER_START', `the embedded broker did not start: ${first.trim()}`, {
    hint: 'does another broker run on this port? Then leave --with-broker out',
  });
}

/** Without its broker a core serves nobody; it says so instead of going on in silence. */
const brokerEnd = (child: ChildProcess | undefined): Promise<Result<never>> =>
  new Promise((resolve) => {
    child?.once('exit', () => resolve(err('BROKER_ENDED', 'the embedded broker ended')));
  });

async function stopBroker(child: ChildProcess | undefined): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}
