// One suite over every broker: what the rest of Muster may rely on (shared/protocol/SPEC.md).
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { memoryBroker } from '#shared/node/brokers/memory.ts';
import { openBroker } from '#shared/node/brokers.ts';
import { keepConnected } from '#shared/node/keep-connected.ts';
import { systemClock } from '#shared/node/system-clock.ts';
import type { BrokerConnection, BrokerMessage } from '#shared/protocol/broker.ts';
import { MAX_IN_FLIGHT, MAX_MESSAGE_BYTES } from '#shared/protocol/broker.ts';
import { freePort, startEmbedded, startMosquitto } from '#test/support/brokers.ts';
import { requireTool } from '#test/support/require-tool.ts';

interface Subject {
  readonly url: string;
  readonly kill: () => Promise<void>;
  readonly restart: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

const subjects: readonly [name: string, available: boolean, start: () => Promise<Subject>][] = [
  ['memory', true, startMemory],
  ['embedded', true, startEmbedded],
  ['mosquitto', requireTool('mosquitto', 'apt-get install mosquitto'), startMosquitto],
];

async function startMemory(): Promise<Subject> {
  const memory = memoryBroker('conformance');
  const nothing = async (): Promise<void> => undefined;
  return {
    url: 'memory://conformance',
    kill: async () => memory.goDown(),
    restart: async () => memory.comeUp(),
    stop: nothing,
  };
}

const text = (message: { readonly payload: Uint8Array } | undefined): string | undefined =>
  message && Buffer.from(message.payload).toString();
const bytes = (value: string): Uint8Array => Buffer.from(value);

for (const [name, available, start] of subjects) {
  describe.skipIf(!available)(`broker: ${name}`, () => {
    let subject: Subject;
    const opened: BrokerConnection[] = [];
    let topicCount = 0;
    const topic = (): string => `muster1/f/c/t${topicCount++}/state`;

    beforeAll(async () => {
      subject = await start();
    });
    afterAll(() => subject.stop());
    afterEach(async () => {
      for (const connection of opened.splice(0)) await connection.close();
    });

    const connect = async (
      clientId: string,
      onMessage: (message: BrokerMessage) => void = () => undefined,
      will?: { readonly topic: string; readonly payload: Uint8Array },
    ): Promise<BrokerConnection> => {
      const result = await openBroker(subject.url).connect(
        { clientId, ...(will ? { will } : {}) },
        onMessage,
      );
      if (!result.ok) throw new Error(result.fault.message);
      opened.push(result.value);
      return result.value;
    };
    /** Connects a subscriber of one topic that keeps what it gets. */
    const listen = async (clientId: string, filter: string): Promise<BrokerMessage[]> => {
      const got: BrokerMessage[] = [];
      const connection = await connect(clientId, (message) => void got.push(message));
      expect(await connection.subscribe([filter])).toEqual({ ok: true, value: undefined });
      return got;
    };
    const send = async (
      connection: BrokerConnection,
      to: string,
      payload: Uint8Array,
      retain = false,
    ) => expect((await connection.publish({ topic: to, payload, retain })).ok).toBe(true);

    test('a retained message reaches who subscribes later, marked as retained (P13)', async () => {
      const where = topic();
      await send(await connect('writer'), where, bytes('one'), true);
      const got = await listen('reader', where);
      await expect.poll(() => got.map(text)).toEqual(['one']);
      expect(got[0]).toMatchObject({ topic: where, retain: true });
    });

    test('a later retained message replaces the earlier, an empty one removes it (P13)', async () => {
      const [kept, cleared] = [topic(), topic()];
      const writer = await connect('writer');
      await send(writer, kept, bytes('one'), true);
      await send(writer, kept, bytes('two'), true);
      await send(writer, cleared, bytes('one'), true);
      await send(writer, cleared, bytes(''), true);
      const got: BrokerMessage[] = [];
      const reader = await connect('reader', (message) => void got.push(message));
      await reader.subscribe([cleared, kept]);
      await expect.poll(() => got.map(text)).toEqual(['two']);
    });

    test('the will is published, and kept, when a connection ends without a word (P11)', async () => {
      const where = topic();
      const got = await listen('reader', where);
      const dying = await connect('dying', undefined, { topic: where, payload: bytes('gone') });
      await dying.close();
      await expect.poll(() => got.map(text)).toEqual(['gone']);
      const late = await listen('late', where);
      await expect.poll(() => late.map(text)).toEqual(['gone']);
    });

    test('a second connection with the same client id ends the first (P12)', async () => {
      const first = await connect('twin');
      const second = await connect('twin');
      expect((await first.closed).reason).not.toBe('');
      const refused = await first.publish({ topic: topic(), payload: bytes('x'), retain: false });
      expect(refused).toMatchObject({ ok: false, fault: { code: 'CLOSED' } });
      await send(second, topic(), bytes('x'));
    });

    test('the largest message passes whole, one byte more is refused unsent (P5)', async () => {
      const where = topic();
      const got = await listen('reader', where);
      const writer = await connect('writer');
      const largest = new Uint8Array(MAX_MESSAGE_BYTES).fill(7);
      await send(writer, where, largest, true);
      await expect.poll(() => got.length).toBe(1);
      expect(Buffer.compare(got[0]?.payload ?? bytes(''), largest)).toBe(0);
      const tooLarge = new Uint8Array(MAX_MESSAGE_BYTES + 1);
      const refused = await writer.publish({ topic: where, payload: tooLarge, retain: false });
      expect(refused).toMatchObject({ ok: false, fault: { code: 'TOO_LARGE' } });
      await send(writer, where, bytes('still there'));
    });

    test('many filters are taken at once and malformed ones refused (P10)', async () => {
      const filters = Array.from({ length: 50 }, topic);
      const got: BrokerMessage[] = [];
      const reader = await connect('reader', (message) => void got.push(message));
      expect((await reader.subscribe(filters)).ok).toBe(true);
      const writer = await connect('writer');
      for (const filter of filters) await send(writer, filter, bytes('x'));
      await expect.poll(() => got.length).toBe(filters.length);
      const malformed = await reader.subscribe(['muster1/#/a']);
      expect(malformed).toMatchObject({ ok: false, fault: { code: 'SUBSCRIBE_REFUSED' } });
    });

    test('1,000 messages, 16 in flight, all arrive where someone listens (P9)', async () => {
      const where = topic();
      const got = await listen('reader', where);
      const writer = await connect('writer');
      const all = Array.from({ length: 1_000 }, (_, index) => String(index));
      const queue = [...all];
      const pump = async (): Promise<void> => {
        for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
          await send(writer, where, bytes(next));
        }
      };
      await Promise.all(Array.from({ length: MAX_IN_FLIGHT }, pump));
      await expect.poll(() => got.length, { timeout: 10_000 }).toBe(all.length);
      expect(new Set(got.map(text)).size).toBe(all.length);
    });

    test('after close there is nothing but CLOSED, and closed tells why (P15)', async () => {
      const connection = await connect('short');
      await connection.close();
      expect((await connection.closed).reason).toBe('closed here');
      const publish = await connection.publish({
        topic: topic(),
        payload: bytes('x'),
        retain: false,
      });
      expect(publish).toMatchObject({ ok: false, fault: { code: 'CLOSED' } });
      const subscribe = await connection.subscribe([topic()]);
      expect(subscribe).toMatchObject({ ok: false, fault: { code: 'CLOSED' } });
      await connection.close();
    });

    test('an attempt can be given up (P16)', async () => {
      const attempt = { clientId: 'hasty', signal: AbortSignal.abort() };
      const result = await openBroker(subject.url).connect(attempt, () => undefined);
      expect(result).toMatchObject({ ok: false, fault: { code: 'CONNECT_FAILED' } });
    });

    test('a killed broker ends the connection, and keepConnected comes back (P20)', async () => {
      const connections: BrokerConnection[] = [];
      const got: BrokerMessage[] = [];
      const downs: string[] = [];
      const where = topic();
      let asked = 0;
      const kept = keepConnected({
        broker: openBroker(subject.url),
        options: () => {
          asked++;
          return { clientId: 'faithful' };
        },
        onMessage: (message) => void got.push(message),
        onConnected: (connection) => {
          connections.push(connection);
          void connection.subscribe([where]);
        },
        onDown: (reason) => void downs.push(reason),
        clock: systemClock,
        random: () => 0,
      });
      await expect.poll(() => connections.length).toBe(1);
      await subject.kill();
      await connections[0]?.closed;
      await expect.poll(() => downs.length).toBeGreaterThan(0);
      await subject.restart();
      await expect.poll(() => connections.length, { timeout: 20_000 }).toBeGreaterThan(1);
      expect(asked).toBeGreaterThanOrEqual(connections.length);
      const writer = await connect('writer');
      await expect
        .poll(
          async () => {
            await send(writer, where, bytes('again'));
            return got.length;
          },
          { timeout: 10_000 },
        )
        .toBeGreaterThan(0);
      await kept.close();
      expect((await connections.at(-1)?.closed)?.reason).toBe('closed here');
    });
  });
}

describe('no broker at all', () => {
  test('a port where nobody listens is a fault with a hint (P16)', async () => {
    const url = `mqtt://user:secret@127.0.0.1:${await freePort()}`;
    const result = await openBroker(url).connect({ clientId: 'x' }, () => undefined);
    expect(result).toMatchObject({ ok: false, fault: { code: 'CONNECT_FAILED' } });
    expect(JSON.stringify(result)).toContain('hint');
    expect(JSON.stringify(result)).not.toContain('secret');
    expect(openBroker(url).describe()).toBe(url.replace('user:secret@', ''));
  });

  test('a URL that names no broker is a fault, not an exception (P16)', async () => {
    const urls = ['not a url', 'http://127.0.0.1/', 'mqtt://', 'memory://', 'mqtt://a%zz@host'];
    for (const url of urls) {
      const result = await openBroker(url).connect({ clientId: 'x' }, () => undefined);
      expect(result).toMatchObject({ ok: false, fault: { code: 'CONNECT_FAILED' } });
    }
  });
});
