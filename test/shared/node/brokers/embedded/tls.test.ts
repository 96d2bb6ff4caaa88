import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { brokerCredentials } from '#shared/node/brokers/embedded/credentials.ts';
import { startEmbeddedBroker } from '#shared/node/brokers/embedded/server.ts';
import { openBrokerTls, readBrokerTls, setBrokerTls } from '#shared/node/brokers/embedded/tls.ts';
import { openBroker } from '#shared/node/brokers.ts';
import { describeFault, type Result } from '#shared/result.ts';
import { freePort, startMosquitto } from '#test/support/brokers.ts';
import { requireTool } from '#test/support/require-tool.ts';

const NOW_AT = Date.parse('2026-06-01T00:00:00Z');
const settings = { host: '127.0.0.1', port: 8883, names: ['192.0.2.7', 'ops.example'] };
const made: string[] = [];
const directory = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'muster-tls-'));
  made.push(path);
  return path;
};
afterEach(() => {
  for (const path of made.splice(0)) rmSync(path, { recursive: true });
});

function must<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(describeFault(result.fault));
  return result.value;
}

describe('TLS of the embedded broker', () => {
  it('tells machines the first name and the authority, and keeps both over changes of the certificate', () => {
    const dir = directory();
    expect(must(readBrokerTls(dir))).toBeUndefined();
    const first = must(setBrokerTls(dir, settings, NOW_AT));
    expect(first.url).toBe('mqtts://192.0.2.7:8883');
    const more = must(setBrokerTls(dir, { ...settings, names: ['new.example'] }, NOW_AT));
    expect(more.url).toBe('mqtts://new.example:8883');
    expect(more.ca).toBe(first.ca);
    expect(new X509Certificate(more.cert).checkHost('new.example')).toBe('new.example');
    expect(must(readBrokerTls(dir))).toEqual({
      host: '127.0.0.1',
      port: 8883,
      names: ['new.example'],
      url: more.url,
      ca: first.ca,
    });
  });

  it('writes an IPv6 address into the URL as URLs want it', () => {
    const tls = must(setBrokerTls(directory(), { ...settings, names: ['2001:db8::7'] }, NOW_AT));
    expect(tls.url).toBe('mqtts://[2001:db8::7]:8883');
  });

  it('renews the server certificate in its last year and not before', () => {
    const dir = directory();
    const { cert } = must(setBrokerTls(dir, settings, NOW_AT));
    const at = (years: number) =>
      must(openBrokerTls(dir, NOW_AT + years * 365.25 * 86_400_000))?.cert;
    expect(at(8.9)).toBe(cert);
    expect(at(9.1)).not.toBe(cert);
  });

  it('keeps its keys for its owner alone', () => {
    const dir = directory();
    must(setBrokerTls(dir, settings, NOW_AT));
    for (const name of ['ca.key', 'server.key']) {
      expect(statSync(join(dir, 'tls', name)).mode & 0o077).toBe(0);
    }
  });

  it('refuses names that are none, and settings that were damaged', () => {
    const dir = directory();
    for (const name of ['', 'a b', '-a', 'a..b', 'Ops', '999.1.1.1.']) {
      const set = setBrokerTls(dir, { ...settings, names: [name] }, NOW_AT);
      expect(set).toMatchObject({ ok: false, fault: { code: 'USAGE' } });
    }
    must(setBrokerTls(dir, settings, NOW_AT));
    writeFileSync(join(dir, 'tls', 'tls.json'), '{}');
    expect(readBrokerTls(dir)).toMatchObject({ ok: false, fault: { code: 'TLS_INVALID' } });
  });
});

describe('the embedded broker with a second door', () => {
  it('carries messages between TLS and loopback, and turns away who pins another authority', async () => {
    const dir = directory();
    const { cert, key, ca } = must(setBrokerTls(dir, settings, NOW_AT));
    const broker = must(
      await startEmbeddedBroker({
        directory: dir,
        host: '127.0.0.1',
        port: 0,
        tls: { host: '127.0.0.1', port: 0, cert, key },
        log: () => undefined,
      }),
    );
    const credentials = brokerCredentials(dir);
    const password = credentials.add('console', 'console');
    credentials.close();
    const heard = Promise.withResolvers<string>();
    const inside = must(
      await openBroker(broker.url).connect(
        { clientId: 'inside', username: 'console', password },
        ({ payload }) => heard.resolve(Buffer.from(payload).toString()),
      ),
    );
    must(await inside.subscribe(['muster1/f/all/hello']));
    const url = `mqtts://127.0.0.1:${broker.tlsPort}`;
    const login = { clientId: 'outside', username: 'console', password };
    const outside = must(await openBroker(url, { ca }).connect(login, () => undefined));
    const payload = Buffer.from('over TLS');
    must(await outside.publish({ topic: 'muster1/f/all/hello', payload, retain: false }));
    expect(await heard.promise).toBe('over TLS');

    const other = must(setBrokerTls(directory(), settings, NOW_AT));
    for (const options of [{ ca: other.ca }, {}]) {
      const refused = await openBroker(url, options).connect(login, () => undefined);
      expect(refused).toMatchObject({ ok: false, fault: { code: 'CONNECT_FAILED' } });
    }
    await broker.close();
  });

  it('opens neither door when one of them is taken', async () => {
    const [one, two] = [directory(), directory()];
    const tls = must(setBrokerTls(one, settings, NOW_AT));
    const options = { directory: one, host: '127.0.0.1', port: 0, log: () => undefined };
    const first = must(await startEmbeddedBroker(options));
    const second = await startEmbeddedBroker({
      ...options,
      directory: two,
      tls: { host: '127.0.0.1', port: first.port, cert: tls.cert, key: tls.key },
    });
    expect(second).toMatchObject({
      ok: false,
      fault: { code: 'BROKER_PORT_IN_USE', hint: expect.stringContaining('--tls-port') },
    });
    await first.close();
  });
});

describe.runIf(requireTool('mosquitto', 'apt-get install mosquitto'))('Mosquitto', () => {
  it('serves with the same certificate, and is found by whoever pins its authority', async () => {
    const port = await freePort();
    const dir = directory();
    const tls = must(setBrokerTls(dir, { ...settings, port, names: ['127.0.0.1'] }, NOW_AT));
    const mosquitto = await startMosquitto(() => [
      `listener ${port} 127.0.0.1`,
      `certfile ${join(dir, 'tls', 'server.pem')}`,
      `keyfile ${join(dir, 'tls', 'server.key')}`,
    ]);
    const connected = await openBroker(tls.url, { ca: tls.ca }).connect(
      { clientId: 'till-7' },
      () => undefined,
    );
    await must(connected).close();
    const stranger = await openBroker(tls.url).connect({ clientId: 'till-7' }, () => undefined);
    expect(stranger).toMatchObject({ ok: false, fault: { code: 'CONNECT_FAILED' } });
    await mosquitto.stop();
  });
});
