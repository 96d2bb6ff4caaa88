// BrowserWindow and webContents over pages of one Chromium.
import { EventEmitter } from 'node:events';
import { app } from './app.ts';
import { connectCdp } from './cdp.ts';
import { ContentsPart, type Preferences, type Targets } from './contents.ts';
import { sessionPart } from './session.ts';
import { onlyKeys, strict } from './strict.ts';

const browser = await connectCdp(process.env.MUSTER_DOUBLE_CDP ?? '');
const targets: Targets = { known: new Set(), open: new Set() };
const windows = new Set<BrowserWindowPart>();
let lastId = 0;

const WINDOW_KEYS = [
  ...['x', 'y', 'width', 'height', 'minWidth', 'minHeight', 'title', 'icon', 'show', 'parent'],
  ...['modal', 'minimizable', 'fullscreenable', 'webPreferences'],
];
const PREFERENCE_KEYS = [
  ...['sandbox', 'contextIsolation', 'webSecurity', 'nodeIntegration', 'nodeIntegrationInWorker'],
  ...['nodeIntegrationInSubFrames', 'webviewTag', 'allowRunningInsecureContent', 'spellcheck'],
  ...['experimentalFeatures', 'navigateOnDragDrop', 'preload', 'partition', 'additionalArguments'],
];
type Options = Record<string, unknown> & {
  readonly webPreferences?: Partial<Preferences> & { readonly partition?: string };
};

class BrowserWindowPart extends EventEmitter {
  readonly part: ContentsPart;
  readonly webContents: ContentsPart;
  #destroyed = false;
  #maximized = false;
  #minimized = false;
  #bounds: object;

  constructor(options: Options) {
    super();
    onlyKeys('BrowserWindow', options, WINDOW_KEYS);
    const given = options.webPreferences ?? {};
    onlyKeys('webPreferences', given, PREFERENCE_KEYS);
    const preferences: Preferences = {
      ...{ contextIsolation: true, webSecurity: true, nodeIntegration: false, webviewTag: false },
      ...given,
      // Electron's own rule: on unless Node is wanted; enableSandbox() leaves no choice.
      sandbox: app.isSandboxed() || (given.sandbox ?? given.nodeIntegration !== true),
    };
    const session = sessionPart(given.partition);
    this.part = new ContentsPart(++lastId, browser, session, preferences, targets);
    this.webContents = strict('webContents', this.part);
    this.part.view = this.webContents;
    this.#bounds = {
      x: Number(options.x ?? 10),
      y: Number(options.y ?? 10),
      width: Number(options.width ?? 800),
      height: Number(options.height ?? 600),
    };
    windows.add(this);
    app.emitter.emit('web-contents-created', {}, this.webContents);
  }
  loadURL(url: string): Promise<void> {
    return this.part.loadURL(url);
  }
  close(): void {
    if (this.#destroyed) return;
    this.emit('close', { preventDefault: () => undefined });
    this.#destroyed = true;
    windows.delete(this);
    this.part.destroy();
    this.emit('closed');
    if (windows.size === 0) app.emitter.emit('window-all-closed');
  }
  isDestroyed = (): boolean => this.#destroyed;
  isMinimized = (): boolean => this.#minimized;
  isMaximized = (): boolean => this.#maximized;
  minimize(): void {
    this.#minimized = true;
  }
  restore(): void {
    this.#minimized = false;
  }
  maximize(): void {
    this.#maximized = true;
  }
  getNormalBounds = (): object => this.#bounds;
  setBounds(bounds: object): void {
    this.#bounds = { ...this.#bounds, ...bounds };
    this.emit('resize');
  }
  show(): void {
    this.emit('show');
  }
  focus(): void {
    this.emit('focus');
  }
  removeMenu(): void {}
}

const views = new WeakMap<BrowserWindowPart, BrowserWindowPart>();
const viewOf = (part: BrowserWindowPart): BrowserWindowPart => {
  const known = views.get(part);
  if (known) return known;
  const made = strict('BrowserWindow', part);
  views.set(part, made);
  return made;
};

export const BrowserWindow = new Proxy(BrowserWindowPart, {
  construct: (target, [options]) => viewOf(new target(options as Options)),
  get: (_target, key) => {
    if (key === 'getAllWindows') return () => [...windows].map(viewOf);
    if (key === 'fromWebContents') {
      return (contents: object) => {
        const found = [...windows].find((window) => window.webContents === contents);
        return found ? viewOf(found) : null;
      };
    }
    throw new Error(`the double does not model BrowserWindow.${String(key)}`);
  },
});

export const webContents = strict('webContents', {
  /** Ours, and those of windows that pages opened. */
  getAllWebContents: () => [...targets.open],
});
