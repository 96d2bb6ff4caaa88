// Runs a TypeScript entry point on the pinned Node, whatever Node started this file (npx may use the machine's own).
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';
import { fileURLToPath } from 'node:url';

const PINNED = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url));

// A cache of compiled modules beside the code, where only its owner writes: half the start-up and 20 MB less memory.
const CACHE = fileURLToPath(new URL('../node_modules/.cache/compiled', import.meta.url));

/** Imports `entry` (a URL) here when this Node can, else re-executes `launcher` on the pinned Node and passes signals on. */
export async function launch(entry, launcher) {
  if (Number(process.versions.node.split('.')[0]) >= 24) {
    module.enableCompileCache(CACHE);
    return import(entry.href);
  }
  if (!existsSync(PINNED)) {
    console.error(
      'muster needs Node 24; this is %s. Run `npm ci` in the repository to get it.',
      process.version,
    );
    process.exit(70);
  }
  const child = spawn(PINNED, [fileURLToPath(launcher), ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
}
