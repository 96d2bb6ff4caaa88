// A check of the shell and the faults it must notice: run against the bundles as built it passes, against each planted fault it fails.
import type { Edit } from './build.ts';
import { inPage, type Shell, until } from './shell.ts';
import type { StubCore } from './stub-core.ts';

export interface Scene {
  readonly shell: Shell;
  readonly core: StubCore;
  /** An app:// address as the page under test has to write it. */
  readonly address: (app: string) => string;
  /** True on a real Electron, where what the double counts is not to be had. */
  readonly real: boolean;
}

export interface Fault {
  readonly name: string;
  readonly edits: readonly Edit[];
}

export interface Check {
  /** Begins with the id of what it is about. */
  readonly name: string;
  readonly run: (scene: Scene) => Promise<void>;
  readonly faults: readonly Fault[];
  /** Needs the double's view of the outside world. */
  readonly onlyDouble?: true;
}

/** A fault in the main process's bundle. */
export const inMain = (name: string, ...pairs: readonly (readonly [string | RegExp, string])[]) =>
  inFile('main.mjs', name, ...pairs);
export const inFile = (
  file: string,
  name: string,
  ...pairs: readonly (readonly [string | RegExp, string])[]
): Fault => ({ name, edits: pairs.map(([from, to]) => ({ file, from, to })) });

/** Emits one event of a navigation by itself, as if no other guard stood before it; true when it was refused. */
export const refuses = (shell: Shell, event: string): Promise<boolean> =>
  shell.main<boolean>(({ BrowserWindow }, name: string) => {
    const [window] = BrowserWindow.getAllWindows();
    const details = {
      url: 'https://elsewhere.invalid/',
      isMainFrame: true,
      defaultPrevented: false,
      preventDefault() {
        this.defaultPrevented = true;
      },
    };
    window.webContents.emit(name, details, details.url, {});
    return details.defaultPrevented;
  }, event);

/** Starts a navigation in the page and says whether the shell refused it. */
export async function refusesNavigation(shell: Shell, code: string): Promise<boolean> {
  await shell.main(({ BrowserWindow }) => {
    const [window] = BrowserWindow.getAllWindows();
    const record = globalThis as { lastNavigation?: boolean | undefined };
    record.lastNavigation = undefined;
    window.webContents.once('will-frame-navigate', (event: { defaultPrevented: boolean }) => {
      // After every other listener: what stands then is decided.
      setImmediate(() => {
        record.lastNavigation = event.defaultPrevented;
      });
    });
  });
  await inPage(shell, `void setTimeout(() => { ${code} }, 0)`);
  await until('the navigation was asked about', () =>
    shell.main<boolean>(
      () =>
        'lastNavigation' in globalThis &&
        (globalThis as { lastNavigation?: boolean }).lastNavigation !== undefined,
    ),
  );
  return shell.main<boolean>(
    () => (globalThis as { lastNavigation?: boolean }).lastNavigation === true,
  );
}

/** Calls a channel as a frame the suite invents; the answer's fault code, or `done`. */
export const askAs = (
  shell: Shell,
  channel: string,
  frame: { readonly url: string; readonly parent: null | object } | null,
  args: readonly unknown[],
): Promise<string> =>
  shell.main<string>(
    async ({ BrowserWindow, ipcMain }, ask) => {
      const handler = ipcMain._invokeHandlers.get(ask.channel);
      const [window] = BrowserWindow.getAllWindows();
      const event = { sender: window.webContents, senderFrame: ask.frame };
      const answer = await handler(event, ...ask.args);
      return answer?.fault?.code ?? 'done';
    },
    { channel, frame, args },
  );

export const CONFIRM = 'app://confirm';
export const hasConfirmation = (shell: Shell): Promise<boolean> =>
  inPage<boolean>(shell, "document.documentElement.dataset.ready === 'yes'", CONFIRM);

/** Asks for a signature from the page and waits until the confirmation stands. */
export async function askToSign(shell: Shell, proposal: string): Promise<void> {
  await connected(shell);
  await inPage(
    shell,
    `state.answer = null; void window.muster.sign('${proposal}').then((a) => { state.answer = a; })`,
  );
  await until('the confirmation', () => hasConfirmation(shell));
}

export const connected = (shell: Shell): Promise<void> =>
  until('a port to the core', () => inPage<boolean>(shell, '!!window.state?.port'));

/** Fills the confirmation in and presses Sign, as a person does. */
export async function agree(shell: Shell, passphrase: string): Promise<void> {
  await until('Sign can be pressed', () =>
    inPage<boolean>(shell, "!document.getElementById('agree').disabled", CONFIRM),
  );
  await inPage(
    shell,
    `document.getElementById('passphrase').value = ${JSON.stringify(passphrase)}; document.getElementById('agree').click()`,
    CONFIRM,
  );
}
export const refuse = (shell: Shell): Promise<void> =>
  inPage(shell, "void document.getElementById('refuse').click()", CONFIRM);

export const answerOf = async (shell: Shell): Promise<{ signed: boolean; message: string }> => {
  await until('an answer', () => inPage<boolean>(shell, '!!state.answer'));
  return JSON.parse(await inPage<string>(shell, 'JSON.stringify(state.answer)'));
};
