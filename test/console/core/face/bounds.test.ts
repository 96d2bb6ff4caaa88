// With a large fleet and a long history: every statement behind what a screen shows finds its rows by index and reads no more than a page (P13).
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MethodName, Params, Returns } from '#console/api.ts';
import { type Core, openCore } from '#console/core/core.ts';
import { formatInstant } from '#shared/ids.ts';
import { BIG_FLEET, machineName, makeBigFleet, runId } from '#test/support/big-fleet.ts';
import { NOON, take, testClock } from '../support/fleet.ts';

const LONG = process.env.MUSTER_LONG === '1';
const SIZE = LONG ? BIG_FLEET : { machines: 400, runs: 20_000 };
const LIMIT = 50;
const home = mkdtempSync(join(tmpdir(), 'muster-big-'));
/** Rows every statement handed over, by its text. */
const rowsBySql = new Map<string, number>();
let core: Core;

/** Watches every statement that is prepared from now on. */
function watchStatements(): () => void {
  const { prototype } = Database;
  const prepare = prototype.prepare;
  prototype.prepare = function (this: Database.Database, source: string) {
    const statement = prepare.call(this, source);
    const all = statement.all.bind(statement) as (...values: unknown[]) => unknown[];
    const get = statement.get.bind(statement) as (...values: unknown[]) => unknown;
    const count = (rows: number) => rowsBySql.set(source, (rowsBySql.get(source) ?? 0) + rows);
    statement.all = (...values: unknown[]) => {
      const rows = all(...values);
      count(rows.length);
      return rows;
    };
    statement.get = (...values: unknown[]) => {
      const row = get(...values);
      count(row === undefined ? 0 : 1);
      return row;
    };
    return statement;
  } as typeof prepare;
  return () => {
    prototype.prepare = prepare;
  };
}

let unwatch: () => void = () => undefined;

beforeAll(async () => {
  makeBigFleet(home, { ...SIZE, nowAt: NOON });
  unwatch = watchStatements();
  core = take(await openCore({ home, clock: testClock(), broker: null }));
  // Every standing is made once, as after any restart of a fleet.
  await call('fleet.attention', {});
}, 1_800_000);
afterAll(async () => {
  unwatch();
  await core.close();
  rmSync(home, { recursive: true, force: true });
});

async function call<M extends MethodName>(method: M, params: Params<M>): Promise<Returns<M>> {
  return take(await core.call(method, params));
}

const agent = machineName(7);
const schedule = 'work/backup';
const since = formatInstant(NOON - 12 * 3_600_000);
const until = formatInstant(NOON - 3_600_000);

/** Every list with every filter it has. */
async function everyQuestion(): Promise<void> {
  const states = ['succeeded', 'failed', 'running'] as const;
  for (const about of [{}, { agent }, { schedule }, { agent, schedule }]) {
    for (const when of [{}, { since }, { since, until }]) {
      const filter = { ...about, ...when, limit: LIMIT };
      const runs = await call('runs.list', filter);
      for (const state of states) await call('runs.list', { ...filter, state });
      const rows = await call('ledger.list', filter);
      const [run, row] = [runs.at(-1), rows.at(-1)];
      if (run) await call('runs.list', { ...filter, before: run.run });
      if (row) {
        const before = `${row.from} ${row.agent} ${row.schedule}`;
        await call('ledger.list', { ...filter, before });
      }
    }
  }
  await call('runs.show', { run: runId(3, 2) });
  await call('runs.show', { run: runId(3, 2).slice(0, 12) });
  await call('runs.tail', { run: runId(3, 2) });
  await call('agents.timeline', {
    agent,
    since,
    until: formatInstant(NOON + 3_600_000),
    limit: LIMIT,
  });
  for (const sort of ['name', '-status', 'lastReport', '-failed', 'missed'] as const) {
    await call('fleet.page', { sort, limit: LIMIT });
    await call('fleet.page', { sort, limit: LIMIT, after: agent });
  }
  await call('fleet.page', { status: ['failed'], trouble: 'missed', limit: LIMIT });
  await call('fleet.page', { filter: 'site-3', labels: { ring: 'canary' }, limit: LIMIT });
  await call('fleet.page', { groupBy: 'site', limit: LIMIT, offset: 100 });
  await call('agents.show', { agent });
  await call('schedules.show', { schedule });
}

/** The newest of everything: a walk along the index in the order of the list, ended by its LIMIT. */
const NEWEST = /^SCAN [rl] USING INDEX (runs|ledger)_by_time$/;
const HISTORY = /\b(SCAN) (r|l|e|runs|ledger|attempts|events|reports|losses)\b/;

describe('a large fleet', () => {
  it('no statement behind a screen scans or sorts the history', async () => {
    rowsBySql.clear();
    await core.close();
    core = take(await openCore({ home, clock: testClock(), broker: null }));
    await everyQuestion();
    unwatch();
    const db = new Database(join(home, 'console.db'), { readonly: true });
    const plans = [...rowsBySql.keys()]
      .filter((sql) => /^\s*SELECT/i.test(sql))
      .map((sql) => {
        const named = Object.fromEntries(
          [...sql.matchAll(/@(\w+)/g)].map(([, name]) => [name, null]),
        );
        const marks = (sql.match(/\?/g) ?? []).map(() => null);
        const plan = db
          .prepare(`EXPLAIN QUERY PLAN ${sql}`)
          .all(...(marks.length > 0 ? marks : Object.keys(named).length > 0 ? [named] : []));
        return { sql, plan: plan.map((step) => (step as { readonly detail: string }).detail) };
      });
    db.close();
    watchAgain();
    expect(plans.length).toBeGreaterThan(30);
    const isBad = (step: string) => HISTORY.test(step) && !NEWEST.test(step);
    expect(plans.filter(({ plan }) => plan.some(isBad))).toEqual([]);
    const lists = plans.filter(({ sql }) => /FROM (runs r|ledger l)\b/.test(sql));
    expect(lists.length).toBeGreaterThan(20);
    // Ranges that reach into a window are few and sorted apart.
    const sorted = lists.filter(
      ({ sql, plan }) =>
        !sql.includes('ledger_ranges') && plan.some((step) => /TEMP B-TREE/.test(step)),
    );
    expect(sorted).toEqual([]);
  });

  it('reads as many rows as a page has, whatever the length of the history', async () => {
    const read = async (method: MethodName, params: object): Promise<number> => {
      rowsBySql.clear();
      await call(method, params as never);
      return [...rowsBySql.values()].reduce((sum, rows) => sum + rows, 0);
    };
    // Beside the page: names, the streams, the machine itself.
    const beside = 60;
    expect(await read('runs.list', { limit: LIMIT })).toBeLessThanOrEqual(LIMIT + beside);
    expect(await read('runs.list', { agent, state: 'failed', limit: LIMIT })).toBeLessThan(
      LIMIT + beside,
    );
    expect(await read('ledger.list', { schedule, since, limit: LIMIT })).toBeLessThan(
      LIMIT + beside,
    );
    expect(await read('runs.show', { run: runId(3, 2) })).toBeLessThan(10);
    // A machine's record, its document and its row for each line; counts and labels for all.
    expect(await read('fleet.page', { limit: LIMIT })).toBeLessThan(3 * LIMIT + beside);
    const timeline = { agent, since, until, limit: LIMIT };
    expect(await read('agents.timeline', timeline)).toBeLessThan(2 * LIMIT + beside);
  });

  it('gives all machines as cells in one statement', async () => {
    rowsBySql.clear();
    const { cells } = await call('fleet.grid', {});
    expect(cells).toHaveLength(SIZE.machines);
    const large = [...rowsBySql].filter(([, rows]) => rows >= SIZE.machines);
    expect(large).toHaveLength(1);
  });

  it('pages give every machine once, in any order', async () => {
    for (const sort of ['name', '-status', 'failed'] as const) {
      const seen: string[] = [];
      let after: string | undefined;
      for (;;) {
        const { rows } = await call('fleet.page', {
          sort,
          limit: 150,
          status: ['failed', 'ok', 'offline', 'pending', 'missed', 'running', 'refused', 'unknown'],
          ...(after === undefined ? {} : { after }),
        });
        seen.push(...rows.map((row) => row.agent));
        after = rows.at(-1)?.agent;
        if (rows.length < 150) break;
      }
      expect([seen.length, new Set(seen).size]).toEqual([SIZE.machines, SIZE.machines]);
    }
  });

  it('counts as the history tells', async () => {
    const { total, counts, rows } = await call('fleet.page', { sort: '-failed', limit: 1 });
    expect(total).toBe(SIZE.machines);
    expect(Object.values(counts).reduce((sum, n) => sum + n, 0)).toBe(total);
    const [worst] = rows;
    const dayAgo = formatInstant(NOON - 86_400_000);
    const filter = { agent: worst?.agent ?? '', since: dayAgo, limit: 1_000 };
    const runs = await call('runs.list', filter);
    const bad = runs.filter(({ state }) => ['failed', 'timed-out', 'lost'].includes(state));
    expect(worst?.failed24h).toBe(bad.length);
    expect(bad.length).toBeGreaterThan(0);
  });
});

function watchAgain(): void {
  unwatch = watchStatements();
}
