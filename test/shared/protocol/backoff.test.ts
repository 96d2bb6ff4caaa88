import { expect, test } from 'vitest';
import { backoffMs, reconnectDelayMs } from '#shared/protocol/backoff.ts';

test('waits between 1 s and a ceiling that doubles up to 5 minutes (P21)', () => {
  expect([0, 1, 2, 7, 8, 1_000].map((attempt) => backoffMs(attempt, 0))).toEqual(
    Array(6).fill(1_000),
  );
  expect([0, 1, 2, 7, 8, 1_000].map((attempt) => backoffMs(attempt, 0.999_999))).toEqual([
    2_000, 4_000, 8_000, 256_000, 300_000, 300_000,
  ]);
});

test('pauses for minutes after three connections closed within seconds (P22)', () => {
  expect(reconnectDelayMs({ failures: 2, fastCloses: 2 }, 0)).toBe(1_000);
  expect(reconnectDelayMs({ failures: 3, fastCloses: 3 }, 0)).toBe(60_000);
  expect(reconnectDelayMs({ failures: 3, fastCloses: 3 }, 0.999_999)).toBe(300_000);
});
