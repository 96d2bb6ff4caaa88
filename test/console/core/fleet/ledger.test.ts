// muster ledger --check: expected comes from signed documents and document events, never from ledger rows.
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatInstant } from '#shared/ids.ts';
import { sha256 } from '#shared/node/sha256.ts';
import type { NewEvent } from '#shared/run/event.ts';
import type { LedgerRow } from '#shared/run/ledger.ts';
import { chainStart } from '#shared/trust/chain.ts';
import {
  FLEET,
  fault,
  NOON,
  openFleet,
  type TestFleet,
  take,
  until,
} from '#test/console/core/support/fleet.ts';
import { TestMachine } from '#test/console/core/support/machine.ts';

const HOUR = 3_600_000;
const at = (hours: number): string => formatInstant(NOON + hours * HOUR);
const row = (from: number, changes: Partial<LedgerRow> = {}): LedgerRow => ({
  schedule: 'shops/probe',
  from: at(from),
  to: at(from),
  count: 1,
  due: at(from),
  disposition: 'ran',
  reason: null,
  detail: null,
  run: from.toString(16).padStart(32, '0'),
  ...changes,
});
const skipped = (from: number, to: number, reason: string): LedgerRow =>
  row(from, { to: at(to), count: to - from + 1, disposition: 'skipped', reason, run: null });
const ledger = (...rows: LedgerRow[]): NewEvent => ({ kind: 'ledger', at: at(0), rows });
const FILE = (trigger: string) =>
  `stream: shops\naudience: all\nschedules:\n  probe:\n    ${trigger}\n    shell: x\n`;

let fleet: TestFleet;
let machine: TestMachine;
beforeEach(async () => {
  fleet = await openFleet();
  machine = await new TestMachine(fleet, 'till-1').join();
});
afterEach(() => fleet.close());

/** The machine says it applied what the console wants it to have. */
async function applied(hours: number): Promise<NewEvent> {
  const head = (await machine.applied()).find(({ kind }) => kind === 'schedule');
  if (!head) throw new Error('no schedule document');
  const { docId, name, epoch, revision } = head;
  const cursor = at(hours);
  return {
    kind: 'document-applied',
    at: cursor,
    docId,
    docKind: 'schedule',
    name,
    epoch,
    revision,
    cursor,
  };
}
const check = async () => take(await fleet.core().call('ledger.check', {}));
const edit = (sql: string): number => {
  const db = new Database(join(fleet.home, 'console.db'));
  try {
    return db.prepare(sql).run().changes;
  } finally {
    db.close();
  }
};

/** Five hourly occurrences under one revision, all told: cursor at 17:00, now 17:30. */
async function fiveHours(): Promise<void> {
  await fleet.apply(FILE('every: 1h'));
  machine.append(await applied(0), ledger(row(1), skipped(2, 3, 'overlap'), row(4), row(5)));
  fleet.clock.set(NOON + 5.5 * HOUR);
  await machine.deliver(NOON + 5 * HOUR);
}

describe('ledger.check', () => {
  it('accounts for every occurrence once', async () => {
    await fiveHours();
    expect(await check()).toMatchObject({
      expected: 5,
      accounted: 5,
      unaccounted: 0,
      duplicates: 0,
      unexpected: 0,
      unknown: 0,
      open: 0,
      byDisposition: { ran: 3, 'skipped: overlap': 2 },
      findings: [],
    });
  });

  it('fails when a row is deleted', async () => {
    await fiveHours();
    expect(edit(`DELETE FROM ledger WHERE from_at = ${NOON + 4 * HOUR}`)).toBe(1);
    expect(await check()).toMatchObject({ expected: 5, unaccounted: 1, duplicates: 0 });
    expect((await check()).findings).toEqual([
      { agent: 'till-1', schedule: 'shops/probe', at: at(4), what: 'unaccounted' },
    ]);
  });

  it('fails when a row is added', async () => {
    await fiveHours();
    const copy = (shift: number) =>
      edit(`INSERT INTO ledger SELECT agent, schedule, from_at + ${shift}, to_at + ${shift}, count, due_at,
        disposition, reason, detail, run FROM ledger WHERE from_at = ${NOON + 2 * HOUR}`);
    expect(copy(HOUR)).toBe(1);
    expect((await check()).duplicates).toBeGreaterThan(0);
  });

  it('fails when a row is shifted by a second', async () => {
    await fiveHours();
    const shifted = `UPDATE ledger SET from_at = from_at + 1000, to_at = to_at + 1000 WHERE from_at = ${NOON + 4 * HOUR}`;
    expect(edit(shifted)).toBe(1);
    const account = await check();
    expect(account.unaccounted).toBe(1);
    expect(account.unexpected).toBe(1);
  });

  it('fails when a bulk row claims one more than its range holds', async () => {
    await fiveHours();
    edit(`UPDATE ledger SET count = 3 WHERE from_at = ${NOON + 2 * HOUR}`);
    expect((await check()).unexpected).toBe(1);
  });

  it('calls what the machine has not yet reported unknown, not missed', async () => {
    await fiveHours();
    fleet.clock.set(NOON + 30 * HOUR);
    expect(await check()).toMatchObject({ expected: 5, unaccounted: 0, unknown: 25 });
  });

  it('counts a schedule that did not change in one piece across revisions', async () => {
    await fleet.apply(`${FILE('every: 1h')}  other:\n    every: 1d\n    shell: x\n`);
    machine.append(await applied(0));
    await fleet.apply(`${FILE('every: 1h')}  other:\n    every: 2d\n    shell: x\n`);
    machine.append(await applied(2.5), ledger(skipped(1, 5, 'paused')));
    await machine.deliver(NOON + 5 * HOUR);
    expect(await check()).toMatchObject({
      expected: 5,
      accounted: 5,
      unaccounted: 0,
      unexpected: 0,
    });
  });

  it('splits at the cursor where a revision changed the trigger, and ends where one removed it', async () => {
    await fleet.apply(FILE('every: 1h'));
    machine.append(await applied(0), ledger(row(1), row(2)));
    await fleet.apply(FILE('every: 2h'));
    machine.append(await applied(2.5), ledger(row(4), row(6)));
    const removal = take(await fleet.core().call('plan.remove', { stream: 'shops' }));
    take(await fleet.publish(removal.documents));
    machine.append(await applied(6.5));
    fleet.clock.set(NOON + 10 * HOUR);
    await machine.deliver(NOON + 9 * HOUR);
    expect(await check()).toMatchObject({ expected: 4, accounted: 4, unaccounted: 0, unknown: 0 });
  });

  it('tells losses the machine recorded apart from what is unaccounted', async () => {
    await fleet.apply(FILE('every: 1h'));
    machine.append(await applied(0), ledger(row(1)), {
      kind: 'loss',
      at: at(5),
      what: 'events',
      from: 2,
      to: 9,
      bytes: 100,
      occurrences: [{ schedule: 'shops/probe', from: at(2), to: at(4), count: 3 }],
    });
    await machine.deliver(NOON + 5 * HOUR);
    expect(await check()).toMatchObject({
      expected: 5,
      accounted: 1,
      unaccounted: 1,
      lossRecorded: 3,
    });
  });

  it('keeps planning when a clock from the future was corrected', async () => {
    await fleet.apply(FILE('every: 1h'));
    machine.append(await applied(0), ledger(row(1), row(40), skipped(41, 49, 'overlap')), {
      kind: 'clock',
      at: at(2),
      change: 'cursor-pulled-back',
      wall: at(2),
      deltaMs: -48 * HOUR,
      cursor: at(2),
    });
    machine.append(ledger(row(2)));
    fleet.clock.set(NOON + 2 * HOUR);
    await machine.deliver(NOON + 2 * HOUR);
    expect(await check()).toMatchObject({
      expected: 2,
      accounted: 2,
      unexpected: 0,
      duplicates: 0,
    });
  });

  it('does not accuse a machine whose backlog is still on its way', async () => {
    await fleet.apply(FILE('every: 1h'));
    machine.append(await applied(0), ledger(row(1), row(2), row(3)));
    fleet.clock.set(NOON + 5.5 * HOUR);
    await machine.deliver(NOON);
    expect(await check()).toMatchObject({ expected: 0, unaccounted: 0, unexpected: 0, unknown: 2 });
  });

  it('nor one whose clock is ahead of this console', async () => {
    await fleet.apply(FILE('every: 1h'));
    const ahead = { ...ledger(row(1), row(2), skipped(3, 9, 'overlap')), at: at(9) } as NewEvent;
    machine.append(await applied(0), ahead);
    fleet.clock.set(NOON + 2.5 * HOUR);
    await machine.deliver(NOON);
    expect(await check()).toMatchObject({ unaccounted: 0, unexpected: 0, unknown: 0 });
    await fleet.reopen();
    edit(`UPDATE ledger SET from_at = ${NOON + 20 * HOUR}, to_at = from_at WHERE count = 7`);
    expect(await check()).toMatchObject({ unexpected: 7 });
  });

  it('records as lost what only this console lost, by being set back behind its receipts', async () => {
    await fleet.apply(FILE('every: 1h'));
    const told = (hours: number) => ({ ...ledger(row(hours)), at: at(hours) }) as NewEvent;
    machine.append(await applied(0), told(1), told(2), told(3), told(4), told(5), told(6));
    fleet.clock.set(NOON + 6.5 * HOUR);
    await machine.send(machine.report(1, 2, NOON + HOUR));
    const lost = { from: 3, to: 5, head: machine.hashes[5] as string };
    await machine.send(machine.report(6, 7, NOON + 6 * HOUR, { lost }));
    await machine.acked(7);
    const account = { expected: 6, accounted: 3, lossRecorded: 3 };
    expect(await check()).toMatchObject({ ...account, unaccounted: 0, duplicates: 0 });
    edit(`DELETE FROM ledger WHERE from_at = ${NOON + 6 * HOUR}`);
    expect(await check()).toMatchObject({ unaccounted: 1 });
  });

  it('lets a machine whose disk was restored tell again what it no longer knows it told (S1)', async () => {
    await fiveHours();
    // The image is of 14:30: the rows of 16:00 and 17:00 are told in another piece, and the time since.
    machine.incarnation = 2;
    machine.entries.length = 0;
    machine.hashes.splice(0, machine.hashes.length, chainStart(FLEET, 'till-1', 2, sha256));
    machine.append(ledger(skipped(4, 7, 'paused'), row(8)));
    fleet.clock.set(NOON + 8.5 * HOUR);
    await machine.send(machine.report(1, 1, NOON + 8 * HOUR));
    await until(async () => (await machine.detail()).log?.incarnation === 2, 'the new log');
    expect(await machine.alarms()).toContain('NEW_INCARNATION');
    const whole = { expected: 8, accounted: 8, unaccounted: 0, duplicates: 0, unexpected: 0 };
    expect(await check()).toMatchObject(whole);
    // What it tells twice from then on is told twice.
    machine.append(ledger(skipped(6, 9, 'overlap')));
    fleet.clock.set(NOON + 9.5 * HOUR);
    await machine.send(machine.report(2, 2, NOON + 9 * HOUR));
    await until(async () => (await machine.detail()).log?.seq === 2, 'the second entry');
    expect((await check()).duplicates).toBeGreaterThan(0);
  });

  it('names a document the machine applied that this console does not have', async () => {
    await fleet.apply(FILE('every: 1h'));
    const event = await applied(0);
    machine.append({ ...event, docId: 'c'.repeat(64) } as NewEvent);
    await machine.deliver(NOON);
    expect((await check()).findings[0]?.what).toContain('is not known here');
  });

  it('lists rows newest first, page by page, and knows its machines', async () => {
    await fiveHours();
    const page = { limit: 2 };
    const first = take(await fleet.core().call('ledger.list', page));
    expect(first.map(({ from }) => from)).toEqual([at(5), at(4)]);
    const last = first[1];
    const before = `${last?.from} ${last?.agent} ${last?.schedule}`;
    const second = take(await fleet.core().call('ledger.list', { ...page, before }));
    expect(second.map(({ from }) => from)).toEqual([at(2), at(1)]);
    expect(fault(await fleet.core().call('ledger.check', { agent: 'ghost' }))).toBe(
      'AGENT_UNKNOWN',
    );
  });
});

describe('verify', () => {
  const verify = async () => take(await fleet.core().call('verify', {}));

  it('proves the whole stored history', async () => {
    await fiveHours();
    expect(await verify()).toEqual({ agents: 1, entries: 2, envelopes: 1, breaks: [] });
  });

  it('finds an entry that was edited after it came', async () => {
    await fiveHours();
    edit(`UPDATE events SET body = replace(body, 'ran', 'ram') WHERE seq = 2`);
    expect((await verify()).breaks).toMatchObject([{ agent: 'till-1', code: 'ENTRY_CHANGED' }]);
  });

  it('finds an entry that was added, and a report that was taken away', async () => {
    await fiveHours();
    edit(`INSERT INTO events SELECT agent, incarnation, 9, kind, body FROM events WHERE seq = 2`);
    expect((await verify()).breaks).toMatchObject([{ code: 'ENTRY_ADDED' }]);
    edit('DELETE FROM events WHERE seq = 9');
    edit('DELETE FROM reports');
    expect((await verify()).breaks).toMatchObject([{ code: 'GAP' }]);
  });

  it('finds a report whose bytes were changed', async () => {
    await fiveHours();
    edit(`UPDATE reports SET message = x'1f8b'`);
    expect((await verify()).breaks).toMatchObject([{ code: 'ENVELOPE', seq: 1 }]);
  });
});
