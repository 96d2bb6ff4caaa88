// Loaded before a utility process's bundle: process.parentPort, as Electron gives it, over Node's channel.
import { EventEmitter } from 'node:events';
import { MessageChannelMain } from './ports.ts';

interface Message {
  readonly kind: string;
  readonly id?: number;
  readonly data?: unknown;
  readonly ports?: readonly number[];
}

class ParentPort extends EventEmitter {
  #queue: object[] | undefined = [];

  constructor() {
    super();
    // Messages wait until somebody listens, as in Electron.
    this.on('newListener', (event) => {
      if (event !== 'message' || !this.#queue) return;
      const waiting = this.#queue;
      this.#queue = undefined;
      setImmediate(() => {
        for (const message of waiting) this.emit('message', message);
      });
    });
  }

  take(message: object): void {
    if (this.#queue) this.#queue.push(message);
    else this.emit('message', message);
  }

  postMessage(data: unknown): void {
    if (process.connected) process.send?.({ kind: 'message', data });
  }
}

const parentPort = new ParentPort();
const ends = new Map<number, InstanceType<typeof MessageChannelMain>['port1']>();
Object.defineProperty(process, 'parentPort', { value: parentPort });

/** A port of ours whose other end is told to the parent under the parent's number. */
function portFor(id: number) {
  const { port1, port2 } = new MessageChannelMain();
  ends.set(id, port2);
  port2.move({
    deliver: (data) => void (process.connected && process.send?.({ kind: 'port', id, data })),
    close: () => void (process.connected && process.send?.({ kind: 'port-close', id })),
  });
  return port1;
}

process.on('message', ({ kind, id, data, ports }: Message) => {
  if (kind === 'message') parentPort.take({ data, ports: (ports ?? []).map(portFor) });
  if (kind === 'port') ends.get(id ?? 0)?.peer?.take(data);
  if (kind === 'port-close') ends.get(id ?? 0)?.close();
});
process.on('disconnect', () => process.exit(0));
