// `npm start` where Electron cannot be had: says so, and serves the same console to a browser.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { initHome } from '#console/setup/init.ts';
import { systemClock } from '#shared/node/system-clock.ts';
import { builtRenderer } from '#test/ui/build.ts';
import { PASSPHRASE } from './support/stub-core.ts';

const START = fileURLToPath(new URL('../../bin/start.js', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'muster-start-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

it('says why Electron does not start and prints the address of the console', async () => {
  await builtRenderer();
  const home = join(directory, 'home');
  const made = await initHome({
    ...{ home, fleet: 'shops', person: 'anna', passphrase: PASSPHRASE, clock: systemClock },
    broker: { url: 'mqtt://127.0.0.1:1', embedded: false },
  });
  expect(made.ok).toBe(true);
  const child = spawn(process.execPath, [START, '--http', '127.0.0.1:0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      MUSTER_HOME: home,
      DISPLAY: ':9',
      ELECTRON_OVERRIDE_DIST_PATH: join(directory, 'nothing'),
    },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
  }
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  await expect.poll(() => said, { timeout: 40_000 }).toMatch(/http:\/\/127\.0\.0\.1:\d+/);
  expect(said).toMatch(/Electron [\d.]+ does not start: ELECTRON_OVERRIDE_DIST_PATH has no/);
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
});
