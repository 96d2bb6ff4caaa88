// The entry of `muster`: finds the verb, loads only that one, turns its answer into an exit code.
import { runMuster } from './cli.ts';

process.exitCode = await runMuster(process.argv.slice(2));
