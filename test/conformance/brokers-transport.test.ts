// The MQTT adapter over TLS and WebSocket, against a real Mosquitto.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBroker } from '#shared/node/brokers.ts';
import { freePort, startMosquitto, type TestBroker } from '#test/support/brokers.ts';
import { requireTool } from '#test/support/require-tool.ts';

const OPENSSL = 'openssl';
const available =
  requireTool('mosquitto', 'apt-get install mosquitto') &&
  requireTool(OPENSSL, 'apt-get install openssl');

describe.skipIf(!available)('MQTT over other transports', () => {
  let broker: TestBroker;
  let ca: string;
  let tlsPort: number;
  let wsPort: number;

  beforeAll(async () => {
    [tlsPort, wsPort] = [await freePort(), await freePort()];
    broker = await startMosquitto((directory) => {
      const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
      const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
      const subject = ['-nodes', '-subj', '/CN=test', '-addext', 'subjectAltName=IP:127.0.0.1'];
      const made = spawnSync(OPENSSL, [...request, ...subject, '-keyout', key, '-out', cert]);
      expect(made.status).toBe(0);
      ca = readFileSync(cert, 'utf8');
      return [
        `listener ${tlsPort} 127.0.0.1`,
        `certfile ${cert}`,
        `keyfile ${key}`,
        `listener ${wsPort} 127.0.0.1`,
        'protocol websockets',
      ];
    });
  });
  afterAll(() => broker?.stop());

  const roundTrip = async (url: string, options = {}): Promise<string> => {
    const got = Promise.withResolvers<string>();
    const result = await openBroker(url, options).connect({ clientId: 'x' }, ({ payload }) =>
      got.resolve(Buffer.from(payload).toString()),
    );
    if (!result.ok) return `${result.fault.code} ${result.fault.message}`;
    await result.value.subscribe(['a/b']);
    await result.value.publish({ topic: 'a/b', payload: Buffer.from(url), retain: false });
    const answer = await got.promise;
    await result.value.close();
    return answer;
  };

  test('TLS with the authority named by the caller', async () => {
    const url = `mqtts://127.0.0.1:${tlsPort}`;
    expect(await roundTrip(url, { ca })).toBe(url);
  });

  test('TLS of an unknown authority, or of another host, is refused', async () => {
    const unknown = await roundTrip(`mqtts://127.0.0.1:${tlsPort}`);
    expect(unknown).toMatch(/^CONNECT_FAILED .*self-signed/);
    const otherHost = await roundTrip(`mqtts://localhost:${tlsPort}`, { ca });
    expect(otherHost).toMatch(/^CONNECT_FAILED .*altnames/);
  });

  test('WebSocket', async () => {
    const url = `ws://127.0.0.1:${wsPort}`;
    expect(await roundTrip(url)).toBe(url);
  });
});
