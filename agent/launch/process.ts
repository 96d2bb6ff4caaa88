// The Launcher for processes (SPEC.md): hands requests to the launcher shell, follows its status file, reports every attempt once.
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import type {
  AttemptExit,
  AttemptKey,
  Launcher,
  LauncherFactory,
  LaunchRequest,
} from '#agent/ports.ts';
import { type BatchItem, baseName, batchScript } from './batch.ts';
import { followFile } from './feed.ts';
import { attemptFiles } from './files.ts';
import { startHelper } from './helper.ts';
import { isAlive, isMarked, readBootId } from './identity.ts';
import { describeExit, neverStarted } from './outcome.ts';
import { findTools } from './tools.ts';

/** After this long a job still running gets its watchdog; shorter timeouts get it before the job starts. */
const armAfterMs = 2_000;
/** An ended job's output is complete when it has not grown between two looks so far apart: a daemon may hold the pipe for ever. */
const settleMs = 500;
/** A collector that has not even begun by then never will. */
const settleLooks = 60;
/** Whoever the status file missed is found by looking at the records this often. */
const sweepMs = 5_000;
/** In a burst the readers of output begin this long after the last start. */
const gateDelayMs = 40;
const gateStep = 16;
const gateStepMs = 8;
const perTurn = 20;
/** Readers and reports wait for a burst's starts, but not for ever: a pipe holds 64 KiB, and bursts may follow each other. */
const burstPatienceMs = 1_000;

interface Attempt {
  readonly key: AttemptKey;
  base: string;
  issue: number;
  /** Absent for adopted attempts, which are never issued again. */
  readonly request?: LaunchRequest;
  ended: boolean;
  outputDone: boolean;
  queued: boolean;
  settled: boolean;
  settle?: NodeJS.Timeout;
}

/** Opens the directory of attempts (made if absent) and starts the launcher. Throws when the machine lacks a needed tool. */
export const openProcessLauncher: LauncherFactory = async ({ directory: given, onExit }) => {
  const directory = resolve(given);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(directory)) {
    if (name.startsWith('batch-')) rmSync(join(directory, name), { force: true });
  }
  return makeLauncher(directory, onExit);
};

function makeLauncher(directory: string, onExit: (exit: AttemptExit) => void): Launcher {
  const tools = findTools();
  const bootId = readBootId();
  const files = attemptFiles(directory);
  const attempts = new Map<string, Attempt>();
  /** Bursts the launcher has not read to their end, and since when there is any. */
  const starting = new Set<string>();
  let startingSince = 0;
  /** Readers of output that wait at the gate. */
  let gated = 0;
  let opening = false;
  const timers = new Set<NodeJS.Timeout>();
  const ready: Attempt[] = [];
  let working = false;
  let closed = false;
  const helper = startHelper({ directory, bootId, tools, onDeath: reissue });
  const feed = followFile(join(directory, 'status'), onLines, 1_000);
  const sweeper = setInterval(() => void sweep(), sweepMs);

  const later = (ms: number, work: () => void): NodeJS.Timeout => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      work();
    }, ms);
    timers.add(timer);
    return timer;
  };

  function issue(items: readonly (BatchItem & { readonly attempt: Attempt })[]): void {
    if (items.length === 0) return;
    const batch = helper.send(batchScript(items, tools, Date.now(), 2 * armAfterMs), 'starts');
    // A few at once: the readers need not wait for the burst to be through.
    if (items.length <= gateStep) helper.open(items.length);
    else {
      if (starting.size === 0) {
        startingSince = performance.now();
        later(burstPatienceMs, afterStarts);
      }
      starting.add(batch);
      gated += items.length;
    }
    later(armAfterMs, () => armAll(items.map((item) => item.attempt)));
  }

  /** The cores belong to the starts as long as a burst is being started. */
  const isStarting = (): boolean =>
    starting.size > 0 && performance.now() - startingSince < burstPatienceMs;

  function afterStarts(): void {
    if (isStarting()) return;
    if (!opening && gated > 0) {
      opening = true;
      later(gateDelayMs, openGate);
    }
    if (!working && ready.length > 0) void work();
  }

  /** A few readers at a time: all at once they would crowd out the agent's own loop. */
  function openGate(): void {
    const count = Math.min(gated, gateStep);
    helper.open(count);
    gated -= count;
    opening = gated > 0;
    if (opening) later(gateStepMs, openGate);
  }

  function onLines(lines: readonly string[]): void {
    for (const line of lines) {
      const subject = line.slice(2);
      if (line.startsWith('B ')) {
        helper.done(subject);
        if (starting.delete(subject)) afterStarts();
        continue;
      }
      const attempt = attempts.get(subject);
      if (!attempt) continue;
      if (line.startsWith('O ')) attempt.outputDone = true;
      else if (line.startsWith('X ')) markEnded(attempt);
      consider(attempt);
    }
  }

  function markEnded(attempt: Attempt): void {
    attempt.ended = true;
    attempt.settle ??= later(settleMs, () => look(attempt, -1, 1));
  }

  function look(attempt: Attempt, seenBytes: number, looks: number): void {
    const bytes = files.outputBytes(attempt.base);
    if (looks >= settleLooks || (bytes >= 0 && bytes === seenBytes)) {
      attempt.settled = true;
      consider(attempt);
    } else attempt.settle = later(settleMs, () => look(attempt, bytes, looks + 1));
  }

  function consider(attempt: Attempt): void {
    if (!attempt.ended || attempt.queued || !(attempt.outputDone || attempt.settled)) return;
    attempt.queued = true;
    ready.push(attempt);
    if (!working && !isStarting()) void work();
  }

  // A burst's exits are read a few at a time, so that the agent's loop stays free.
  async function work(): Promise<void> {
    working = true;
    while (ready.length > 0 && !isStarting()) {
      await turn();
      if (closed) break;
      for (const attempt of ready.splice(0, perTurn)) report(attempt);
    }
    working = false;
    if (!closed) helper.reap();
  }

  function report(attempt: Attempt): void {
    const record = files.record(attempt.base);
    const stop = files.stopNote(attempt.base);
    const patienceMs = (record?.claim?.graceMs ?? 0) + 30_000;
    if (stop && !stop.done && Date.now() < (record?.writtenAt ?? 0) + patienceMs) {
      attempt.queued = false; // its K line, or the sweep, brings it back
      return;
    }
    if (!record) {
      drop(attempt); // forgotten meanwhile
      return;
    }
    const cap = record.claim?.capBytes ?? attempt.request?.outputCapBytes ?? 0;
    const output = files.output(attempt.base, -16_384, 16_384, cap);
    // The supervisor dismisses the watchdog only of a job that ended by itself.
    if (!record.exit || stop?.reason === 'cancelled') files.dismissWatchdog(attempt.base, bootId);
    finish(attempt, describeExit(attempt.key, record, stop?.reason, output, tools.env));
  }

  function finish(attempt: Attempt, exit: AttemptExit): void {
    if (drop(attempt)) onExit(exit);
  }

  function drop(attempt: Attempt): boolean {
    if (attempt.settle) {
      clearTimeout(attempt.settle);
      timers.delete(attempt.settle);
    }
    return attempts.delete(attempt.base);
  }

  /** The launcher died: what nobody has claimed certainly did not start and is issued again under a new name. */
  function reissue(): void {
    feed.poll();
    // The readers of the dead launcher's jobs go by themselves: its gate has ended.
    starting.clear();
    gated = 0;
    afterStarts();
    const again: (BatchItem & { attempt: Attempt })[] = [];
    for (const attempt of [...attempts.values()]) {
      if (!attempt.request || attempt.ended || !files.makeVoid(attempt.base)) continue;
      attempts.delete(attempt.base);
      attempt.issue++;
      attempt.base = baseName(attempt.key, attempt.issue);
      attempts.set(attempt.base, attempt);
      again.push({ base: attempt.base, request: attempt.request, attempt });
    }
    issue(again);
  }

  function armAll(candidates: readonly Attempt[]): void {
    const words = candidates.map((attempt) => {
      const claim = attempts.has(attempt.base) ? files.record(attempt.base)?.claim : undefined;
      if (!claim || attempt.ended || files.hasWatchdog(attempt.base, bootId)) return '';
      const stat = `'${claim.stat.replaceAll("'", `'\\''`)}'`;
      return `arm '${attempt.base}' ${claim.timeoutMs} ${claim.graceMs} '${attempt.key.run}' ${stat}\n`;
    });
    if (words.some((word) => word !== '')) helper.send(words.join(''), 'orders');
  }

  async function sweep(): Promise<void> {
    feed.trim(1_048_576);
    let count = 0;
    for (const attempt of [...attempts.values()]) {
      if (++count % perTurn === 0) await turn();
      if (closed) return;
      if (attempts.has(attempt.base)) inspect(attempt, 10_000);
    }
  }

  /** Looks at the record itself. `tornMs`: how old an unfinished claim must be to count as abandoned. */
  function inspect(attempt: Attempt, tornMs: number): void {
    const before = files.record(attempt.base);
    if (!before || before.void) return;
    // First life, then the record: who is dead now has written all it ever will.
    const alive = before.claim
      ? isAlive(before.claim.supervisor, bootId)
      : Date.now() - before.writtenAt < tornMs;
    const record = alive ? before : (files.record(attempt.base) ?? before);
    if (record.exit) {
      markEnded(attempt);
      consider(attempt);
    } else if (!alive && !isMarked(attempt.key.run)) {
      attempt.ended = true;
      attempt.settled = true;
      consider(attempt);
    }
  }

  function adoptOne(key: AttemptKey): void {
    const issueNumber = files.currentIssue(key);
    const base = baseName(key, issueNumber);
    if (attempts.has(base)) return;
    if (!files.record(base) && files.makeVoid(base)) {
      onExit(neverStarted(key, 'never-started', Date.now()));
      return;
    }
    const attempt: Attempt = { ...fresh(key), base, issue: issueNumber };
    attempts.set(base, attempt);
    inspect(attempt, 2_000);
    // An old exit has nothing on its way any more.
    const exitedAt = attempt.ended
      ? (files.record(base)?.writtenAt ?? 0)
      : Number.POSITIVE_INFINITY;
    if (Date.now() - exitedAt > 2 * settleMs) {
      attempt.settled = true;
      attempt.queued = true;
      report(attempt);
    }
  }

  const fresh = (key: AttemptKey) => ({
    key: { run: key.run, attempt: key.attempt },
    base: baseName(key),
    issue: 1,
    ended: false,
    outputDone: false,
    queued: false,
    settled: false,
  });

  function cancel(key: AttemptKey, graceMs: number): void {
    const attempt = [...attempts.values()].find(
      (one) => one.key.run === key.run && one.key.attempt === key.attempt,
    );
    if (!attempt || closed) return;
    if (attempt.request && files.makeVoid(attempt.base)) {
      finish(attempt, neverStarted(attempt.key, 'cancelled', Date.now()));
      return;
    }
    const claim = files.record(attempt.base)?.claim;
    // Claimed this very moment, not yet written: a moment later it is.
    if (!claim) {
      later(20, () => cancel(key, graceMs));
      return;
    }
    const stat = `'${claim.stat.replaceAll("'", `'\\''`)}'`;
    helper.send(`cancel '${attempt.base}' ${Math.round(graceMs)} '${key.run}' ${stat}\n`, 'orders');
  }

  return {
    start: (requests) => {
      issue(
        requests.map((request) => {
          const attempt: Attempt = { ...fresh(request), request };
          if (attempts.has(attempt.base)) throw new Error(`attempt started twice: ${attempt.base}`);
          attempts.set(attempt.base, attempt);
          return { base: attempt.base, request, attempt };
        }),
      );
    },
    cancel,
    adopt: async (keys) => {
      let count = 0;
      for (const key of keys) {
        if (++count % perTurn === 0) await turn();
        adoptOne(key);
      }
      armAll([...attempts.values()].filter((attempt) => !attempt.request));
    },
    readOutput: (key, fromByte, maxBytes) => {
      const base = baseName(key, files.currentIssue(key));
      const cap = files.record(base)?.claim?.capBytes ?? 0;
      const { bytes, total } = files.output(base, Math.max(0, fromByte), maxBytes, cap);
      return { bytes, total };
    },
    forget: (key) => files.forget(key),
    close: async () => {
      closed = true;
      clearInterval(sweeper);
      for (const timer of timers) clearTimeout(timer);
      feed.close();
      await helper.close();
    },
  };
}
