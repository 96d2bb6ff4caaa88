// A console's home with a large fleet and a long history, made quickly by the store's own code from the events machines send.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectEvent } from '#console/core/fleet/project.ts';
import type { ConsoleStore } from '#console/core/ports.ts';
import { openConsoleStore } from '#console/core/store/open.ts';
import { formatInstant } from '#shared/ids.ts';
import { sha256Hex } from '#shared/node/sha256.ts';
import type { Event } from '#shared/run/event.ts';
import type { ScheduleDocument } from '#shared/schedule/document.ts';
import type { DocumentHead } from '#shared/trust/documents.ts';

export interface BigFleet {
  readonly machines: number;
  readonly runs: number;
  /** Epoch milliseconds: the history ends here. */
  readonly nowAt: number;
}

export const BIG_FLEET: Omit<BigFleet, 'nowAt'> = { machines: 10_000, runs: 1_000_000 };
export const STREAM = 'work';
export const SCHEDULES = ['backup', 'clean', 'report', 'sync', 'update'] as const;
const SITES = 40;
const KEY = `${'A'.repeat(43)}=`;
const AUDIENCE = 1_000;
const PER_TRANSACTION = 20;
const HOUR_MS = 3_600_000;

export const machineName = (index: number): string => `m-${String(index).padStart(5, '0')}`;
/** Of the n-th run of a machine, 0 is the newest. */
export const runId = (machine: number, n: number): string =>
  sha256Hex(`${machine} ${n}`).slice(0, 32);

/** Writes `fleet.json` and `console.db` into the directory. */
export function makeBigFleet(home: string, { machines, runs, nowAt }: BigFleet): void {
  mkdirSync(home, { recursive: true });
  writeFileSync(
    join(home, 'fleet.json'),
    JSON.stringify({
      fleet: 'big',
      collector: 'hq',
      brokerUrl: 'memory://big',
      rootFingerprint: '0'.repeat(64),
      createdAt: formatInstant(nowAt),
    }),
  );
  const store = openConsoleStore(join(home, 'console.db'));
  try {
    const heads = publish(store, machines, nowAt);
    const each = Math.ceil(runs / machines);
    for (let first = 0; first < machines; first += PER_TRANSACTION) {
      store.transaction(() => {
        for (let index = first; index < Math.min(machines, first + PER_TRANSACTION); index++) {
          const agentId = enrolled(store, index, heads[Math.floor(index / AUDIENCE)], nowAt);
          for (let n = each - 1; n >= 0; n--) record(store, agentId, { index, n, nowAt });
        }
      });
    }
  } finally {
    store.close();
  }
}

type Heads = readonly (DocumentHead & { readonly id: number })[];

/** The same revision for everybody, split as the planner splits it. */
function publish(store: ConsoleStore, machines: number, nowAt: number): Heads {
  const heads: (DocumentHead & { readonly id: number })[] = [];
  for (let first = 0; first < machines; first += AUDIENCE) {
    const audience = Array.from({ length: Math.min(AUDIENCE, machines - first) }, (_, index) =>
      machineName(first + index),
    );
    const payload = JSON.stringify(documentFor(audience, nowAt));
    const head = {
      ...{ kind: 'schedule' as const, name: STREAM, docId: sha256Hex(payload) },
      ...{ epoch: 0, revision: 1 },
    };
    const id = store.documents.put(head, payload, new Uint8Array(), nowAt);
    heads.push({ ...head, id });
  }
  return heads;
}

function documentFor(audience: readonly string[], nowAt: number): ScheduleDocument {
  return {
    kind: 'schedule',
    fleet: 'big',
    stream: STREAM,
    epoch: 0,
    revision: 1,
    previous: null,
    audience: [...audience],
    minTrust: 1,
    issuedAt: formatInstant(nowAt),
    acceptUntil: formatInstant(nowAt + 365 * 24 * HOUR_MS),
    capabilities: ['job-exec', 'trigger-cron'],
    schedules: SCHEDULES.map((id, index) => ({
      id,
      trigger: { kind: 'cron', expression: `${index * 10} * * * *`, zone: 'Europe/Berlin' },
      job: { kind: 'exec', argv: ['/usr/bin/true', id] },
      catchUp: { policy: 'latest', limit: 100 },
      overlap: 'skip',
      retry: {
        maxAttempts: 1,
        initialIntervalMs: 1_000,
        backoffCoefficient: 2,
        maximumIntervalMs: 60_000,
      },
      splayMs: 300_000,
      timeoutMs: 60_000,
      graceMs: 10_000,
      outputCapBytes: 65_536,
      onInterrupted: 'fail',
      paused: false,
    })),
  };
}

/** Enrolled, with its word on what it applied. */
function enrolled(
  store: ConsoleStore,
  index: number,
  head: Heads[number] | undefined,
  nowAt: number,
): number {
  const agent = machineName(index);
  const labels = { site: `site-${index % SITES}`, ring: index % 10 === 0 ? 'canary' : 'main' };
  const { id } = store.agents.putDevice(
    {
      ...{ kind: 'device', fleet: 'big', agent, generation: 1, signKey: KEY, sealKey: KEY },
      ...{ labels, revoked: false, issuedAt: formatInstant(nowAt) },
    },
    null,
  );
  store.agents.setPresence(id, 1, index % 17 !== 0);
  store.agents.setReported(id, nowAt - (index % 600) * 1_000, nowAt);
  if (!head) return id;
  const { id: documentId, ...applied } = head;
  store.documents.setDesired(id, 'schedule', STREAM, documentId);
  store.agents.setStatus(
    id,
    {
      ...{ kind: 'status', fleet: 'big', agent, incarnation: 1, session: '0'.repeat(32) },
      ...{ at: formatInstant(nowAt), seq: 1, refused: [], paused: [], clock: 'trusted' },
      ...{ heads: index % 29 === 0 ? [] : [applied], running: 0, next: null },
    },
    nowAt,
  );
  return id;
}

interface Which {
  readonly index: number;
  readonly n: number;
  readonly nowAt: number;
}

/** One occurrence as its machine would report it: most succeed, some fail, a few are missed, the newest goes on. */
function record(store: ConsoleStore, agentId: number, { index, n, nowAt }: Which): void {
  const id = SCHEDULES[(index + n) % SCHEDULES.length] ?? 'backup';
  const schedule = `${STREAM}/${id}`;
  const nominalAt = nowAt - (n + 1) * HOUR_MS + (index % 60) * 1_000;
  const at = formatInstant(nominalAt);
  const luck = (index * 31 + n * 17) % 100;
  const run = runId(index, n);
  const row = { schedule, from: at, to: at, count: 1, due: at, detail: null };
  const events: Event[] = [];
  if (luck === 99) {
    events.push({
      ...{ kind: 'ledger', at, seq: 1 },
      rows: [{ ...row, disposition: 'expired', reason: 'deadline', run: null }],
    });
  } else {
    events.push(
      { kind: 'ledger', at, seq: 1, rows: [{ ...row, disposition: 'ran', reason: null, run }] },
      {
        ...{ kind: 'attempt-started', at, seq: 2, run, schedule, nominal: at, due: at },
        ...{ attempt: 1, cause: 'schedule' },
      },
    );
    const isOver = n > 0 || index % 50 !== 0;
    if (isOver) events.push(...ending(luck, run, schedule, at, n * 4));
  }
  for (const event of events) {
    if (event.kind === 'attempt-finished' && n < 3) {
      store.log.addEvent(agentId, 1, event.seq, event.kind, JSON.stringify(event));
    }
    const { rows, runs } = projectEvent(event, 1);
    for (const one of rows) store.accounts.putRow(agentId, one);
    for (const change of runs) store.accounts.applyRun(agentId, change);
  }
}

function ending(
  luck: number,
  run: string,
  schedule: string,
  at: string,
  seq: number,
): readonly Event[] {
  const outcome = luck === 98 ? 'timed-out' : luck >= 96 ? 'failed' : 'succeeded';
  const finishedAt = formatInstant(Date.parse(at) + 2_000);
  return [
    {
      ...{ kind: 'attempt-finished', at: finishedAt, seq: seq + 3, run, attempt: 1, outcome },
      ...{ exitCode: outcome === 'failed' ? 1 : 0, signal: null, startedAt: at, finishedAt },
      ...{ outputBytes: 5, output: 'done\n', truncated: false, isolation: 'session' },
    },
    { kind: 'run-finished', at: finishedAt, seq: seq + 4, run, schedule, outcome, attempts: 1 },
  ];
}
