// The same suite on a real Electron, wherever its binary is; where it is not, each check is counted as skipped and it is said why.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { _electron, type ElectronApplication } from 'playwright-core';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { type Built, buildShell } from './support/build.ts';
import type { Scene } from './support/check.ts';
import { mainChecks } from './support/checks-main.ts';
import { pageChecks } from './support/checks-page.ts';
import { type InMain, inPage, until } from './support/shell.ts';
import { makeHome, type StubCore, startStubCore } from './support/stub-core.ts';

const dist =
  process.env.ELECTRON_OVERRIDE_DIST_PATH ??
  fileURLToPath(new URL('../../node_modules/electron/dist', import.meta.url));
const names: Readonly<Record<string, string>> = {
  darwin: 'Electron.app/Contents/MacOS/Electron',
  win32: 'electron.exe',
};
const binary = join(dist, names[process.platform] ?? 'electron');
const noDisplay =
  process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY;
const missing = !existsSync(binary) ? `there is no Electron at ${dist}` : 'there is no display';
const has = existsSync(binary) && !noDisplay;

const checks = [...pageChecks, ...mainChecks].filter(({ onlyDouble }) => !onlyDouble);
if (!has)
  console.warn(`SKIPPED: ${checks.length} checks of the shell on a real Electron: ${missing}`);

describe.runIf(has)('the desktop shell on a real Electron', () => {
  let built: Built;
  let app: ElectronApplication;
  let core: StubCore;
  let scene: Scene;
  const directory = mkdtempSync(join(tmpdir(), 'muster-electron-'));
  beforeAll(async () => {
    built = buildShell();
    const home = join(directory, 'home');
    makeHome(home);
    core = await startStubCore(home);
    // Chromium refuses its sandbox to root; nobody runs a console as root, but a build machine may.
    const root = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    app = await _electron.launch({
      executablePath: binary,
      args: [join(built.app, 'main.mjs'), `--user-data-dir=${join(directory, 'data')}`, ...root],
      env: { ...process.env, MUSTER_HOME: home } as Record<string, string>,
    });
    const shell = {
      main: <T>(run: InMain, arg?: unknown): Promise<T> => app.evaluate(run, arg) as Promise<T>,
      close: () => app.close(),
    };
    await until('the page', () => inPage(shell, "document.readyState === 'complete'"));
    scene = { shell, core, address: (address) => address, real: true };
  });
  afterAll(async () => {
    await app?.close();
    await core?.close();
    built?.remove();
    rmSync(directory, { recursive: true, force: true });
  });

  it.for(checks)('$name', (check) => check.run(scene));
});
