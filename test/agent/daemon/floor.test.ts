// The trust floor on clocks of the test's own.
import { expect, it } from 'vitest';
import { openFloor } from '#agent/daemon/floor.ts';

const DAY = 86_400_000;
const issuedAt = Date.parse('2026-01-01T00:00:00Z');
const notAfter = issuedAt + 400 * DAY;
const now = (monoMs: number, wallAt = 0) => ({ wallAt, monoMs });
const meta = () => {
  const values = new Map<string, string>();
  return {
    get: (name: string) => values.get(name),
    set: (name: string, value: string) => void values.set(name, value),
  };
};

it('runs on with the monotonic clock, whatever the wall clock says (T1, T2)', () => {
  const floor = openFloor(meta(), now(0), 0);
  floor.raiseByTrust(issuedAt, now(0));
  expect(floor.at(now(1_000, Date.parse('2099-01-01T00:00:00Z')))).toBe(issuedAt + 1_000);
});

it('fifty lying acks raise it no further than one, and never past the end of trust (T3)', () => {
  const floor = openFloor(meta(), now(0), issuedAt);
  const lie = issuedAt + 3_650 * DAY;
  for (let n = 0; n < 50; n++) floor.raiseByAck(lie, notAfter, now(0));
  expect(floor.at(now(0))).toBe(issuedAt + 7 * DAY);
  floor.raiseByAck(lie, notAfter, now(DAY));
  expect(floor.at(now(DAY))).toBeLessThanOrEqual(issuedAt + 99 * DAY);
  for (let day = 2; day < 20; day++) floor.raiseByAck(lie, notAfter, now(day * DAY));
  expect(floor.at(now(19 * DAY))).toBeLessThanOrEqual(notAfter + 19 * DAY);
});

it('is remembered over a restart and never goes back', () => {
  const kept = meta();
  const first = openFloor(kept, now(0), issuedAt);
  first.raiseByAck(issuedAt + 2 * DAY, notAfter, now(1_000));
  first.save(now(2_000));
  const second = openFloor(kept, now(50), issuedAt);
  expect(second.at(now(50))).toBe(issuedAt + 2 * DAY + 1_000);
  second.raiseByTrust(issuedAt, now(60));
  expect(second.at(now(60))).toBeGreaterThan(issuedAt + 2 * DAY);
});
