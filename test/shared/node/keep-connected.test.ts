import { beforeEach, describe, expect, test } from 'vitest';
import type { Clock } from '#shared/clock.ts';
import { type MemoryBroker, memoryBroker } from '#shared/node/brokers/memory.ts';
import { type KeptConnection, keepConnected } from '#shared/node/keep-connected.ts';
import type { BrokerConnection } from '#shared/protocol/broker.ts';

/** A clock that moves only by hand and caps every delay as a real one does. */
function handClock(): Clock & { readonly advance: (ms: number) => Promise<void> } {
  let monoMs = 0;
  let timers: { readonly atMs: number; readonly wake: () => void }[] = [];
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
  };
  return {
    now: () => ({ wallAt: monoMs, monoMs }),
    after: (delayMs, wake) => {
      const timer = { atMs: monoMs + Math.min(delayMs, 30_000), wake };
      timers.push(timer);
      const cancel = (): void => {
        timers = timers.filter((other) => other !== timer);
      };
      return { cancel };
    },
    advance: async (ms) => {
      await settle();
      const untilMs = monoMs + ms;
      for (;;) {
        const next = timers
          .filter(({ atMs }) => atMs <= untilMs)
          .sort((a, b) => a.atMs - b.atMs)[0];
        if (!next) break;
        monoMs = next.atMs;
        timers = timers.filter((other) => other !== next);
        next.wake();
        await settle();
      }
      monoMs = untilMs;
    },
  };
}

let count = 0;

describe('keeping a connection', () => {
  let server: MemoryBroker;
  let clock: ReturnType<typeof handClock>;
  let connections: BrokerConnection[];
  let downs: { reason: string; retryMs: number }[];
  let epoch: number;

  beforeEach(() => {
    server = memoryBroker(`keep-${count++}`);
    clock = handClock();
    connections = [];
    downs = [];
    epoch = 0;
  });

  const keep = (random = 0.5): KeptConnection =>
    keepConnected({
      broker: server.broker,
      options: async () => {
        epoch++;
        return { clientId: 'x', will: { topic: 'w', payload: Buffer.from(String(epoch)) } };
      },
      onMessage: () => undefined,
      onConnected: (connection) => void connections.push(connection),
      onDown: (reason, retryMs) => void downs.push({ reason, retryMs }),
      clock,
      random: () => random,
    });

  test('every attempt asks for its options anew, so the will carries a new epoch (P19)', async () => {
    const kept = keep();
    await clock.advance(10_000);
    server.drop();
    await clock.advance(10_000);
    expect(connections).toHaveLength(2);
    expect(Buffer.from(server.retained('w') ?? []).toString()).toBe('1');
    await kept.close();
    expect(Buffer.from(server.retained('w') ?? []).toString()).toBe('2');
  });

  test('pauses grow while the broker is down, and start small again after a good while (P21)', async () => {
    server.goDown();
    const kept = keep();
    await clock.advance(20 * 60_000);
    const pauses = downs.map(({ retryMs }) => retryMs);
    expect(pauses.slice(0, 4)).toEqual([2_500, 4_500, 8_500, 16_500]);
    expect(Math.max(...pauses)).toBe(150_500);
    server.comeUp();
    await clock.advance(5 * 60_000);
    expect(connections).toHaveLength(1);
    server.drop();
    await clock.advance(1_000);
    expect(downs.at(-1)?.retryMs).toBe(1_500);
    await kept.close();
  });

  test('three connections closed young are followed by a pause of minutes (P22)', async () => {
    const kept = keep(0);
    for (let life = 1; life <= 3; life++) {
      await clock.advance(1_000);
      expect(connections).toHaveLength(life);
      server.drop();
      await clock.advance(0);
    }
    expect(downs.map(({ retryMs }) => retryMs)).toEqual([1_000, 1_000, 60_000]);
    await clock.advance(59_000);
    expect(connections).toHaveLength(3);
    await clock.advance(2_000);
    expect(connections).toHaveLength(4);
    await kept.close();
  });

  test('a kick ends the pause, drops a living connection, and connects at once (P23)', async () => {
    server.goDown();
    const kept = keep();
    await clock.advance(20_000);
    server.comeUp();
    const before = clock.now().monoMs;
    kept.kick();
    await clock.advance(0);
    expect(connections).toHaveLength(1);
    kept.kick();
    await clock.advance(0);
    expect(connections).toHaveLength(2);
    expect(downs.at(-1)).toEqual({ reason: 'closed here', retryMs: 0 });
    expect(clock.now().monoMs).toBe(before);
    await kept.close();
  });

  test('close ends a pause, an attempt or a connection, and nothing follows', async () => {
    const connected = keep();
    await clock.advance(1_000);
    await connected.close();
    expect((await connections[0]?.closed)?.reason).toBe('closed here');
    await keep().close();
    server.goDown();
    const waiting = keep();
    await clock.advance(1_000);
    await waiting.close();
    server.comeUp();
    const attempts = epoch;
    await clock.advance(10 * 60_000);
    expect([connections.length, epoch]).toEqual([1, attempts]);
  });
});
