// The core and the embedded broker as processes of their own, so that neither can hold up a window.
import { existsSync } from 'node:fs';
import { type UtilityProcess, utilityProcess } from 'electron';
import { brokerDirectory } from '#console/setup/home-files.ts';
import { paths } from './paths.ts';

const AGAIN_MS = 2_000;

export const startCore = (home: string): UtilityProcess =>
  utilityProcess.fork(paths.coreProcess, [home], { serviceName: 'Muster core', stdio: 'inherit' });

/** Runs the home's own broker where it has one and nobody else runs it; the returned function ends it. */
export function keepBroker(home: string): () => void {
  let child: UtilityProcess | undefined;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  const start = (): void => {
    // A process costs memory: none for a home without a broker of its own, which may get one later.
    if (!existsSync(brokerDirectory(home))) {
      timer = setTimeout(start, AGAIN_MS);
      return;
    }
    child = utilityProcess.fork(paths.brokerProcess, [home], {
      serviceName: 'Muster broker',
      stdio: 'inherit',
    });
    child.on('exit', () => {
      child = undefined;
      if (!closed) timer = setTimeout(start, AGAIN_MS);
    });
  };
  start();
  return () => {
    closed = true;
    clearTimeout(timer);
    child?.kill();
  };
}
