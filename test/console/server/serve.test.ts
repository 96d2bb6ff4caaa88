// The core behind its socket, HTTP and WebSocket, over real connections.
import { rmSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { connectCore } from '#console/server/client.ts';
import { lockHome } from '#console/server/lock.ts';
import { type Serving, serve } from '#console/server/serve.ts';
import { loadToken } from '#console/server/token.ts';
import { MAX_REQUEST_BYTES } from '#console/server/wire.ts';
import { initHome } from '#console/setup/init.ts';
import { systemClock } from '#shared/node/system-clock.ts';
import { PASSPHRASE, workDirectory } from '../run-muster.ts';

const { root } = workDirectory();
const home = join(root, 'home');
const socket = join(home, 'core.sock');
let serving: Serving;
let token: string;

const start = (http: string | undefined) =>
  serve({ home, clock: systemClock, http, brokerUrl: undefined, log: () => undefined });

beforeAll(async () => {
  const made = await initHome({
    home,
    fleet: 'shops',
    person: 'ada',
    broker: { url: 'memory://serve-test', embedded: false },
    passphrase: PASSPHRASE,
    clock: systemClock,
  });
  if (!made.ok) throw new Error(made.fault.message);
  const started = await start('127.0.0.1:0');
  if (!started.ok) throw new Error(started.fault.message);
  serving = started.value;
  const loaded = loadToken(home);
  token = loaded.ok ? loaded.value : '';
});

afterAll(async () => {
  await serving.close();
  rmSync(root, { recursive: true, force: true, maxRetries: 10 });
});

interface Reply {
  readonly status: number;
  readonly body: {
    readonly ok: boolean;
    readonly value?: unknown;
    readonly fault?: { readonly code: string };
  };
}

/** A raw request: fetch would not let a test lie about Host. */
function post(path: string, body: string, headers: Record<string, string> = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(serving.http ?? '');
    const sent = request({
      hostname,
      port,
      path,
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
    });
    sent.on('response', async (response) => {
      let text = '';
      for await (const part of response) text += String(part);
      resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) });
    });
    sent.on('error', reject).end(body);
  });
}

const bearer = () => ({ authorization: `Bearer ${token}` });

/** Sends raw bytes to the socket and collects lines until `count` came or it closed. */
function raw(bytes: string | Buffer, count: number): Promise<readonly Record<string, unknown>[]> {
  return new Promise((resolve, reject) => {
    const client = createConnection(socket, () => client.write(bytes));
    let text = '';
    const lines = () => text.split('\n').filter((line) => line !== '');
    const finish = () => resolve(lines().map((line) => JSON.parse(line)));
    client.on('data', (chunk) => {
      text += chunk;
      if (lines().length >= count && text.endsWith('\n')) client.destroy();
    });
    client.on('close', finish).on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') reject(error);
    });
  });
}

describe('the socket', () => {
  it('is for its owner alone', () => {
    expect(statSync(socket).mode & 0o777).toBe(0o600);
    expect(statSync(home).mode & 0o777).toBe(0o700);
  });

  it('answers many calls of one client by their ids', async () => {
    const link = await connectCore(socket);
    if (!link.ok) throw new Error(link.fault.message);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        n % 2
          ? link.value.call('core.status', {})
          : link.value.call('agents.show', { agent: 'nobody' }),
      ),
    );
    expect(answers.filter(({ ok }) => ok)).toHaveLength(10);
    expect(answers[1]).toMatchObject({ ok: true, value: { fleet: 'shops', trustVersion: 1 } });
    expect(answers[0]).toMatchObject({ ok: false, fault: { code: 'AGENT_UNKNOWN' } });
    await link.value.close();
  });

  it('answers malformed input with a fault and goes on', async () => {
    const lines = await raw(
      'not json\n[]\n{"id":7}\n{"id":8,"method":"constructor"}\n{"id":9,"method":"agents.show","params":{"agent":"../x"}}\n{"id":10,"method":"core.status"}\n',
      6,
    );
    expect(lines).toHaveLength(6);
    const byId = new Map(lines.map((line) => [line.id, line]));
    expect(lines.filter(({ id }) => id === null)).toHaveLength(2);
    expect(byId.get(7)).toMatchObject({ fault: { code: 'BAD_REQUEST' } });
    expect(byId.get(8)).toMatchObject({ fault: { code: 'METHOD_NOT_FOUND' } });
    expect(byId.get(9)).toMatchObject({ fault: { code: 'PARAMS' } });
    expect(byId.get(10)).toMatchObject({ ok: true });
  });

  it('ends a client whose request is too long, and only that one', async () => {
    const lines = await raw(Buffer.alloc(MAX_REQUEST_BYTES + 1, 0x61), 1);
    expect(lines[0] ?? { fault: { code: 'TOO_LARGE' } }).toMatchObject({
      fault: { code: 'TOO_LARGE' },
    });
    expect(await raw('{"id":1,"method":"core.status"}\n', 1)).toMatchObject([{ id: 1, ok: true }]);
  });

  it('calls end as CORE_GONE when the core goes away', async () => {
    expect(await connectCore(join(root, 'nobody.sock'))).toMatchObject({
      ok: false,
      fault: { code: 'CORE_UNREACHABLE' },
    });
  });
});

describe('one core per home', () => {
  it('a second one is refused and leaves the first alone', async () => {
    expect(await start(undefined)).toMatchObject({ ok: false, fault: { code: 'CORE_RUNNING' } });
    expect(lockHome(home)).toMatchObject({ ok: false, fault: { code: 'CORE_RUNNING' } });
    expect(await raw('{"id":1,"method":"core.status"}\n', 1)).toMatchObject([{ ok: true }]);
  });
});

describe('a command that looks something up', () => {
  it('does not keep a core from starting', async () => {
    await serving.close();
    const lock = lockHome(home);
    const starting = start('127.0.0.1:0');
    setTimeout(() => lock.ok && lock.value.release(), 300);
    const started = await starting;
    if (!started.ok) throw new Error(started.fault.message);
    serving = started.value;
  });
});

describe('HTTP', () => {
  it('answers a call that has the token', async () => {
    const reply = await post('/api/core.status', '{}', bearer());
    expect(reply).toMatchObject({ status: 200, body: { ok: true, value: { fleet: 'shops' } } });
  });

  it.each([
    ['no token', {}, 401, 'UNAUTHORIZED'],
    ['a wrong token', { authorization: `Bearer ${'x'.repeat(43)}` }, 401, 'UNAUTHORIZED'],
    ['a rebound name', { host: 'evil.example:8470' }, 403, 'HOST'],
    ['a page of another origin', { origin: 'http://evil.example' }, 403, 'ORIGIN'],
    ['a form', { 'content-type': 'text/plain' }, 415, 'MEDIA_TYPE'],
  ])('refuses %s', async (_what, headers, status, code) => {
    const given = code === 'UNAUTHORIZED' ? headers : { ...bearer(), ...headers };
    const reply = await post('/api/core.status', '{}', given as Record<string, string>);
    expect(reply).toMatchObject({ status, body: { ok: false, fault: { code } } });
  });

  it('faults keep their code, with a status that fits', async () => {
    expect(await post('/api/nothing', '{}', bearer())).toMatchObject({ status: 404 });
    expect(await post('/api/__proto__', '{}', bearer())).toMatchObject({ status: 404 });
    expect(await post('/api/core.status', '{"x":', bearer())).toMatchObject({ status: 400 });
    const unknown = await post('/api/agents.show', '{"agent":"nobody"}', bearer());
    expect(unknown).toMatchObject({ status: 422, body: { fault: { code: 'AGENT_UNKNOWN' } } });
  });

  it('says so when a request is too large, before it is sent', async () => {
    const length = { 'content-length': String(MAX_REQUEST_BYTES + 1) };
    expect(await post('/api/core.status', '', { ...bearer(), ...length })).toMatchObject({
      status: 413,
      body: { fault: { code: 'TOO_LARGE' } },
    });
  });

  it('answers anybody who asks whether it lives, and tells no more', async () => {
    expect(await post('/healthz', '')).toEqual({ status: 200, body: { ok: true, value: 'ok' } });
    expect(await post('/', '')).toMatchObject({ status: 404 });
  });

  it('refuses to listen anywhere but on loopback', async () => {
    await serving.close();
    const open = await start('0.0.0.0:0');
    expect(open).toMatchObject({ ok: false, fault: { code: 'HTTP_ADDRESS' } });
    // The refused start has let go of lock and socket, or this one would fail.
    const again = await start('127.0.0.1:0');
    if (!again.ok) throw new Error(again.fault.message);
    serving = again.value;
  });

  it('the token is made once and readable by its owner alone', () => {
    expect(statSync(join(home, 'http-token')).mode & 0o777).toBe(0o600);
    expect(loadToken(home)).toEqual({ ok: true, value: token });
  });
});

describe('WebSocket', () => {
  const open = (protocols: string[], headers: Record<string, string> = {}) =>
    new Promise<WebSocket | number>((resolve) => {
      const client = new WebSocket(`${(serving.http ?? '').replace('http', 'ws')}/ws`, protocols, {
        headers,
      });
      client.on('open', () => resolve(client));
      client.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
      client.on('error', () => undefined);
    });

  it('speaks the same as the socket, with the token in a subprotocol that is not echoed', async () => {
    const client = await open(['muster.v1', `bearer.${token}`]);
    if (typeof client === 'number') throw new Error(`refused with ${client}`);
    expect(client.protocol).toBe('muster.v1');
    const replies: unknown[] = [];
    const two = new Promise<void>((resolve) => {
      client.on('message', (data) => {
        replies.push(JSON.parse(String(data)));
        if (replies.length === 2) resolve();
      });
    });
    client.send('garbage');
    client.send('{"id":"a","method":"core.status","params":{}}');
    await two;
    expect(replies).toContainEqual(expect.objectContaining({ id: 'a', ok: true }));
    expect(replies).toContainEqual(expect.objectContaining({ id: null, ok: false }));
    client.terminate();
  });

  it('refuses without the token, and a page of another origin even with it', async () => {
    expect(await open(['muster.v1'])).toBe(401);
    expect(await open(['muster.v1', `bearer.${token}`], { origin: 'http://evil.example' })).toBe(
      403,
    );
    expect(await open(['muster.v1', `bearer.${token}`], { host: 'evil.example' })).toBe(403);
  });
});
