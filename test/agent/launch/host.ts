// A process that runs a launcher, to be killed by a test: takes requests as JSON lines, prints exits as JSON lines.
import { createInterface } from 'node:readline';
import { openProcessLauncher } from '#agent/launch/process.ts';
import type { LaunchRequest } from '#agent/ports.ts';

const launcher = await openProcessLauncher({
  directory: process.argv[2] ?? '',
  onExit: (exit) => console.log(JSON.stringify(exit)),
});
console.log('open');
for await (const line of createInterface({ input: process.stdin })) {
  launcher.start(JSON.parse(line) as LaunchRequest[]);
  console.log('started');
}
