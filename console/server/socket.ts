// The core on a Unix socket that only its owner can open (named pipe on Windows): JSON lines.
import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import type { Core } from '#console/core/core.ts';
import { err, ok, type Result } from '#shared/result.ts';
import { lineReader } from './lines.ts';
import { answer, faultText, MAX_REQUEST_BYTES, pushText } from './wire.ts';

export interface Listening {
  readonly where: string;
  readonly close: () => Promise<void>;
}

/** A client that does not read: pushes are only hints, so it goes without; answers wait for it. */
const MAX_UNREAD_BYTES = 1024 * 1024;
const MAX_CLIENTS = 64;

/** Listens at `path`; the caller holds the home's lock, so a socket file that is there is a dead one's. Fault: SOCKET. */
export async function serveSocket(core: Core, path: string): Promise<Result<Listening>> {
  const clients = new Set<Socket>();
  const server = createServer((socket) => {
    clients.add(socket);
    socket.on('close', () => clients.delete(socket)).on('error', () => socket.destroy());
    serveClient(core, socket);
  });
  server.maxConnections = MAX_CLIENTS;
  const windows = process.platform === 'win32';
  if (!windows) rmSync(path, { force: true });
  const failed = await new Promise<Error | undefined>((resolve) => {
    server.once('error', resolve);
    // Bound inside this call: nobody can open it in the moment before chmod.
    const mask = windows ? 0 : process.umask(0o177);
    server.listen(path, () => resolve(undefined));
    if (!windows) process.umask(mask);
  });
  if (failed) return err('SOCKET', `cannot listen at ${path}: ${failed.message}`);
  server.on('error', (error) => console.error(error));
  if (!windows) chmodSync(path, 0o600);
  const close = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const client of clients) client.destroySoon();
    await closed;
  };
  return ok({ where: path, close });
}

function serveClient(core: Core, socket: Socket): void {
  const send = (text: string): void => {
    if (socket.writable) socket.write(`${text}\n`);
  };
  const reader = lineReader(MAX_REQUEST_BYTES, (line) => void answer(core, line).then(send));
  const endPushes = core.onPush((push) => {
    if (socket.writableLength < MAX_UNREAD_BYTES) send(pushText(push));
  });
  socket.on('close', endPushes);
  socket.on('data', (chunk: Buffer) => {
    if (reader.take(chunk)) return;
    socket.pause();
    const message = `a request has at most ${MAX_REQUEST_BYTES} bytes`;
    socket.end(`${faultText({ code: 'TOO_LARGE', message })}\n`, () => socket.destroy());
  });
}
