// P9: durable changes one by one: the agent's own transactions beside bare commits with the same durability.
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { planDue } from '#agent/daemon/plan-due.ts';
import { settleExits } from '#agent/daemon/settle-exits.ts';
import { type OpenedStore, openAgentStore } from '#agent/store/open.ts';
import { formatInstant } from '#shared/ids.ts';
import { sha256 } from '#shared/node/sha256.ts';
import { ok } from '#shared/result.ts';
import type { Figure, Sample } from '../figure.ts';
import { AGENT, FLEET } from '../lab/agent-home.ts';
import type { Lab } from '../lab/lab.ts';
import { schedule } from '../lab/schedules.ts';
import { interleave, percentile, spread } from '../measure.ts';

const SLICE_MS = 1_500;
const QUICK_SLICE_MS = 400;
/** What a plain SSD takes. */
const SSD_FSYNC_MS = 0.4;
const STREAM = 'bench';
const ANCHOR_AT = Date.parse('2026-01-01T00:00:00Z');

export const p9: Figure = {
  id: 'P9',
  name: 'durable changes one by one',
  unit: '/s',
  goal: { kind: 'ratio', atLeast: 0.7 },
  reference: 'bare better-sqlite3, one row of 300 bytes a commit',
  how: "The agent's store (WAL, synchronous=FULL) through the daemon's own functions: 60 schedules come due once a minute in turn; a run planned and begun is one change (ledger row, run, attempt, next instant, log entries, cursor), its end the next one (attempt, outcome, ledger row, log entries). The reference has the same pragmas and inserts one row of 300 bytes in each commit. Slices of both in turn, on the same disk.",
  ifShort:
    'a change of the agent looks up what is due and what runs, writes five or six rows of as many tables and chains two or three log entries by SHA-256, where the reference binds one row. Where the disk takes an fsync to heart that CPU hides behind it; where it answers at once (see below) CPU decides alone',
  measure: async (lab) => {
    const directory = lab.directory('commits');
    const ours = openOurs(directory);
    const bare = openBare(directory);
    const rate = rateOver(lab);
    // Both files warm, their write-ahead logs grown.
    for (const change of [ours.change, bare.change]) rate(change);
    try {
      const samples = await interleave(
        lab.repeats,
        (repeat) => {
          lab.say(`durable changes, ${repeat + 1} of ${lab.repeats}`);
          return rate(ours.change);
        },
        () => rate(bare.change),
      );
      return { samples, notes: fsyncNotes(directory, samples), broken: [] };
    } finally {
      ours.close();
      bare.close();
    }
  },
};

/** How long this disk takes to say that 4 KiB are safe: with a fast answer the figure is one of CPU alone. */
function fsyncNotes(directory: string, samples: readonly Sample[]): readonly string[] {
  const fd = openSync(join(directory, 'fsync'), 'w');
  const block = Buffer.alloc(4_096);
  const times = Array.from({ length: 100 }, (_, n) => {
    writeSync(fd, block, 0, block.length, (n % 10) * block.length);
    const beganMs = performance.now();
    fsyncSync(fd);
    return performance.now() - beganMs;
  });
  closeSync(fd);
  const hereMs = percentile(times, 0.5);
  const rateOnSsd = (of: (sample: Sample) => number): number =>
    1 / (1 / spread(samples.map(of)).median + (SSD_FSYNC_MS - hereMs) / 1_000);
  const ratio = rateOnSsd(({ ours }) => ours) / rateOnSsd(({ reference }) => reference);
  return [
    `an fsync of 4 KiB takes ${(hereMs * 1_000).toFixed(0)} µs here`,
    `computed, not measured: with one of ${SSD_FSYNC_MS * 1_000} µs the same CPU would give ${ratio.toFixed(2)} ×`,
  ];
}

/** Changes a second over one slice. */
const rateOver =
  ({ quick }: Lab) =>
  (change: () => void): number => {
    const beganMs = performance.now();
    const endMs = beganMs + (quick ? QUICK_SLICE_MS : SLICE_MS);
    let count = 0;
    for (; performance.now() < endMs; count++) change();
    return (count * 1_000) / (performance.now() - beganMs);
  };

function openOurs(directory: string) {
  const store = openAgentStore(join(directory, 'agent.db'), { fleet: FLEET, agent: AGENT });
  const minutely = Array.from({ length: 60 }, (_, second) => {
    const anchor = formatInstant(ANCHOR_AT + second * 1_000);
    return schedule(`s-${second}`, { kind: 'every', period: 'PT1M', anchor });
  });
  const head = {
    kind: 'schedule',
    name: STREAM,
    docId: '0'.repeat(64),
    epoch: 1,
    revision: 1,
  } as const;
  store.transaction(() => store.documents.replaceSchedules(STREAM, head, minutely, ANCHOR_AT));
  let nowAt = ANCHOR_AT;
  let open: string | undefined;
  const begin = (): void => {
    nowAt += 1_000;
    open = store.transaction(() => {
      const planned = planDue(
        { store, policy: { vet: () => ok(undefined) }, runAs: 'self', bootId: 'bench' },
        { nowAt, agent: AGENT, sha256 },
      );
      store.setCursor(nowAt);
      return planned.starts[0]?.run;
    });
    if (open === undefined) throw new Error('nothing was planned');
  };
  const end = (run: string): void => {
    store.transaction(() => {
      settleExits(store, [exitOf(run, nowAt)], nowAt + 10);
      store.setCursor(nowAt + 10);
    });
    open = undefined;
  };
  return { change: () => (open === undefined ? begin() : end(open)), close: () => close(store) };
}

/** The reports of these changes say that the store did the work it was measured by. */
function close(store: OpenedStore): void {
  const { seq } = store.log.head();
  store.close();
  if (seq === 0) throw new Error('the log is empty');
}

const exitOf = (run: string, at: number) => ({
  ...{ run, attempt: 1, startedAt: at, finishedAt: at + 5, exitCode: 0, signal: null },
  ...({ ended: 'exited', outputBytes: 20, outputTail: '1767225600000000000\n' } as const),
  ...{ truncated: false, isolation: 'session' },
});

function openBare(directory: string) {
  const db = new Database(join(directory, 'bare.db'));
  for (const pragma of [
    'journal_mode = WAL',
    'synchronous = FULL',
    'foreign_keys = ON',
    'wal_autocheckpoint = 1000',
  ]) {
    db.pragma(pragma);
  }
  db.exec('CREATE TABLE change (id INTEGER PRIMARY KEY, text TEXT NOT NULL)');
  const insert = db.prepare('INSERT INTO change (text) VALUES (?)');
  const text = 'x'.repeat(300);
  return { change: () => void insert.run(text), close: () => db.close() };
}
