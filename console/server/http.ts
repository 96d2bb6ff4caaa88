// The core over HTTP and WebSocket on loopback: the page, POST /api/<method>, /ws, /healthz. A browser never signs: it has no keys.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Core } from '#console/core/core.ts';
import { err, ok, type Result } from '#shared/result.ts';
import { checkPlace, checkToken, type Knock, ownHosts, SUBPROTOCOL } from './doorman.ts';
import type { Listening } from './socket.ts';
import { type StaticSite, staticSite } from './static-files.ts';
import { answer, callByName, MAX_REQUEST_BYTES, pushText } from './wire.ts';

const MAX_UNREAD_BYTES = 1024 * 1024;
const READS: ReadonlySet<string> = new Set(['GET', 'HEAD']);
const STATUS: Readonly<Record<string, number>> = {
  BAD_REQUEST: 400,
  PARAMS: 400,
  UNAUTHORIZED: 401,
  HOST: 403,
  ORIGIN: 403,
  METHOD_NOT_FOUND: 404,
  NOT_FOUND: 404,
  METHOD: 405,
  TOO_LARGE: 413,
  MEDIA_TYPE: 415,
  INTERNAL: 500,
};

export interface HttpOptions {
  readonly core: Core;
  /** `127.0.0.1:8470`, `localhost:0`, `[::1]:8470`: loopback only. */
  readonly listen: string;
  readonly token: string;
  /** Directory of the built page. */
  readonly renderer: string;
}

/** Faults: HTTP_ADDRESS, HTTP_LISTEN. */
export async function serveHttp(options: HttpOptions): Promise<Result<Listening>> {
  const { core, listen, token } = options;
  const address = parseLoopback(listen);
  if (!address.ok) return address;
  const server = createServer({ requestTimeout: 60_000, headersTimeout: 10_000 });
  const failed = await new Promise<Error | undefined>((resolve) => {
    server.once('error', resolve);
    server.listen(address.value.port, address.value.host, () => resolve(undefined));
  });
  if (failed) {
    return err('HTTP_LISTEN', `cannot listen at ${listen}: ${failed.message}`, {
      hint: 'give another port with --http 127.0.0.1:PORT, or --no-http',
    });
  }
  const { address: host, port } = server.address() as AddressInfo;
  const hosts = ownHosts(host, port);
  const site = staticSite(options.renderer);
  server.on('request', (request, response) => {
    respond({ core, token, hosts, site }, request, response).catch(() => response.destroy());
  });
  const sockets = acceptWebSockets(server, core, (knock) => {
    const place = checkPlace(knock, hosts);
    return place.ok ? checkToken(knock, token) : place;
  });
  server.on('error', (error) => console.error(error));
  const close = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const client of sockets.clients) client.close(1001);
    server.closeAllConnections();
    for (const client of sockets.clients) client.terminate();
    await closed;
  };
  return ok({ where: `http://${[...hosts][0]}`, close });
}

function parseLoopback(listen: string): Result<{ readonly host: string; readonly port: number }> {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([^:]+)):(\d{1,5})$/.exec(listen);
  const name = match?.[1] ?? match?.[2] ?? '';
  const host = name === 'localhost' ? '127.0.0.1' : name;
  const port = Number(match?.[3]);
  const loopback = host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
  if (match && loopback && port <= 65_535) return ok({ host, port });
  return err('HTTP_ADDRESS', `${listen} is not a port of this machine's loopback`, {
    hint: 'use 127.0.0.1:8470; for others put a TLS proxy on this machine before it',
  });
}

const knockOf = ({ headers }: IncomingMessage): Knock => ({
  host: headers.host,
  origin: headers.origin,
  authorization: headers.authorization,
  protocols: headers['sec-websocket-protocol'],
});

interface House {
  readonly core: Core;
  readonly token: string;
  readonly hosts: ReadonlySet<string>;
  readonly site: StaticSite;
}

async function respond(
  { core, token, hosts, site }: House,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = (request.url ?? '/').split('?')[0] ?? '/';
  const place = checkPlace(knockOf(request), hosts);
  if (!place.ok) return send(response, place);
  if (path === '/healthz') return send(response, ok('ok'));
  // The page itself is no secret; everything in it comes by calls that ask for the token.
  if (!path.startsWith('/api/')) {
    if (READS.has(request.method ?? '')) return site.serve(request, response, path);
    return send(response, err('NOT_FOUND', `nothing at ${path.slice(0, 200)}`));
  }
  const allowed = checkToken(knockOf(request), token);
  if (!allowed.ok) return send(response, allowed);
  if (request.method !== 'POST') return send(response, err('METHOD', 'calls are POST requests'));
  if (!/^application\/json(;|$)/i.test(request.headers['content-type'] ?? '')) {
    return send(response, err('MEDIA_TYPE', 'send application/json'));
  }
  // Said before the body is read: a client that is told late only sees its connection end.
  if (Number(request.headers['content-length'] ?? 0) > MAX_REQUEST_BYTES) {
    return send(response, TOO_LARGE);
  }
  const params = await readParams(request);
  if (!params.ok) return send(response, params);
  send(response, await callByName(core, path.slice('/api/'.length), params.value));
}

const TOO_LARGE = err('TOO_LARGE', `a request has at most ${MAX_REQUEST_BYTES} bytes`);

async function readParams(request: IncomingMessage): Promise<Result<unknown>> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > MAX_REQUEST_BYTES) return TOO_LARGE;
    parts.push(part);
  }
  try {
    const text = Buffer.concat(parts).toString('utf8');
    return ok(text.trim() === '' ? {} : JSON.parse(text));
  } catch {
    return err('BAD_REQUEST', 'the body is not JSON');
  }
}

function send(response: ServerResponse, result: Result<unknown>): void {
  const body = JSON.stringify(result.ok ? { ok: true, value: result.value ?? null } : result);
  response.writeHead(result.ok ? 200 : (STATUS[result.fault.code] ?? 422), {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'cross-origin-resource-policy': 'same-origin',
    // Refused before its body came: what follows on this connection would be taken for it.
    ...(response.req.complete ? {} : { connection: 'close' }),
  });
  response.end(body);
}

function acceptWebSockets(
  server: Server,
  core: Core,
  check: (knock: Knock) => Result<void>,
): WebSocketServer {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_REQUEST_BYTES,
    // Of what a client offers only this is ever echoed: the other one carries the token.
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  });
  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    stream.on('error', () => stream.destroy());
    const allowed = check(knockOf(request));
    const known = request.url?.split('?')[0] === '/ws';
    if (!allowed.ok || !known) {
      const status = allowed.ok ? 404 : (STATUS[allowed.fault.code] ?? 403);
      stream.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, stream, head, (client) => serveWebSocket(core, client));
  });
  return sockets;
}

function serveWebSocket(core: Core, client: WebSocket): void {
  const send = (text: string): void => {
    if (client.readyState === client.OPEN) client.send(text);
  };
  const endPushes = core.onPush((push) => {
    if (client.bufferedAmount < MAX_UNREAD_BYTES) send(pushText(push));
  });
  client.on('close', endPushes).on('error', () => client.terminate());
  client.on('message', (data) => void answer(core, data.toString()).then(send));
}
