// Where a console keeps its data: --home, else MUSTER_HOME, else ~/.muster.
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** The absolute path of the console's home. `option` is what --home said. */
export function resolveHome(option: string | undefined): string {
  const fromEnv = process.env.MUSTER_HOME;
  if (option) return resolve(option);
  return fromEnv ? resolve(fromEnv) : join(homedir(), '.muster');
}
