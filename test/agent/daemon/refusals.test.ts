// The quota on refusals, on clocks of the test's own.
import { expect, it } from 'vitest';
import { createRefusals } from '#agent/daemon/refusals.ts';
import type { NewEvent } from '#shared/run/event.ts';

const refusal = { code: 'SIG_INVALID', docId: null, keyId: null, topic: 't' };

it('a minute of forgeries becomes at most 60 records, and a summary counts the rest (P14)', () => {
  const events: NewEvent[] = [];
  const refusals = createRefusals((more) => events.push(...more));
  let lines = 0;
  for (let n = 0; n < 100_000; n++) {
    if (refusals.note(refusal, n, (n * 60_000) / 100_000)) lines++;
  }
  expect(lines).toBeLessThanOrEqual(60);
  expect(events.length).toBeLessThanOrEqual(60);
  refusals.flush(60_000, 120_000);
  expect(events.length).toBeLessThanOrEqual(60);
  const total = events.reduce(
    (sum, event) => sum + (event.kind === 'document-refused' ? event.count : 0),
    0,
  );
  expect(total).toBe(100_000);
  expect(refusals.recent()).toEqual([
    { ...refusal, at: '1970-01-01T00:01:39.999Z', count: 100_000 },
  ]);
});

it('the quota is there again in the next minute, and codes are summed up apart', () => {
  const events: NewEvent[] = [];
  const refusals = createRefusals((more) => events.push(...more), 1);
  refusals.note(refusal, 0, 0);
  refusals.note(refusal, 0, 1);
  refusals.note({ ...refusal, code: 'FLEET' }, 0, 2);
  refusals.note(refusal, 0, 60_001);
  expect(
    events.map((event) => event.kind === 'document-refused' && [event.code, event.count]),
  ).toEqual([
    ['SIG_INVALID', 1],
    ['SIG_INVALID', 1],
    ['FLEET', 1],
    ['SIG_INVALID', 1],
  ]);
});

it('the status keeps the newest 32 kinds of refusal', () => {
  const refusals = createRefusals(() => undefined);
  for (let n = 0; n < 100; n++) refusals.note({ ...refusal, topic: `t${n}` }, 0, 0);
  expect(refusals.recent()).toHaveLength(32);
  expect(refusals.recent()[0]?.topic).toBe('t99');
});
