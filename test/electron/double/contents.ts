// WebContents as a real page of Chromium: its requests are answered here, its navigations are asked about, its preload is apart.
import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { toChromium, toElectron } from './addresses.ts';
import type { Cdp, CdpSession } from './cdp.ts';
import { invokeFrom } from './ipc.ts';
import { MovedPorts } from './ports.ts';
import type { SessionPart } from './session.ts';
import { strict } from './strict.ts';
import { mainWorld, preloadWorld } from './worlds.ts';

export interface Preferences {
  readonly sandbox: boolean;
  readonly contextIsolation: boolean;
  readonly webSecurity: boolean;
  readonly nodeIntegration: boolean;
  readonly webviewTag: boolean;
  readonly preload?: string;
  readonly additionalArguments?: readonly string[];
}
/** Pages of Chromium that were asked about, and those that stand open. */
export interface Targets {
  readonly known: Set<string>;
  readonly open: Set<string>;
}
type Json = Record<string, unknown>;
interface Paused {
  readonly requestId: string;
  readonly frameId: string;
  readonly resourceType: string;
  readonly request: { readonly url: string; readonly method: string };
}

const WORLD = 'preload';
/** A page of nobody: what a page would find elsewhere, were it let go there. */
const ELSEWHERE = '<!doctype html><title>elsewhere</title>';

export class ContentsPart extends EventEmitter {
  readonly ready: Promise<void>;
  #targetId = '';
  readonly #targets: Targets;
  #page: CdpSession | undefined;
  #mainFrame = '';
  #world = 0;
  #loading: string | undefined;
  #url = '';
  #destroyed = false;
  readonly #ports = new MovedPorts();
  openHandler: ((details: { readonly url: string }) => { readonly action: string }) | undefined;
  /** Set by the window: what handlers get as `sender`. */
  view: object = this;
  readonly id: number;
  readonly #browser: Cdp;
  readonly #session: SessionPart;
  readonly preferences: Preferences;

  constructor(
    id: number,
    browser: Cdp,
    session: SessionPart,
    preferences: Preferences,
    targets: Targets,
  ) {
    super();
    this.id = id;
    this.#browser = browser;
    this.#session = session;
    this.preferences = preferences;
    this.#targets = targets;
    this.ready = this.#open();
    this.ready.catch((error) => console.error(error));
  }

  async #open(): Promise<void> {
    const browserContextId = await this.#session.contextOf(this.#browser);
    const { targetId } = await this.#browser.send('Target.createTarget', {
      url: 'about:blank',
      browserContextId,
    });
    this.#targetId = String(targetId);
    this.#targets.known.add(this.#targetId);
    this.#targets.open.add(this.#targetId);
    const attached = await this.#browser.send('Target.attachToTarget', { targetId, flatten: true });
    const page = this.#browser.session(String(attached.sessionId));
    this.#page = page;
    page.on('Fetch.requestPaused', (paused) => void this.#answer(paused as unknown as Paused));
    page.on('Runtime.executionContextCreated', ({ context }) => this.#note(context as Json));
    page.on('Runtime.bindingCalled', ({ name, payload }) => {
      if (name === '__toMain') this.#hear(JSON.parse(String(payload)) as Json);
    });
    const tree = (await page.send('Page.getFrameTree')) as { frameTree: { frame: { id: string } } };
    this.#mainFrame = tree.frameTree.frame.id;
    await page.send('Page.enable');
    await page.send('Runtime.enable');
    await page.send('Fetch.enable', { patterns: [{ urlPattern: '*' }] });
    if (!this.preferences.webSecurity) await page.send('Page.setBypassCSP', { enabled: true });
    await this.#addScripts(page);
  }

  async #addScripts(page: CdpSession): Promise<void> {
    const { preload, contextIsolation, sandbox, nodeIntegration } = this.preferences;
    const bridge = `double-${randomBytes(8).toString('hex')}`;
    const world = contextIsolation ? { worldName: WORLD } : {};
    const node = nodeIntegration && !sandbox;
    const main = `${mainWorld(bridge, node)}${this.preferences.webviewTag ? WEBVIEW : ''}`;
    await page.send('Page.addScriptToEvaluateOnNewDocument', { source: main });
    await page.send('Runtime.addBinding', {
      name: '__toMain',
      ...(contextIsolation ? { executionContextName: WORLD } : {}),
    });
    if (preload === undefined) return;
    const source = preloadWorld({
      preload: readFileSync(preload, 'utf8'),
      argv: ['electron', ...(this.preferences.additionalArguments ?? [])],
      sandboxed: sandbox,
      bridge,
      origins: Object.fromEntries(
        ['app://console', 'app://confirm'].map((origin) => [origin, toChromium(origin)]),
      ),
    });
    await page.send('Page.addScriptToEvaluateOnNewDocument', { source, ...world });
  }

  /** Which world of the page's own frame the preload lives in. */
  #note(context: Json): void {
    const aux = context.auxData as { readonly frameId: string; readonly isDefault: boolean };
    const preloads = this.preferences.contextIsolation
      ? context.name === WORLD
      : aux.isDefault === true;
    if (preloads && aux.frameId === this.#mainFrame) this.#world = Number(context.id);
  }

  async #answer(paused: Paused): Promise<void> {
    const { requestId, request, frameId, resourceType } = paused;
    const page = this.#page as CdpSession;
    const url = toElectron(request.url);
    try {
      if (resourceType === 'Document' && this.#isRefused(url, frameId === this.#mainFrame)) {
        await page.send('Fetch.failRequest', { requestId, errorReason: 'Aborted' });
        return;
      }
      const response = await this.#respond(url, request.method);
      await page.send('Fetch.fulfillRequest', {
        requestId,
        responseCode: response.status,
        responseHeaders: [...response.headers].map(([name, value]) => ({ name, value })),
        body: Buffer.from(await response.arrayBuffer()).toString('base64'),
      });
    } catch (error) {
      if (!this.#destroyed) console.error(error);
    }
  }

  async #respond(url: string, method: string): Promise<Response> {
    const scheme = new URL(url).protocol.slice(0, -1);
    const handler = this.#session.handlers.get(scheme);
    const response = handler
      ? await handler(new Request(url, { method }))
      : new Response(ELSEWHERE, { headers: { 'content-type': 'text/html' } });
    // Without web security every origin may read every other.
    if (!this.preferences.webSecurity) {
      response.headers.set('access-control-allow-origin', '*');
      response.headers.delete('cross-origin-resource-policy');
    }
    return response;
  }

  #isRefused(url: string, isMainFrame: boolean): boolean {
    if (isMainFrame && this.#loading === url) {
      this.#loading = undefined;
      this.#url = url;
      return false;
    }
    const event = {
      url,
      isMainFrame,
      defaultPrevented: false,
      preventDefault(): void {
        this.defaultPrevented = true;
      },
    };
    this.emit('will-frame-navigate', event);
    if (isMainFrame) this.emit('will-navigate', event, url);
    if (!event.defaultPrevented && isMainFrame) this.#url = url;
    return event.defaultPrevented;
  }

  #hear(message: Json): void {
    if (this.#ports.hear(message) || message.kind !== 'invoke') return;
    const { id, channel, args } = message as { id: number; channel: string; args: unknown[] };
    const senderFrame = strict('WebFrameMain', { url: this.#url, parent: null });
    void invokeFrom({ sender: this.view, senderFrame }, channel, args).then(
      (value) => this.#toPreload({ kind: 'reply', id, value: value ?? null }),
      (error: Error) => this.#toPreload({ kind: 'reply', id, error: error.message }),
    );
  }

  #toPreload(message: object): void {
    if (this.#destroyed) return;
    const expression = `globalThis.__fromMain(${JSON.stringify(message)})`;
    this.#page
      ?.send('Runtime.evaluate', { expression, contextId: this.#world })
      .catch(() => undefined);
  }

  async loadURL(url: string): Promise<void> {
    await this.ready;
    const origin = `${new URL(url).protocol}//${new URL(url).host}`;
    await this.#session.tellChromium(this.#browser, origin, toChromium(origin));
    this.#loading = new URL(url).href;
    this.#url = this.#loading;
    const page = this.#page as CdpSession;
    const loaded = new Promise((resolve) => page.on('Page.loadEventFired', resolve));
    await page.send('Page.navigate', { url: toChromium(url) });
    await loaded;
    this.emit('did-finish-load');
  }

  async executeJavaScript(code: string, userGesture = false): Promise<unknown> {
    await this.ready;
    const page = this.#page as CdpSession;
    const { result, exceptionDetails } = (await page.send('Runtime.evaluate', {
      expression: code,
      awaitPromise: true,
      returnByValue: true,
      userGesture,
      allowUnsafeEvalBlockedByCSP: false,
    })) as {
      result: { value?: unknown };
      exceptionDetails?: { exception?: { description?: string } };
    };
    await this.#askAboutPopups();
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? 'page error');
    return result.value;
  }

  /** Windows a page opened: refused ones are closed, others stand as they would in Electron. */
  async #askAboutPopups(): Promise<void> {
    const { targetInfos } = (await this.#browser.send('Target.getTargets')) as {
      targetInfos: readonly {
        targetId: string;
        type: string;
        url: string;
        browserContextId: string;
      }[];
    };
    const own = await this.#session.contextOf(this.#browser);
    for (const { targetId, type, url, browserContextId } of targetInfos) {
      if (type !== 'page' || browserContextId !== own || this.#targets.known.has(targetId))
        continue;
      const answer = this.openHandler?.({ url: toElectron(url) }) ?? { action: 'allow' };
      this.#targets.known.add(targetId);
      if (answer.action === 'deny') await this.#browser.send('Target.closeTarget', { targetId });
      else this.#targets.open.add(targetId);
    }
  }

  send(channel: string, ...args: unknown[]): void {
    this.#toPreload({ kind: 'send', channel, args, ports: [] });
  }
  postMessage(channel: string, message: unknown, transfer: readonly unknown[] = []): void {
    const held: object[] = [];
    let isHeld = true;
    const say = (one: object): void => {
      if (isHeld) held.push(one);
      else this.#toPreload(one);
    };
    const ports = transfer.map((port) => this.#ports.move(port, say));
    this.#toPreload({ kind: 'send', channel, args: [message], ports });
    isHeld = false;
    for (const one of held) this.#toPreload(one);
  }
  setWindowOpenHandler(handler: NonNullable<ContentsPart['openHandler']>): void {
    this.openHandler = handler;
  }
  getURL(): string {
    return this.#url;
  }
  getLastWebPreferences(): Preferences {
    return this.preferences;
  }
  isDestroyed(): boolean {
    return this.#destroyed;
  }
  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.#ports.closeAll();
    this.#targets.open.delete(this.#targetId);
    this.emit('destroyed');
    void this.ready.then(() =>
      this.#browser.send('Target.closeTarget', { targetId: this.#targetId }).catch(() => undefined),
    );
  }
}

/** <webview> as an element that attaches as soon as it stands in the page. */
const WEBVIEW = `
document.addEventListener('DOMContentLoaded', () => new MutationObserver((changes) => {
  for (const { addedNodes } of changes) for (const node of addedNodes)
    if (node.localName === 'webview') node.getWebContentsId = () => 99;
}).observe(document.documentElement, { childList: true, subtree: true }));`;
