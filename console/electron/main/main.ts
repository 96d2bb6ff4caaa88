// Electron's main process: puts the parts together. It holds windows and keys; what the fleet does is the core's business.
import {
  app,
  type BrowserWindow,
  powerMonitor,
  safeStorage,
  session,
  type Tray,
  type WebContents,
} from 'electron';
import { type Target, TO_PAGE } from '#console/electron/channels.ts';
import { registerAppScheme, serveApp } from './app-protocol.ts';
import { confirmWindows } from './confirm-window.ts';
import { answerConsole } from './console-answers.ts';
import { corePort } from './core-caller.ts';
import { type CoreHost, coreHost } from './core-host.ts';
import { runOfArguments } from './deep-link.ts';
import { guardContents, guardSession } from './guard.ts';
import { type KeyLocker, keyLocker, LOCK_AFTER_MS } from './key-locker.ts';
import { openMainWindow, raise } from './main-window.ts';
import { consoleHome, consoleRoot, ownFile } from './paths.ts';
import { placeOf, targetOf } from './places.ts';
import { keepBroker, startCore } from './processes.ts';
import { secretCache } from './secret-cache.ts';
import { loadSettings, saveSettings } from './settings.ts';
import { signingDesk } from './signing-desk.ts';
import { becomeSingle } from './single.ts';
import { openTray, setMenu } from './tray.ts';

let pendingRun = runOfArguments(process.argv);
let showRun = (run: string | undefined): void => {
  pendingRun = run ?? pendingRun;
};

app.enableSandbox();
registerAppScheme();
app.on('web-contents-created', (_event, contents) => guardContents(contents));
// Not awaited: a module that waits at its top for `ready` keeps Electron from ever being ready.
if (becomeSingle((run) => showRun(run))) void app.whenReady().then(start);
else app.quit();

function start(): void {
  const home = consoleHome();
  const file = ownFile('desktop.json');
  let settings = loadSettings(file);
  const remember = (part: Partial<typeof settings>): void => {
    settings = { ...settings, ...part };
    saveSettings(file, settings);
  };
  const secrets = secretCache(safeStorage, ownFile('server-token.bin'), process.platform);
  guardSession(session.defaultSession);
  serveApp(session.defaultSession, consoleRoot);
  const target = (): Promise<Target> => targetOf(settings.place, secrets);
  const host = coreHost(() => startCore(home), target, console.error);
  const endBroker = keepBroker(home);
  const locker = keyLocker(home, LOCK_AFTER_MS);
  let window: BrowserWindow | undefined;
  const open = (): void => {
    const opened = openMainWindow(settings.window, placeOf(settings.place), (state) =>
      remember({ window: state }),
    );
    window = opened;
    opened.on('closed', () => {
      if (window === opened) window = undefined;
    });
  };
  showRun = (run) => {
    pendingRun = run ?? pendingRun;
    if (!window) open();
    else {
      raise(window);
      tellRun(window.webContents);
    }
  };
  const core = corePort();
  host.want({ onPort: core.usePort, onGone: core.lose });
  const desk = signingDesk({
    home,
    place: () => placeOf(settings.place).name,
    core: core.call,
    locker,
    confirm: confirmWindows(() => window),
  });
  const move = async (chosen: Target): Promise<void> => {
    if (chosen.kind === 'server') await secrets.save(chosen.url, chosen.token);
    else secrets.forget();
    const { kind } = chosen;
    remember({ place: kind === 'server' ? { kind, url: chosen.url } : { kind } });
    host.reconnect();
    const old = window;
    open();
    old?.close();
  };
  answerConsole({ host, desk, locker, onConnect: tellRun, openRun: showRun, move });
  liveAndDie({ host, locker, endBroker, show: () => showRun(undefined) });
  open();
}

/** The page asks for its port when it is ready to be told where to look. */
function tellRun(contents: WebContents): void {
  if (pendingRun === undefined) return;
  contents.send(TO_PAGE.open, pendingRun);
  pendingRun = undefined;
}

interface Life {
  readonly host: CoreHost;
  readonly locker: KeyLocker;
  readonly endBroker: () => void;
  readonly show: () => void;
}

let tray: Tray | undefined;

function liveAndDie({ host, locker, endBroker, show }: Life): void {
  setMenu();
  tray = openTray({ show, lock: locker.lock });
  powerMonitor.on('lock-screen', locker.lock);
  powerMonitor.on('suspend', locker.lock);
  app.on('activate', show);
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  app.on('will-quit', () => {
    locker.lock();
    host.close();
    endBroker();
    tray?.destroy();
  });
}
