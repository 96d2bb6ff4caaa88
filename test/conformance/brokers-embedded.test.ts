// What the embedded broker promises beyond the common suite: users, rules, limits, and no message lost after its PUBACK.
import { connect as connectSocket } from 'node:net';
import mqtt from 'mqtt';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openBroker } from '#shared/node/brokers.ts';
import type { BrokerConnection, BrokerMessage, ConnectOptions } from '#shared/protocol/broker.ts';
import { MAX_IN_FLIGHT } from '#shared/protocol/broker.ts';
import { startEmbedded, type TestEmbeddedBroker } from '#test/support/brokers.ts';

const UP = 'muster1/f/a/press-1/up/ev';
const bytes = (value: string): Uint8Array => Buffer.from(value);
const text = ({ payload }: BrokerMessage): string => Buffer.from(payload).toString();

describe('the embedded broker', () => {
  let broker: TestEmbeddedBroker;
  let pressUrl: string;
  const opened: BrokerConnection[] = [];

  beforeAll(async () => {
    broker = await startEmbedded();
    pressUrl = broker.urlFor('press-1', 'agent');
  });
  afterAll(() => broker.stop());
  afterEach(async () => {
    for (const connection of opened.splice(0)) await connection.close();
  });

  const tryConnect = (
    url: string,
    options: Partial<ConnectOptions> = {},
    onMessage: (message: BrokerMessage) => void = () => undefined,
  ) => openBroker(url).connect({ clientId: 'x', ...options }, onMessage);
  const connect = async (...args: Parameters<typeof tryConnect>): Promise<BrokerConnection> => {
    const result = await tryConnect(...args);
    if (!result.ok) throw new Error(result.fault.message);
    opened.push(result.value);
    return result.value;
  };
  const publish = (connection: BrokerConnection, topic: string, value: string, retain = false) =>
    connection.publish({ topic, payload: bytes(value), retain });

  test('nobody gets in without the right password (P30)', async () => {
    const anonymous = `mqtt://127.0.0.1:${broker.port}`;
    const wrong = pressUrl.replace(/:[^:@]+@/, ':AAAAAAAAAAAAAAAAAAAAAAAA@');
    const stranger = pressUrl.replace('press-1', 'press-9');
    for (const url of [anonymous, wrong, stranger]) {
      expect(await tryConnect(url)).toMatchObject({
        ok: false,
        fault: { code: 'CONNECT_REFUSED' },
      });
    }
    expect((await tryConnect(pressUrl)).ok).toBe(true);
  });

  test("an agent cannot write another agent's topics: its connection ends and nobody hears it (P32)", async () => {
    const heard: BrokerMessage[] = [];
    const office = await connect(broker.url, {}, (message) => void heard.push(message));
    await office.subscribe(['muster1/f/a/+/up/#', 'muster1/f/a/+/down/#']);
    const forbidden = [
      'muster1/f/a/press-2/up/ev',
      'muster1/f/a/press-1/down/cmd',
      '$SYS/x/new/clients',
    ];
    for (const topic of forbidden) {
      const agent = await connect(pressUrl);
      expect(await publish(agent, topic, 'forged')).toMatchObject({ fault: { code: 'CLOSED' } });
      await agent.closed;
    }
    await publish(await connect(pressUrl), UP, 'own');
    await expect.poll(() => heard.map(text)).toEqual(['own']);
  });

  test("an agent cannot read another agent's topics, and the refusal names them (P33)", async () => {
    const agent = await connect(pressUrl);
    const refused = await agent.subscribe(['muster1/f/all/hello', 'muster1/f/a/press-2/down/cmd']);
    expect(refused).toMatchObject({ ok: false, fault: { code: 'SUBSCRIBE_REFUSED' } });
    expect(refused.ok ? '' : refused.fault.message).toContain('press-2/down/cmd');
    expect(refused.ok ? '' : refused.fault.message).not.toContain('hello');
    for (const filter of ['#', '$SYS/#', 'muster1/f/a/+/down/cmd']) {
      expect(await agent.subscribe([filter])).toMatchObject({
        fault: { code: 'SUBSCRIBE_REFUSED' },
      });
    }
  });

  test('a will outside of what its owner may publish is refused at CONNECT (P35)', async () => {
    const will = { topic: 'muster1/f/a/press-2/up/state', payload: bytes('gone') };
    const refused = await tryConnect(pressUrl, { will });
    expect(refused).toMatchObject({ ok: false, fault: { code: 'CONNECT_REFUSED' } });
  });

  test("no client id takes over another user's connection; an agent has one (P36)", async () => {
    const first = await connect(pressUrl, { clientId: 'same' });
    const other = await connect(broker.urlFor('press-2', 'agent'), { clientId: 'same' });
    const thief = await connect(broker.urlFor('press-3', 'agent'), { clientId: 'press-1' });
    expect((await publish(first, UP, 'x')).ok).toBe(true);
    const second = await connect(pressUrl, { clientId: 'different' });
    await first.closed;
    for (const [who, name] of [
      [second, 'press-1'],
      [other, 'press-2'],
      [thief, 'press-3'],
    ] as const) {
      expect((await publish(who, `muster1/f/a/${name}/up/ev`, 'x')).ok).toBe(true);
    }
  });

  test('a user removed while connected is put out (P30)', async () => {
    const leaving = await connect(broker.urlFor('press-4', 'agent'));
    broker.removeUser('press-4');
    expect((await leaving.closed).reason).not.toBe('');
  });

  test('a session that should last is refused with return code 2 (P8)', async () => {
    const client = mqtt.connect(pressUrl, { clientId: 'x', clean: false, reconnectPeriod: 0 });
    const error = await new Promise<Error>((resolve) => client.once('error', resolve));
    expect(error).toMatchObject({ code: 2 });
    client.end(true);
  });

  test('a packet above the limit ends the connection before it is complete (P7)', async () => {
    const office = await connect(broker.url);
    const socket = connectSocket(broker.port, '127.0.0.1');
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined);
    // A CONNECT that announces 1 MiB and never sends it.
    socket.write(Buffer.from([0x10, 0x80, 0x80, 0x40, 0x00]));
    await closed;
    expect((await publish(office, 'muster1/f/all/hello', 'x')).ok).toBe(true);
  });

  test('a retained message is on disk before its PUBACK: SIGKILL right after loses none (P37)', async () => {
    const writer = await connect(broker.url);
    const topics = Array.from({ length: 100 }, (_, index) => `muster1/f/a/m${index}/down/cmd`);
    const results = await Promise.all(topics.map((topic) => publish(writer, topic, topic, true)));
    await broker.kill();
    expect(results.every(({ ok }) => ok)).toBe(true);
    await broker.restart();
    const got: BrokerMessage[] = [];
    const reader = await connect(broker.url, {}, (message) => void got.push(message));
    await reader.subscribe(['muster1/f/a/+/down/cmd']);
    await expect.poll(() => got.map(text).sort()).toEqual(topics.sort());
  });

  test('every acknowledged message of many publishers reaches every subscriber (P9)', async () => {
    const publishers = 8;
    const each = 250;
    const names = Array.from({ length: publishers }, (_, index) => `loud-${index}`);
    const urls = names.map((name) => broker.urlFor(name, 'agent'));
    const heard = await Promise.all(
      Array.from({ length: 4 }, async (_, index) => {
        const seen = new Set<string>();
        const reader = await connect(broker.url, { clientId: `reader-${index}` }, (message) => {
          seen.add(`${message.topic} ${text(message)}`);
        });
        await reader.subscribe(['muster1/f/a/+/up/#']);
        return seen;
      }),
    );
    const sendAll = async (name: string, url: string): Promise<void> => {
      const connection = await connect(url);
      const queue = Array.from({ length: each }, (_, index) => index);
      const pump = async (): Promise<void> => {
        for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
          // Kept and passing ones mixed: they overtake each other inside the broker.
          const leaf = next % 5 === 0 ? 'state' : 'ev';
          const topic = `muster1/f/a/${name}/up/${leaf}`;
          const result = await publish(connection, topic, String(next), leaf === 'state');
          if (!result.ok) throw new Error(result.fault.message);
        }
      };
      await Promise.all(Array.from({ length: MAX_IN_FLIGHT }, pump));
    };
    await Promise.all(names.map((name, index) => sendAll(name, urls[index] as string)));
    for (const seen of heard) {
      await expect.poll(() => seen.size, { timeout: 20_000 }).toBe(publishers * each);
    }
  });

  test('messages that overtake each other inside the broker all arrive (P9)', async () => {
    const seen = new Set<string>();
    const reader = await connect(broker.url, { clientId: 'reader' }, ({ topic }) => {
      seen.add(topic);
    });
    await reader.subscribe(['muster1/f/c/+/state']);
    const topics = Array.from({ length: 40 }, (_, index) => `muster1/f/c/m${index}/state`);
    // Wills of one moment are published together, and those of QoS 0 pass those of QoS 1: aedes then takes the
    // passed ones for duplicates.
    const dying = await Promise.all(
      topics.map(async (topic, index) => {
        const will = {
          topic,
          payload: Buffer.from('gone'),
          qos: index % 2 ? 0 : 1,
          retain: true,
        } as const;
        const client = mqtt.connect(broker.url, {
          clientId: `m${index}`,
          will,
          reconnectPeriod: 0,
        });
        await new Promise((resolve) => client.once('connect', resolve));
        return client;
      }),
    );
    for (const client of dying) client.stream.destroy();
    await expect.poll(() => seen.size).toBe(topics.length);
  });

  test('a subscriber that stops reading is dropped, and its publishers go on (P40)', async () => {
    const frozen = mqtt.connect(broker.url, { clientId: 'frozen', reconnectPeriod: 0 });
    await new Promise((resolve) => frozen.once('connect', resolve));
    await frozen.subscribeAsync('muster1/f/all/hello', { qos: 1 });
    const closed = new Promise<void>((resolve) => frozen.once('close', () => resolve()));
    // Takes no bytes any more: the socket's buffers fill up.
    frozen.stream.unpipe();
    frozen.stream.pause();
    const writer = await connect(broker.url, { clientId: 'writer' });
    const message = {
      topic: 'muster1/f/all/hello',
      payload: new Uint8Array(60_000),
      retain: false,
    };
    let published = 0;
    const pump = async (): Promise<void> => {
      while (published < 1_000) {
        published++;
        expect((await writer.publish(message)).ok).toBe(true);
      }
    };
    await Promise.all(Array.from({ length: MAX_IN_FLIGHT }, pump));
    frozen.stream.resume();
    await closed;
    expect((await writer.publish(message)).ok).toBe(true);
  });
});
