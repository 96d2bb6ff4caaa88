// app: life of the program, the sandbox switch, the single instance.
import { EventEmitter } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { strict } from './strict.ts';
import { endChildren } from './utility.ts';

const userData = process.env.MUSTER_DOUBLE_USER_DATA ?? '';
const LOOK_MS = 50;
const emitter = new EventEmitter();
let sandboxed = false;
let quitting = false;

/** The lock is a directory: made by one process, and a mailbox for the arguments of the others. */
function requestSingleInstanceLock(): boolean {
  const lock = join(userData, 'double-lock');
  try {
    mkdirSync(userData, { recursive: true });
    mkdirSync(lock);
  } catch {
    writeFileSync(join(lock, `${process.pid}.json`), JSON.stringify(process.argv));
    return false;
  }
  process.on('exit', () => rmSync(lock, { recursive: true, force: true }));
  setInterval(() => {
    for (const name of readdirSync(lock).filter((file) => file.endsWith('.json'))) {
      const text = readFileSync(join(lock, name), 'utf8');
      if (text === '') continue;
      rmSync(join(lock, name));
      emitter.emit('second-instance', {}, JSON.parse(text), userData, null);
    }
  }, LOOK_MS).unref();
  return true;
}

function quit(): void {
  if (quitting) return;
  quitting = true;
  emitter.emit('before-quit', { preventDefault: () => undefined });
  emitter.emit('will-quit', { preventDefault: () => undefined });
  setImmediate(() => {
    endChildren();
    process.exit(0);
  });
}

const part = {
  enableSandbox: (): void => {
    sandboxed = true;
  },
  requestSingleInstanceLock,
  setAsDefaultProtocolClient: (_scheme: string): boolean => true,
  getPath: (name: string): string => {
    if (name !== 'userData') throw new Error(`the double does not model the path ${name}`);
    return userData;
  },
  isPackaged: true,
  whenReady: () => new Promise<void>((resolve) => setImmediate(resolve)),
  quit,
  on: (event: string, listener: (...args: never[]) => void): void => {
    const known = ['web-contents-created', 'second-instance', 'open-url', 'activate'];
    if (![...known, 'window-all-closed', 'will-quit', 'before-quit'].includes(event)) {
      throw new Error(`the double does not model app's event ${event}`);
    }
    emitter.on(event, listener as (...args: unknown[]) => void);
  },
  emit: (event: string, ...args: unknown[]): boolean => emitter.emit(event, ...args),
  commandLine: strict('commandLine', {
    // Electron keeps enableSandbox() as this switch.
    hasSwitch: (name: string): boolean => name === 'enable-sandbox' && sandboxed,
  }),
  isSandboxed: () => sandboxed,
  emitter,
};
export const app = strict('app', part);
