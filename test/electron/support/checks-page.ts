// What a page of the shell can and cannot do: isolation, content, permissions, navigation.
import { expect } from 'vitest';
import { type Check, inMain, refuses, refusesNavigation } from './check.ts';
import { inPage, type Shell } from './shell.ts';

/** The last preferences of every window, one value each. */
const preference = (shell: Shell, name: string): Promise<readonly unknown[]> =>
  shell.main(
    ({ BrowserWindow }, key) =>
      BrowserWindow.getAllWindows().map(
        (window: { webContents: { getLastWebPreferences: () => Record<string, unknown> } }) =>
          window.webContents.getLastWebPreferences()[key as string],
      ),
    name,
  );

const isolation: readonly Check[] = [
  {
    name: 'sandbox: every window runs in it, and the program leaves no choice',
    run: async ({ shell }) => {
      expect(await preference(shell, 'sandbox')).toEqual([true]);
      const forced = await shell.main(({ app }) => app.commandLine.hasSwitch('enable-sandbox'));
      expect(forced).toBe(true);
    },
    faults: [
      inMain('enableSandbox() removed', ['app.enableSandbox();', '']),
      inMain('sandbox off', ['app.enableSandbox();', ''], ['sandbox: true', 'sandbox: false']),
    ],
  },
  {
    name: 'contextIsolation: the page holds a frozen copy of named functions',
    run: async ({ shell }) => {
      expect(await preference(shell, 'contextIsolation')).toEqual([true]);
      expect(await inPage(shell, 'Object.isFrozen(window.muster)')).toBe(true);
    },
    faults: [inMain('off', ['contextIsolation: true', 'contextIsolation: false'])],
  },
  {
    name: 'nodeIntegration: no require, no process in the page',
    run: async ({ shell }) => {
      expect(await preference(shell, 'nodeIntegration')).toEqual([false]);
      expect(await inPage(shell, '[typeof require, typeof process].join()')).toBe(
        'undefined,undefined',
      );
    },
    faults: [
      inMain(
        'on, without the sandbox',
        ['nodeIntegration: false', 'nodeIntegration: true'],
        ['sandbox: true', 'sandbox: false'],
        ['app.enableSandbox();', ''],
      ),
    ],
  },
  {
    name: 'webSecurity: another origin of the program cannot be read',
    run: async ({ shell, address }) => {
      expect(await preference(shell, 'webSecurity')).toEqual([true]);
      const read = `fetch('${address('app://confirm/confirm.html')}').then(() => 'read', () => 'refused')`;
      expect(await inPage(shell, read)).toBe('refused');
    },
    faults: [inMain('off', ['webSecurity: true', 'webSecurity: false'])],
  },
  {
    name: 'webviewTag: <webview> is an unknown element',
    run: async ({ shell }) => {
      const code = `(async () => {
        const view = document.body.appendChild(document.createElement('webview'));
        await new Promise((resolve) => setTimeout(resolve, 0));
        const is = typeof view.getWebContentsId;
        view.remove();
        return is;
      })()`;
      expect(await inPage(shell, code)).toBe('undefined');
      expect((await preference(shell, 'webviewTag')).some(Boolean)).toBe(false);
    },
    faults: [inMain('on', ['webviewTag: false', 'webviewTag: true'])],
  },
];

const content: readonly Check[] = [
  {
    name: 'app://: the window shows nothing else, and files of the machine are not read',
    run: async ({ shell }) => {
      const urls = await shell.main<readonly string[]>(({ BrowserWindow }) =>
        BrowserWindow.getAllWindows().map((window: { webContents: { getURL: () => string } }) =>
          window.webContents.getURL(),
        ),
      );
      expect(urls).toEqual(['app://console/index.html']);
      const read = "fetch('file:///etc/hostname').then(() => 'read', () => 'refused')";
      expect(await inPage(shell, read)).toBe('refused');
    },
    faults: [
      inMain('content from the network', [
        // biome-ignore lint/suspicious/noTemplateCurlyInString: text of the bundle
        '`${CONSOLE_ORIGIN}/index.html`',
        "'https://elsewhere.invalid/index.html'",
      ]),
    ],
  },
  {
    name: 'app:// path check: nothing outside of its directory, however it is written',
    run: async ({ shell, address }) => {
      for (const path of [
        '..%2f..%2fsecret.json',
        '%2e%2e%2f%2e%2e%2fsecret.json',
        '..%5csecret.json',
      ]) {
        const code = `fetch('${address(`app://console/${path}`)}').then((r) => r.status)`;
        expect(await inPage(shell, code), path).toBe(404);
      }
      const own = `fetch('${address('app://console/index.html')}').then((r) => r.status)`;
      expect(await inPage(shell, own)).toBe(200);
    },
    faults: [inMain('removed', [/if \(!\(!.*startsWith\("\.\."\)\) return void 0;/, ''])],
  },
  {
    name: "content security policy: default-src 'none', no inline script, no eval",
    run: async ({ shell, address }) => {
      const code = `fetch('${address('app://console/index.html')}').then((r) => r.headers.get('content-security-policy'))`;
      const policy = await inPage<string | null>(shell, code);
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toMatch(/unsafe|\*|https?:/);
      const inline = `(() => { const script = document.createElement('script');
        script.textContent = 'window.inlineRan = true'; document.body.append(script);
        return window.inlineRan === true; })()`;
      expect(await inPage(shell, inline)).toBe(false);
      const evaluated = "(() => { try { return (0, eval)('1'); } catch (e) { return e.name; } })()";
      expect(await inPage(shell, evaluated)).toBe('EvalError');
    },
    faults: [
      inMain('unsafe-inline', ["script-src 'self'", "script-src 'self' 'unsafe-inline'"]),
      inMain('header removed', ['"content-security-policy": CONTENT_POLICY,', '']),
    ],
  },
];

const state = (name: string): string =>
  `navigator.permissions.query({ name: '${name}' }).then((p) => p.state)`;

const granted: readonly Check[] = [
  {
    name: 'permission check handler: a page is told that everything is denied',
    run: async ({ shell }) => {
      for (const name of ['geolocation', 'notifications', 'camera']) {
        expect(await inPage(shell, state(name)), name).toBe('denied');
      }
    },
    faults: [
      inMain('removed', ['session.setPermissionCheckHandler(() => false);', '']),
      inMain('grants', [
        'setPermissionCheckHandler(() => false)',
        'setPermissionCheckHandler(() => true)',
      ]),
    ],
  },
  {
    name: 'permission request handler: a page that asks is refused',
    run: async ({ shell }) => {
      const ask =
        'new Promise((done) => navigator.geolocation.getCurrentPosition(() => done(0), (e) => done(e.code), { timeout: 2000 }))';
      expect(await inPage(shell, ask)).toBe(1);
    },
    faults: [
      inMain('removed', [/session\.setPermissionRequestHandler\(.*\);/, '']),
      inMain('grants', ['answer(false)', 'answer(true)']),
    ],
  },
];

const navigation: readonly Check[] = [
  {
    name: 'will-navigate: denied',
    run: async ({ shell }) => expect(await refuses(shell, 'will-navigate')).toBe(true),
    faults: [inMain('removed', ['contents.on("will-navigate", deny);', ''])],
  },
  {
    name: 'will-redirect: denied',
    run: async ({ shell }) => expect(await refuses(shell, 'will-redirect')).toBe(true),
    faults: [inMain('removed', ['contents.on("will-redirect", deny);', ''])],
  },
  {
    name: 'will-frame-navigate: denied',
    run: async ({ shell }) => expect(await refuses(shell, 'will-frame-navigate')).toBe(true),
    faults: [inMain('removed', ['contents.on("will-frame-navigate", deny);', ''])],
  },
  {
    name: 'navigation: a page that sends itself elsewhere stays',
    run: async ({ shell }) => {
      const away = "location.href = 'https://elsewhere.invalid/'";
      expect(await refusesNavigation(shell, away)).toBe(true);
      expect(await inPage(shell, 'document.title')).toBe('Muster');
    },
    faults: [
      inMain(
        'both guards of the page removed',
        ['contents.on("will-frame-navigate", deny);', ''],
        ['contents.on("will-navigate", deny);', ''],
      ),
    ],
  },
  {
    name: 'window.open: no second window',
    run: async ({ shell }) => {
      await inPage(shell, "void window.open('https://elsewhere.invalid/')");
      await inPage(shell, "void window.open('about:blank')");
      const open = await shell.main(({ webContents }) => webContents.getAllWebContents().length);
      expect(open).toBe(1);
    },
    faults: [
      inMain('removed', [/contents\.setWindowOpenHandler\(.*\);/, '']),
      inMain('allowed', ['action: "deny"', 'action: "allow"']),
    ],
  },
  {
    name: 'will-attach-webview: denied',
    run: async ({ shell }) => expect(await refuses(shell, 'will-attach-webview')).toBe(true),
    faults: [inMain('removed', ['contents.on("will-attach-webview", deny);', ''])],
  },
];

export const pageChecks: readonly Check[] = [...isolation, ...content, ...granted, ...navigation];
