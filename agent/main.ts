// Composition root of `muster-agent`: the only place that looks at the process itself.
import { runCli } from './cli.ts';

// Keys, database and output belong to the agent's user alone.
process.umask(0o077);

process.exitCode = await runCli(process.argv.slice(2), {
  env: process.env,
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  isTerminal: process.stdout.isTTY === true && process.stderr.isTTY === true,
  uid: process.getuid?.() ?? -1,
});

// A start that failed half-way leaves timers behind: they must not keep the lock of an agent that does nothing.
setTimeout(() => process.exit(), 1_000).unref();
