// MessageChannelMain as Electron has it: pairs of ports, either end of which may move into a page or another process.
import { EventEmitter } from 'node:events';

/** The other side of a moved port. */
export interface Remote {
  readonly deliver: (data: unknown) => void;
  readonly close: () => void;
}

export class MessagePortMain extends EventEmitter {
  peer: MessagePortMain | undefined;
  #remote: Remote | undefined;
  #queue: unknown[] = [];
  #started = false;
  #closed = false;

  postMessage(data: unknown, transfer: readonly unknown[] = []): void {
    if (transfer.length > 0) throw new Error('the double does not move ports over ports');
    // Structured clone, as between processes: functions and the like throw here as they do there.
    this.peer?.take(structuredClone(data));
  }

  start(): void {
    this.#started = true;
    this.#flush();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.peer?.ended();
  }

  take(data: unknown): void {
    if (this.#closed) return;
    this.#queue.push(data);
    this.#flush();
  }

  ended(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#remote) this.#remote.close();
    else setImmediate(() => this.emit('close'));
  }

  /** Moves this end elsewhere; what came so far follows. */
  move(remote: Remote): void {
    if (this.#remote) throw new Error('a port moves once');
    this.#remote = remote;
    this.#flush();
  }

  #flush(): void {
    if (!this.#remote && !this.#started) return;
    for (let data = this.#queue.shift(); data !== undefined; data = this.#queue.shift()) {
      const one = data;
      if (this.#remote) this.#remote.deliver(one);
      else setImmediate(() => this.emit('message', { data: one, ports: [] }));
    }
  }
}

export class MessageChannelMain {
  readonly port1 = new MessagePortMain();
  readonly port2 = new MessagePortMain();
  constructor() {
    this.port1.peer = this.port2;
    this.port2.peer = this.port1;
  }
}

/** Ports that moved over one wire, by a number both sides know. */
export class MovedPorts {
  readonly #ports = new Map<number, MessagePortMain>();
  #lastId = 0;

  move(port: unknown, say: (message: object) => void): number {
    if (!(port instanceof MessagePortMain)) throw new Error('only ports can be transferred');
    const id = ++this.#lastId;
    this.#ports.set(id, port);
    port.move({
      deliver: (data) => say({ kind: 'port', id, data }),
      close: () => say({ kind: 'port-close', id }),
    });
    return id;
  }

  /** True when the message was about a port. */
  hear(message: { readonly kind?: unknown; readonly id?: unknown; readonly data?: unknown }) {
    const port = this.#ports.get(Number(message.id));
    if (message.kind === 'port') port?.peer?.take(message.data);
    if (message.kind === 'port-close') port?.close();
    return message.kind === 'port' || message.kind === 'port-close';
  }

  closeAll(): void {
    for (const port of this.#ports.values()) port.close();
    this.#ports.clear();
  }
}
