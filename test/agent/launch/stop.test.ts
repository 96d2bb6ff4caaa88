// Ending a job: timeout, grace, cancel, and that nobody is left of it (SPEC.md L6).
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Bench,
  commanded,
  launcherPid,
  marked,
  openBench,
  request,
  shell,
  sleep,
  until,
} from './harness.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.end());

describe('a timeout', () => {
  it('ends a job with SIGTERM and says timed-out (L6)', async () => {
    const one = request(['sleep', '60'], { timeoutMs: 300 });
    const exit = await bench.runOne(one);
    expect(exit).toMatchObject({ ended: 'timed-out', exitCode: null, signal: 'SIGTERM' });
    expect(exit.finishedAt - exit.startedAt).toBeGreaterThanOrEqual(250);
    expect(marked(one.run)).toEqual([]);
  });

  it('lets a job finish within the grace and keeps its exit code and last words (L6)', async () => {
    const script = 'trap "echo bye; exit 9" TERM; while :; do sleep 0.05; done';
    const exit = await bench.runOne(shell(script, { timeoutMs: 300 }));
    expect(exit).toMatchObject({ ended: 'timed-out', exitCode: 9, signal: null });
    expect(exit.outputTail).toContain('bye\n');
  });

  it('kills a job that ignores SIGTERM once the grace is over (L6)', async () => {
    const one = shell('trap "" TERM; while :; do sleep 1; done', { timeoutMs: 300, graceMs: 400 });
    const exit = await bench.runOne(one);
    expect(exit).toMatchObject({ ended: 'timed-out', signal: 'SIGKILL' });
    expect(exit.finishedAt - exit.startedAt).toBeGreaterThanOrEqual(650);
    expect(marked(one.run)).toEqual([]);
  });

  it('also reaches timeouts longer than a burst: the watchdog comes later and goes with the job (L6)', async () => {
    const long = shell('trap "" TERM; sleep 61 & sleep 61', { timeoutMs: 4_200, graceMs: 100 });
    const short = request(['sleep', '2.6'], { timeoutMs: 120_000 });
    bench.launcher.start([long, short]);
    expect(await bench.exitOf(short)).toMatchObject({ ended: 'exited', exitCode: 0 });
    await until(() => commanded(short.run).length === 0, 'the watchdog ended with its job');
    expect(await bench.exitOf(long)).toMatchObject({ ended: 'timed-out' });
    expect(marked(long.run)).toEqual([]);
  });

  it.each([
    [
      'in the same session',
      'trap "" TERM; (sleep 62 &); (sh -c "trap \'\' TERM; sleep 62" &); sleep 62',
    ],
    [
      'with sessions of their own',
      'setsid sleep 62 & setsid -f sh -c "trap \'\' TERM; sleep 62"; sleep 62',
    ],
    [
      'without an environment',
      '(env -i sleep 62 &); env -i sh -c "trap \'\' TERM; sleep 62 & wait; sleep 62"',
    ],
  ])('leaves no child behind that the job made %s (L6)', async (_, script) => {
    const tag = `${Math.floor(Math.random() * 1e9)}`;
    const one = shell(script.replaceAll('62', `62.${tag}`), { timeoutMs: 400, graceMs: 200 });
    expect(await bench.runOne(one)).toMatchObject({ ended: 'timed-out' });
    expect([marked(one.run), commanded(`62.${tag}`)]).toEqual([[], []]);
  });

  it('ends a job that forks faster than one looks (L6)', async () => {
    const place = mkdtempSync(join(tmpdir(), 'muster-forks-'));
    // Bounded: each of 12 lines of descent stops after 400 generations.
    const generation =
      'trap "" TERM; [ "$1" -gt 400 ] || { sleep 0.02; setsid "$0" $(($1 + 1)) & }';
    const script = `printf '%s\\n' '#!/bin/sh' '${generation.replaceAll("'", `'\\''`)}' >f; chmod +x f
      for i in 1 2 3 4 5 6 7 8 9 10 11 12; do ./f 0; done; sleep 63`;
    const one = shell(script, { cwd: place, timeoutMs: 600, graceMs: 100 });
    expect(await bench.runOne(one)).toMatchObject({ ended: 'timed-out' });
    expect(marked(one.run)).toEqual([]);
    rmSync(place, { recursive: true });
  });
});

describe('cancel', () => {
  it('ends a running job and says cancelled (L6)', async () => {
    const one = shell('trap "" TERM; echo up; sleep 64; sleep 64');
    bench.launcher.start([one]);
    await until(() => bench.launcher.readOutput(one, 0, 10).total > 0, 'the job is up');
    bench.launcher.cancel(one, 200);
    expect(await bench.exitOf(one)).toMatchObject({ ended: 'cancelled', signal: 'SIGKILL' });
    expect(marked(one.run)).toEqual([]);
  });

  it('straight after the start keeps the job from running on (L6)', async () => {
    const requests = Array.from({ length: 20 }, () => request(['sleep', '65']));
    bench.launcher.start(requests);
    for (const one of requests) bench.launcher.cancel(one, 500);
    for (const one of requests) {
      expect((await bench.exitOf(one)).ended).toBe('cancelled');
      expect(marked(one.run)).toEqual([]);
    }
  });

  it('of an ended or unknown attempt does nothing (L6)', async () => {
    const one = request(['true']);
    await bench.runOne(one);
    bench.launcher.cancel(one, 100);
    bench.launcher.cancel({ run: 'ffff', attempt: 3 }, 100);
    await sleep(300);
    expect(bench.exits.filter((exit) => exit.run === one.run).length).toBe(1);
    expect(launcherPid(process.pid)).toBeGreaterThan(0);
  });
});
