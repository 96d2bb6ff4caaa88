// A test fleet whose core also listens on HTTP, as the browser needs it; the core can be pulled away and brought back.
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from './brokers.ts';
import { eventually, startTestFleet, type TestFleet } from './test-fleet.ts';

const MUSTER = fileURLToPath(new URL('../../console/main.ts', import.meta.url));

export interface UiFleet {
  readonly fleet: TestFleet;
  readonly address: string;
  readonly token: string;
  readonly stopCore: () => Promise<void>;
  readonly startCore: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export async function startUiFleet(): Promise<UiFleet> {
  const fleet = await startTestFleet('embedded');
  await fleet.stopServing();
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  const core = httpCore(fleet.home, port);
  await core.start();
  return {
    fleet,
    address,
    token: readFileSync(join(fleet.home, 'http-token'), 'utf8').trim(),
    stopCore: core.stop,
    startCore: core.start,
    close: async () => {
      await core.stop();
      await fleet.close();
    },
  };
}

/** `muster serve` over a home, with HTTP on a port of our choice; started when it answers. */
export function httpCore(home: string, port: number) {
  let core: ChildProcess | undefined;
  return {
    start: async (): Promise<void> => {
      core = spawn(process.execPath, [MUSTER, 'serve', '--http', `127.0.0.1:${port}`], {
        env: { ...process.env, NO_COLOR: '1', MUSTER_HOME: home },
        stdio: 'ignore',
      });
      await eventually('the console answers', async () => {
        const health = await fetch(`http://127.0.0.1:${port}/healthz`);
        return health.ok;
      });
    },
    stop: async (): Promise<void> => {
      const running = core;
      core = undefined;
      if (!running || running.exitCode !== null) return;
      const gone = new Promise((resolve) => running.once('close', resolve));
      running.kill('SIGTERM');
      await gone;
    },
  };
}
