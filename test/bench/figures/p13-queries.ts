// P13: lists of runs over HTTP with a large fleet and a long history, beside the bare statement on the same file.
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { openCore } from '#console/core/core.ts';
import { serveHttp } from '#console/server/http.ts';
import { formatInstant } from '#shared/ids.ts';
import { systemClock } from '#shared/node/system-clock.ts';
import type { Result } from '#shared/result.ts';
import { BIG_FLEET, machineName, makeBigFleet } from '#test/support/big-fleet.ts';
import type { Figure } from '../figure.ts';
import type { Lab } from '../lab/lab.ts';
import { interleave, percentile } from '../measure.ts';

const QUICK_FLEET = { machines: 200, runs: 10_000 };
const QUESTIONS = 600;
const QUICK_QUESTIONS = 100;
const LIMIT = 100;
/** What a request may cost beside its statement. */
const ALLOWANCE_MS = 5;

export const p13: Figure = {
  id: 'P13',
  name: 'lists over HTTP, p99',
  unit: 'ms',
  goal: { kind: 'ratio', atMost: 1 },
  reference: `the bare statement, p99, + ${ALLOWANCE_MS} ms`,
  how: `A history of 1,000,000 runs of 10,000 machines made by the store's own code. Ours: POST /api/runs.list over a kept connection on loopback, server and client in one process: the newest ${LIMIT} of a machine, of a schedule, of a state, of a window, in turn. The reference: a prepared statement with the same filter on the same file, rows read and no more.`,
  ifShort: 'parameters are checked, rows become objects and JSON, and both ends share one thread',
  measure: async (lab) => {
    const size = lab.quick ? QUICK_FLEET : BIG_FLEET;
    const home = lab.directory('queries');
    lab.say(`making ${size.runs} runs of ${size.machines} machines`);
    const nowAt = systemClock.now().wallAt;
    makeBigFleet(home, { ...size, nowAt });
    const count = lab.quick ? QUICK_QUESTIONS : QUESTIONS;
    const served = await serveHome(lab, home);
    const raw = rawQuestions(join(home, 'console.db'), nowAt);
    const ask = (n: number) => served.post('runs.list', filterFor(n, size.machines, nowAt));
    try {
      for (let n = 0; n < 20; n++) await ask(n);
      const samples = await interleave(
        lab.repeats,
        async (repeat) => {
          lab.say(`lists over HTTP, ${repeat + 1} of ${lab.repeats}`);
          return p99(count, (n) => ask(n + repeat * 7));
        },
        async (repeat) =>
          ALLOWANCE_MS + (await p99(count, (n) => raw.ask(n + repeat * 7, size.machines))),
      );
      const pages = await p99(lab.quick ? 20 : 100, (n) =>
        served.post('fleet.page', { limit: 100, offset: (n * 100) % size.machines }),
      );
      return {
        samples,
        notes: [`fleet.page with 100 machines of ${size.machines}: p99 ${pages.toFixed(1)} ms`],
        broken: [],
      };
    } finally {
      raw.close();
    }
  },
};

async function p99(count: number, ask: (n: number) => unknown): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < count; n++) {
    const beganMs = performance.now();
    await ask(n);
    times.push(performance.now() - beganMs);
  }
  return percentile(times, 0.99);
}

function filterFor(n: number, machines: number, nowAt: number): object {
  const agent = machineName((n * 37) % machines);
  switch (n % 4) {
    case 0:
      return { agent, limit: LIMIT };
    case 1:
      return { schedule: 'work/backup', limit: LIMIT };
    case 2:
      return { state: 'failed', limit: LIMIT };
    default:
      return { agent, until: formatInstant(nowAt - 30 * 3_600_000), limit: LIMIT };
  }
}

function rawQuestions(path: string, nowAt: number) {
  const db = new Database(path, { readonly: true });
  const select = (clause: string) =>
    db.prepare(`SELECT r.*, a.name, s.key FROM runs r CROSS JOIN agents a ON a.id = r.agent
      CROSS JOIN schedules s ON s.id = r.schedule WHERE ${clause}
      ORDER BY r.order_at DESC, r.id DESC LIMIT ${LIMIT}`);
  const agent = '(SELECT id FROM agents WHERE name = ?)';
  const ofAgent = select(`r.agent = ${agent}`);
  const ofSchedule = select('r.schedule = (SELECT id FROM schedules WHERE key = ?)');
  const ofState = select('r.state = ?');
  const before = select(`r.agent = ${agent} AND r.order_at <= ?`);
  return {
    ask: (n: number, machines: number): unknown => {
      const name = machineName((n * 37) % machines);
      if (n % 4 === 0) return ofAgent.all(name);
      if (n % 4 === 1) return ofSchedule.all('work/backup');
      if (n % 4 === 2) return ofState.all('failed');
      return before.all(name, nowAt - 30 * 3_600_000);
    },
    close: () => db.close(),
  };
}

async function serveHome(lab: Lab, home: string) {
  const core = must(await openCore({ home, clock: systemClock, broker: null }));
  const token = 'x'.repeat(43);
  const web = must(
    await serveHttp({ core, listen: '127.0.0.1:0', token, renderer: join(home, 'none') }),
  );
  const kept = new Agent({ keepAlive: true, maxSockets: 1 });
  lab.atEnd(async () => {
    kept.destroy();
    await web.close();
    await core.close();
  });
  const post = (method: string, params: object): Promise<void> =>
    new Promise((resolve, reject) => {
      const sent = request(`${web.where}/api/${method}`, {
        method: 'POST',
        agent: kept,
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      });
      sent.on('error', reject).on('response', (response) => {
        if (response.statusCode !== 200) reject(new Error(`${method}: ${response.statusCode}`));
        response.on('end', resolve).resume();
      });
      sent.end(JSON.stringify(params));
    });
  return { post };
}

function must<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.fault.message);
  return result.value;
}
