// What only a bad broker shows: sockets that answer late, wrongly or too much, played by small TCP servers.
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { mqttBroker } from '#shared/node/brokers/mqtt.ts';
import type { BrokerConnection } from '#shared/protocol/broker.ts';

const CONNACK = Buffer.from([0x20, 2, 0, 0]);
const servers: { readonly server: Server; readonly sockets: Set<Socket> }[] = [];

/** A server that answers the first bytes of every connection with `answer`. */
async function broker(answer: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => answer(socket));
    socket.resume();
  });
  servers.push({ server, sockets });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

afterEach(async () => {
  for (const { server, sockets } of servers.splice(0)) {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
});

const impatient = { connectTimeoutMs: 200, publishTimeoutMs: 200 };
const ignore = (): void => undefined;

async function connected(url: string): Promise<BrokerConnection> {
  const result = await mqttBroker({ url, ...impatient }).connect({ clientId: 'x' }, ignore);
  if (!result.ok) throw new Error(result.fault.message);
  return result.value;
}

describe('the MQTT adapter against a bad broker', () => {
  test('one that never answers CONNECT is left after a while (P16)', async () => {
    const result = await mqttBroker({ url: await broker(ignore), ...impatient }).connect(
      { clientId: 'x' },
      ignore,
    );
    expect(result).toMatchObject({ ok: false, fault: { code: 'CONNECT_TIMEOUT' } });
  });

  test('an attempt in progress can be given up (P16)', async () => {
    const stop = new AbortController();
    const url = await broker(() => stop.abort());
    const options = { clientId: 'x', signal: stop.signal };
    const result = await mqttBroker({ url }).connect(options, ignore);
    expect(result).toMatchObject({ ok: false, fault: { code: 'CONNECT_FAILED' } });
  });

  test('one that hangs up instead of answering is a failed attempt (P16)', async () => {
    const url = await broker((socket) => void socket.destroy());
    const result = await mqttBroker({ url }).connect({ clientId: 'x' }, ignore);
    expect(result).toMatchObject({ ok: false, fault: { code: 'CONNECT_FAILED' } });
  });

  test('a refusal says so, whatever its number (P16)', async () => {
    for (const code of [1, 2, 3, 4, 5]) {
      const url = await broker((socket) => void socket.write(Buffer.from([0x20, 2, 0, code])));
      const result = await mqttBroker({ url }).connect({ clientId: 'x' }, ignore);
      expect(result).toMatchObject({ ok: false, fault: { code: 'CONNECT_REFUSED' } });
    }
  });

  test('a publish without PUBACK times out and drops the connection (P14)', async () => {
    const connection = await connected(await broker((socket) => void socket.write(CONNACK)));
    const first = connection.publish({ topic: 'a', payload: new Uint8Array(1), retain: false });
    const second = connection.publish({ topic: 'b', payload: new Uint8Array(1), retain: false });
    expect(await first).toMatchObject({ ok: false, fault: { code: 'PUBLISH_TIMEOUT' } });
    expect(await second).toMatchObject({ ok: false });
    expect((await connection.closed).reason).toContain('no answer');
  });

  test('a packet announced above the limit ends the connection unread (P7)', async () => {
    const url = await broker((socket) => {
      socket.write(Buffer.concat([CONNACK, Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f])]));
    });
    const connection = await connected(url);
    expect((await connection.closed).reason).toContain('packet above');
  });

  test('bytes that are no MQTT end the connection or the attempt', async () => {
    const noise = await broker((socket) => void socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const result = await mqttBroker({ url: noise, ...impatient }).connect(
      { clientId: 'x' },
      ignore,
    );
    expect(result.ok).toBe(false);
    const later = await broker((socket) => {
      socket.write(CONNACK);
      socket.once('data', () => socket.write(Buffer.from([0x00, 0x00])));
    });
    const connection = await connected(later);
    expect(await connection.subscribe(['a'])).toMatchObject({ fault: { code: 'CLOSED' } });
    expect((await connection.closed).reason).not.toBe('');
  });

  test('a CA that is no certificate is a fault, not an exception (P16)', async () => {
    const url = (await broker(ignore)).replace('mqtt:', 'mqtts:');
    const ca = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
    const options = { url, ca, ...impatient };
    const result = await mqttBroker(options).connect({ clientId: 'x' }, ignore);
    expect(result).toMatchObject({ ok: false, fault: { code: 'CONNECT_FAILED' } });
  });
});
