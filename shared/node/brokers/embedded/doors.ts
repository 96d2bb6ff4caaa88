// Where the embedded broker listens: plain TCP for this machine, TLS for others; their sockets are kept so that all can be closed.
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { err, ok, type Result } from '#shared/result.ts';

/** `cert` and `key` are PEM; port 0: any free one. */
export interface TlsDoor {
  readonly host: string;
  readonly port: number;
  readonly cert: string;
  readonly key: string;
}

export interface Doors {
  readonly port: number;
  readonly tlsPort: number | null;
  /** Takes no more; resolves when the last socket is gone. */
  readonly stop: () => Promise<void>;
  /** Ends every socket, too. */
  readonly close: () => Promise<void>;
}

interface Place {
  readonly host: string;
  readonly port: number;
}

const HANDSHAKE_MS = 10_000;

/** Faults: BROKER_PORT_IN_USE, BROKER_LISTEN. Nothing stays open after a fault. */
export async function openDoors(
  options: Place & { readonly tls?: TlsDoor; readonly log: (line: string) => void },
  onSocket: (socket: Socket) => void,
): Promise<Result<Doors>> {
  const { tls, log } = options;
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
  };
  const take = (socket: Socket): void => {
    keep(socket);
    onSocket(socket);
  };
  const servers: Server[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(
      servers.map((server) => new Promise((resolve) => server.close(() => resolve(undefined)))),
    );
  };
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await stop();
  };
  const plain = createServer({ noDelay: true, keepAlive: true }, take);
  const listening = await listen(plain, options, '--port');
  if (!listening.ok) return listening;
  servers.push(plain);
  if (tls === undefined) return ok({ port: listening.value, tlsPort: null, stop, close });
  const secure = createTlsServer(
    { cert: tls.cert, key: tls.key, minVersion: 'TLSv1.2', handshakeTimeout: HANDSHAKE_MS },
    (socket) => {
      socket.setNoDelay(true);
      take(socket);
    },
  );
  // Also those that never finish their handshake are closed with the broker.
  secure.on('connection', keep);
  secure.on('tlsClientError', (error, socket) => {
    log(`${socket.remoteAddress ?? 'somebody'}: no TLS: ${error.message}`);
    socket.destroy();
  });
  const securely = await listen(secure, tls, '--tls-port');
  if (!securely.ok) {
    await close();
    return securely;
  }
  servers.push(secure);
  return ok({ port: listening.value, tlsPort: securely.value, stop, close });
}

/** Resolves to the port. `option` is what the operator would choose another one with. */
async function listen(
  server: Server,
  { host, port }: Place,
  option: string,
): Promise<Result<number>> {
  const { promise, resolve } = Promise.withResolvers<Result<number>>();
  server.once('error', (error: NodeJS.ErrnoException) => {
    const where = `${host}:${port}`;
    resolve(
      error.code === 'EADDRINUSE'
        ? err('BROKER_PORT_IN_USE', `something already listens on ${where}`, {
            hint: `is the broker already running? else choose another ${option}`,
          })
        : err('BROKER_LISTEN', `cannot listen on ${where}: ${error.message}`, {
            hint: `check the address and ${option}; ports below 1024 need privileges`,
          }),
    );
  });
  server.listen(port, host, () => resolve(ok((server.address() as AddressInfo).port)));
  return promise;
}
