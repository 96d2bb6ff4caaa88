// The desktop shell under test: the built bundles on the double, or on a real Electron; one way to look into either.
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Electron's module as the suite uses it; the double has `seen` and `answers` besides. */
// biome-ignore lint/suspicious/noExplicitAny: functions are sent as text and run beside Electron, outside of these types
export type InMain = (electron: any, arg: any) => unknown;

export interface Shell {
  /** Runs a function in the main process; it may use its arguments only. */
  readonly main: <T>(run: InMain, arg?: unknown) => Promise<T>;
  readonly close: () => Promise<void>;
}
export interface DoubleShell extends Shell {
  readonly process: ChildProcess;
  /** Resolves to the exit code. */
  readonly ended: Promise<number | null>;
  readonly log: () => string;
}

export interface ShellOptions {
  /** Directory with main.mjs. */
  readonly app: string;
  readonly home: string;
  readonly userData: string;
  readonly endpoint: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const REGISTER = fileURLToPath(new URL('../double/register.ts', import.meta.url));
type Answer = { readonly id: number; readonly value?: unknown; readonly error?: string };

export function startOnDouble(options: ShellOptions): DoubleShell {
  const args = ['--import', REGISTER, `${options.app}/main.mjs`, ...(options.args ?? [])];
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: {
      ...process.env,
      MUSTER_HOME: options.home,
      MUSTER_DOUBLE_CDP: options.endpoint,
      MUSTER_DOUBLE_USER_DATA: options.userData,
      ...options.env,
    },
  });
  let log = '';
  const note = (chunk: Buffer): void => {
    log += chunk.toString();
  };
  child.stdout?.on('data', note);
  child.stderr?.on('data', note);
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let lastId = 0;
  child.on('message', ({ id, value, error }: Answer) => {
    const call = waiting.get(id);
    if (error === undefined) call?.resolve(value);
    else call?.reject(new Error(error));
  });
  const ended = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => {
      for (const call of waiting.values()) call.reject(new Ended(`the shell ended: ${log}`));
      resolve(code);
    });
  });
  return {
    process: child,
    ended,
    log: () => log,
    main: <T>(run: InMain, arg?: unknown): Promise<T> => {
      if (!child.connected) return Promise.reject(new Ended(`the shell ended: ${log}`));
      const call = Promise.withResolvers<unknown>();
      const id = ++lastId;
      waiting.set(id, call);
      // A process that ends in this moment says so itself, by its exit.
      child.send({ id, source: run.toString(), arg: arg ?? null }, () => undefined);
      return call.promise as Promise<T>;
    },
    close: async () => {
      if (child.connected) child.disconnect();
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Evaluates in the main world of the window at `origin`, as a page's own script would. */
export const inPage = <T>(shell: Shell, code: string, origin = 'app://console'): Promise<T> =>
  shell.main<T>(
    async ({ BrowserWindow }, given: { readonly code: string; readonly origin: string }) => {
      const windows = BrowserWindow.getAllWindows();
      const window = windows.find((one: { webContents: { getURL: () => string } }) =>
        one.webContents.getURL().startsWith(`${given.origin}/`),
      );
      if (!window) throw new Error(`no window shows ${given.origin}`);
      return window.webContents.executeJavaScript(given.code, true);
    },
    { code, origin },
  );

class Ended extends Error {}

/** How long a thing may take before it counts as not happening; shorter where that is what is expected. */
export const patience = { ms: 20_000 };
/** Asks again until the answer is true; fails with `what` when patience is over. */
export async function until(
  what: string,
  ask: () => Promise<boolean>,
  withinMs = patience.ms,
): Promise<void> {
  const endMs = performance.now() + withinMs;
  for (;;) {
    const answer = await ask().catch((error) => {
      if (error instanceof Ended) throw error;
      return false;
    });
    if (answer) return;
    if (performance.now() > endMs) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
