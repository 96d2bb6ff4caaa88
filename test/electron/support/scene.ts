// One Chromium, one build, one home and one core for a test file; as many shells as it likes.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toChromium } from '#test/electron/double/addresses.ts';
import { type Built, buildShell } from './build.ts';
import type { Scene } from './check.ts';
import { type Chromium, chromiumPath, launchChromium } from './chromium.ts';
import { type DoubleShell, type ShellOptions, startOnDouble, until } from './shell.ts';
import { makeHome, type StubCore, startStubCore } from './stub-core.ts';

export interface Stage {
  readonly built: Built;
  readonly directory: string;
  readonly chromium: Chromium;
  /** Starts a shell with a home, a core and data of its own, and waits for its page. */
  readonly play: (app: string, more?: Partial<ShellOptions>) => Promise<Play>;
  readonly close: () => Promise<void>;
}
export interface Play extends Scene {
  readonly shell: DoubleShell;
  readonly home: string;
  readonly end: () => Promise<void>;
}

/** However busy the machine is: without a page nothing is tried. */
const START_MS = 30_000;

export async function openStage(): Promise<Stage> {
  const built = buildShell();
  const chromium = await launchChromium(chromiumPath() ?? '');
  const directory = mkdtempSync(join(tmpdir(), 'muster-shell-'));
  const model = join(directory, 'home');
  makeHome(model);
  let plays = 0;
  const play = async (app: string, more: Partial<ShellOptions> = {}): Promise<Play> => {
    const own = join(directory, String(++plays));
    const home = more.home ?? join(own, 'home');
    // Copied: making a key takes a third of a second of a processor.
    if (more.home === undefined) cpSync(model, home, { recursive: true });
    const core: StubCore = await startStubCore(home);
    const userData = join(own, 'data');
    const { endpoint } = chromium;
    const shell = startOnDouble({ app, home, userData, endpoint, ...more });
    const end = async (): Promise<void> => {
      await shell.close();
      await core.close();
    };
    await until('the page', () => hasPage(shell), START_MS).catch(async (error) => {
      console.error(shell.log());
      await end();
      throw error;
    });
    return { shell, core, home, end, address: toChromium, real: false };
  };
  const close = async (): Promise<void> => {
    await chromium.close();
    built.remove();
    rmSync(directory, { recursive: true, force: true });
  };
  return { built, directory, chromium, play, close };
}

/** Whatever the first window shows is loaded. */
const hasPage = (shell: DoubleShell): Promise<boolean> =>
  shell.main<boolean>(async ({ BrowserWindow }) => {
    const [window] = BrowserWindow.getAllWindows();
    const code = "document.readyState === 'complete' && location.href !== 'about:blank'";
    return window.webContents.executeJavaScript(code);
  });
