// The core as a process: lock, broker, core, socket, HTTP; opened in that order and closed in reverse.
import { openCore } from '#console/core/core.ts';
import { loadFleet } from '#console/core/home.ts';
import { readBrokerCa } from '#console/core/reach.ts';
import { parseBrokerAddress } from '#console/setup/broker-address.ts';
import { readBrokerFile } from '#console/setup/home-files.ts';
import type { Clock } from '#shared/clock.ts';
import { openBroker } from '#shared/node/brokers.ts';
import type { Broker } from '#shared/protocol/broker.ts';
import { ok, type Result } from '#shared/result.ts';
import { connectCore } from './client.ts';
import { serveHttp } from './http.ts';
import { lockHomeSoon } from './lock.ts';
import { socketPath } from './places.ts';
import { serveSocket } from './socket.ts';
import { RENDERER } from './static-files.ts';
import { loadToken } from './token.ts';

export interface ServeOptions {
  readonly home: string;
  readonly clock: Clock;
  /** Address for HTTP; undefined = none. */
  readonly http: string | undefined;
  /** Broker in place of the home's own. */
  readonly brokerUrl: string | undefined;
  readonly log: (line: string) => void;
  /** Directory of the built page; that of this program unless told. */
  readonly renderer?: string;
}

export interface Serving {
  readonly fleet: string;
  readonly broker: string;
  readonly socket: string;
  readonly http: string | null;
  /** The page with its login: the fragment never reaches a server or its log. */
  readonly page: string | null;
  readonly close: () => Promise<void>;
}

interface Web {
  readonly where: string;
  readonly page: string;
}

type Closer = () => Promise<void> | void;

/** Faults: HOME_MISSING, HOME_INVALID, CORE_RUNNING, SOCKET, HTTP_*, TOKEN_*, and those of openCore. */
export async function serve(options: ServeOptions): Promise<Result<Serving>> {
  const { home } = options;
  const fleet = loadFleet(home);
  if (!fleet.ok) return fleet;
  const path = socketPath(home);
  if (!path.ok) return path;
  const broker = brokerOf(home, options.brokerUrl, fleet.value.brokerUrl);
  if (!broker.ok) return broker;
  const lock = await lockHomeSoon(home, () => answers(path.value));
  if (!lock.ok) return lock;
  const closers: Closer[] = [lock.value.release];
  const close = async (): Promise<void> => {
    for (let closer = closers.pop(); closer; closer = closers.pop()) await closer();
  };
  const started = await start(closers, broker.value, path.value, options);
  if (!started.ok) {
    await close();
    return started;
  }
  return ok({
    fleet: fleet.value.fleet,
    broker: broker.value.describe(),
    socket: path.value,
    http: started.value?.where ?? null,
    page: started.value?.page ?? null,
    close,
  });
}

async function answers(path: string): Promise<boolean> {
  const link = await connectCore(path);
  if (link.ok) await link.value.close();
  return link.ok;
}

/** Resolves to where the HTTP server is, null without one. What was opened stands in `closers`, also after a fault. */
async function start(
  closers: Closer[],
  broker: Broker,
  path: string,
  { home, clock, http, log, renderer = RENDERER }: ServeOptions,
): Promise<Result<Web | null>> {
  const core = await openCore({ home, clock, broker, log });
  if (!core.ok) return core;
  closers.push(core.value.close);
  const socket = await serveSocket(core.value, path);
  if (!socket.ok) return socket;
  closers.push(socket.value.close);
  if (http === undefined) return ok(null);
  const token = loadToken(home);
  if (!token.ok) return token;
  const web = await serveHttp({ core: core.value, listen: http, token: token.value, renderer });
  if (!web.ok) return web;
  closers.push(web.value.close);
  const { where } = web.value;
  return ok({ where, page: `${where}/#token=${token.value}` });
}

/** The broker of the home with its credential, or the one named in its place. Faults: USAGE, HOME_INVALID. */
function brokerOf(home: string, named: string | undefined, own: string): Result<Broker> {
  const address = parseBrokerAddress(named === undefined || named === 'embedded' ? own : named);
  if (!address.ok) return address;
  const kept = readBrokerFile(home);
  if (!kept.ok) return kept;
  // The home's password goes to the home's broker only, or to one named without its own.
  const credentials = address.value.credentials ?? (address.value.url === own ? kept.value : {});
  const ca = address.value.url === own ? readBrokerCa(home) : undefined;
  return ok(openBroker(address.value.url, { ...credentials, ...(ca === undefined ? {} : { ca }) }));
}
