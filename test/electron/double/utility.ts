// utilityProcess as a real process of Node, with ports over its channel.
import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { fileURLToPath } from 'node:url';
import { MovedPorts } from './ports.ts';
import { onlyKeys, strict } from './strict.ts';

const SHIM = fileURLToPath(new URL('./utility-child.ts', import.meta.url));
const children = new Set<ChildProcess>();

/** Bundles that run now and their process ids. */
export const processes = (): readonly { readonly path: string; readonly pid: number }[] =>
  [...children].map(({ spawnargs, pid }) => ({ path: spawnargs[3] ?? '', pid: pid ?? 0 }));

export const endChildren = (): void => {
  for (const child of children) child.kill('SIGKILL');
};

class UtilityProcess extends EventEmitter {
  readonly #child: ChildProcess;
  readonly #ports = new MovedPorts();

  constructor(path: string, args: readonly string[]) {
    super();
    this.#child = spawn(process.execPath, ['--import', SHIM, path, ...args], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    children.add(this.#child);
    this.#child.on('spawn', () => this.emit('spawn'));
    this.#child.on('message', (message: { readonly kind: string; readonly data: unknown }) => {
      if (!this.#ports.hear(message)) this.emit('message', message.data);
    });
    this.#child.on('exit', (code) => {
      children.delete(this.#child);
      this.#ports.closeAll();
      this.emit('exit', code ?? 1);
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  postMessage(data: unknown, transfer: readonly unknown[] = []): void {
    const say = (message: object): void => {
      if (this.#child.connected) this.#child.send(message);
    };
    // Said first, so that the other side has the port before anything comes over it.
    const moved: object[] = [];
    let held = true;
    const ports = transfer.map((port) =>
      this.#ports.move(port, (message) => (held ? moved.push(message) : say(message))),
    );
    say({ kind: 'message', data, ports });
    held = false;
    for (const message of moved) say(message);
  }

  kill(): boolean {
    return this.#child.kill('SIGTERM');
  }
}

export const utilityProcess = strict('utilityProcess', {
  fork: (path: string, args: readonly string[] = [], options: object = {}) => {
    onlyKeys('utilityProcess.fork', options, ['serviceName', 'stdio']);
    return strict('UtilityProcess', new UtilityProcess(path, args));
  },
});
