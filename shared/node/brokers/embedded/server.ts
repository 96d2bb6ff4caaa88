// The embedded broker: aedes with the cures it needs, over TCP, with its own users and durable retained messages.
import { mkdirSync } from 'node:fs';
import type { Socket } from 'node:net';
import { Aedes, type Client } from 'aedes';
import { MAX_PACKET_BYTES, packetLimit } from '#shared/node/brokers/packet-limit.ts';
import { err, ok, type Result } from '#shared/result.ts';
import { type BrokerCredentials, brokerCredentials } from './credentials.ts';
import { type Doorkeeper, doorkeeper } from './doorkeeper.ts';
import { openDoors, type TlsDoor } from './doors.ts';
import { retainedOnlyPersistence } from './persistence.ts';
import { openRetained, type RetainedStore } from './retained.ts';

export interface EmbeddedBrokerOptions {
  /** Holds credentials.db and retained.db; made when missing. One broker at a time. */
  readonly directory: string;
  /** Loopback, unless something in front of it speaks TLS: passwords travel as they are. */
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** A second door, for other machines. */
  readonly tls?: TlsDoor;
  /** When given, only topics of this fleet are allowed. */
  readonly fleet?: string;
  readonly log: (line: string) => void;
}

export interface EmbeddedBroker {
  readonly url: string;
  readonly port: number;
  readonly tlsPort: number | null;
  readonly close: () => Promise<void>;
}

/** A subscriber that does not read stalls its publishers at most this long, then it is dropped. */
const DRAIN_TIMEOUT_MS = 5_000;
const CONNECT_TIMEOUT_MS = 10_000;
const RECHECK_MS = 2_000;

/** Faults: BROKER_PORT_IN_USE, BROKER_LISTEN, BROKER_RUNNING (another process has the directory). */
export async function startEmbeddedBroker(
  options: EmbeddedBrokerOptions,
): Promise<Result<EmbeddedBroker>> {
  const { directory, host, log } = options;
  const ready = Promise.withResolvers<(socket: Socket) => void>();
  const opening = await openDoors(options, (socket) => {
    void ready.promise.then((handle) => handle(socket));
  });
  // Listening comes first: a second broker on the same port is told so at once.
  if (!opening.ok) return opening;
  const doors = opening.value;
  const opened = openStores(directory);
  if (!opened.ok) {
    await doors.close();
    return opened;
  }
  const { retained, credentials } = opened.value;
  const door = doorkeeper({ retained, credentials, fleet: options.fleet, log });
  const aedes = await createAedes(door, retained, log);
  ready.resolve((socket) => accept(aedes, socket, log));
  const recheck = setInterval(door.recheck, RECHECK_MS);

  const close = async (): Promise<void> => {
    clearInterval(recheck);
    const closed = doors.stop();
    await new Promise<void>((resolve) => aedes.close(resolve));
    await doors.close();
    await closed;
    retained.close();
    credentials.close();
  };
  const { port, tlsPort } = doors;
  const url = `mqtt://${host.includes(':') ? `[${host}]` : host}:${port}`;
  return ok({ port, tlsPort, url, close });
}

async function createAedes(
  door: Doorkeeper,
  retained: RetainedStore,
  log: (line: string) => void,
): Promise<Aedes> {
  const aedes = await Aedes.createBroker({
    persistence: retainedOnlyPersistence(retained),
    drainTimeout: DRAIN_TIMEOUT_MS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    ...door.hooks,
  });
  aedes.on('client', (client) => {
    stopLosingMessages(client);
    door.welcome(client);
  });
  aedes.on('clientError', (client, error) => log(`${client.id}: ${error.message}`));
  aedes.on('connectionError', (_, error) => log(`before CONNECT: ${error.message}`));
  // Not in aedes' types: failures of the broker itself.
  (aedes as NodeJS.EventEmitter).on('error', (error: Error) => log(`broker: ${error.message}`));
  return aedes;
}

/**
 * aedes drops a message whose counter is below the newest it sent to that client, as if it were a duplicate; messages
 * overtake each other, so acknowledged ones were lost (aedes issues 955 and 994). There are no duplicates to find in a
 * single broker without sessions: every counter looks new.
 */
function stopLosingMessages(client: Client): void {
  const noDuplicates = new Proxy({}, { get: () => 0, set: () => true });
  (client as Client & { duplicates: object }).duplicates = noDuplicates;
}

/** aedes has no packet limit: the frames are watched where aedes reads them, and a too large one ends the connection. */
function accept(aedes: Aedes, socket: Socket, log: (line: string) => void): void {
  if (socket.destroyed) return;
  const fits = packetLimit(MAX_PACKET_BYTES);
  const read = socket.read.bind(socket);
  socket.read = (size?: number): Buffer | null => {
    const chunk = read(size) as Buffer | null;
    if (chunk === null || fits(chunk)) return chunk;
    log(`${socket.remoteAddress}: packet above ${MAX_PACKET_BYTES} bytes, connection closed`);
    socket.destroy();
    return null;
  };
  aedes.handle(socket);
}

function openStores(directory: string): Result<{
  readonly retained: RetainedStore;
  readonly credentials: BrokerCredentials;
}> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  try {
    return ok({ retained: openRetained(directory), credentials: brokerCredentials(directory) });
  } catch (error) {
    if (!(error as { readonly code?: string }).code?.startsWith('SQLITE_BUSY')) throw error;
    return err('BROKER_RUNNING', `another broker already uses ${directory}`, {
      hint: 'stop it first, or give this one another --home',
    });
  }
}
