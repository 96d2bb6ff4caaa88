// Jobs outlive launcher and agent; what the job wrote is what is reported, once (SPEC.md L8 to L11).
import { type ChildProcess, spawn } from 'node:child_process';
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AttemptKey, LaunchRequest } from '#agent/ports.ts';
import {
  type Bench,
  commanded,
  launcherPid,
  marked,
  newRun,
  openBench,
  request,
  shell,
  sleep,
  until,
} from './harness.ts';

let directory: string;
let open: Bench[];
const openHere = async (): Promise<Bench> => {
  const bench = await openBench(directory);
  open.push(bench);
  return bench;
};
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'muster-survive-'));
  open = [];
});
afterEach(async () => {
  for (const bench of open) await bench.end();
  rmSync(directory, { recursive: true, force: true, maxRetries: 10 });
});

/** A host process that has started the requests. */
async function hostWith(requests: readonly LaunchRequest[]): Promise<ChildProcess> {
  const file = fileURLToPath(new URL('../../support/fixtures/launch-host.ts', import.meta.url));
  const host = spawn(process.execPath, [file, directory], { stdio: ['pipe', 'pipe', 'inherit'] });
  host.stdin?.write(`${JSON.stringify(requests)}\n`);
  for await (const line of createInterface({ input: host.stdout as NodeJS.ReadableStream })) {
    if (line === 'started') return host;
  }
  throw new Error('the host ended');
}

const killed = (host: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    host.once('exit', () => resolve());
    host.kill('SIGKILL');
  });
const recordOf = (key: AttemptKey): string => join(directory, `${key.run}-${key.attempt}.run`);
const written = (key: AttemptKey): string => {
  try {
    return readFileSync(recordOf(key), 'latin1');
  } catch {
    return '';
  }
};

describe('the launcher is killed', () => {
  it('while jobs run: they end as they would have, each reported once (L8)', async () => {
    const bench = await openHere();
    const requests = Array.from({ length: 10 }, (_, i) => shell(`sleep 0.7; echo ${i}; exit ${i}`));
    bench.launcher.start(requests);
    await until(() => requests.every((one) => written(one).startsWith('C ')), 'all have started');
    process.kill(launcherPid(process.pid), 'SIGKILL');
    const exits = await Promise.all(requests.map((one) => bench.exitOf(one)));
    expect(exits.map((exit) => [exit.ended, exit.exitCode, exit.outputTail])).toEqual(
      requests.map((_, i) => ['exited', i, `${i}\n`]),
    );
    expect((await bench.runOne(request(['true']))).exitCode).toBe(0);
    expect(bench.exits.length).toBe(11);
  });

  it('in the middle of bursts: every request runs exactly once (L8)', async () => {
    const bench = await openHere();
    const marks = join(directory, 'marks');
    const requests = Array.from({ length: 300 }, (_, i) => shell(`echo ${i} >>'${marks}'`));
    for (let from = 0; from < 300; from += 60) {
      bench.launcher.start(requests.slice(from, from + 60));
      await sleep(from / 6);
      await until(() => {
        try {
          process.kill(launcherPid(process.pid), 'SIGKILL');
          return true;
        } catch {
          return false; // dead, and not yet started again
        }
      }, 'a launcher to kill');
    }
    const exits = await Promise.all(requests.map((one) => bench.exitOf(one)));
    expect(exits.every((exit) => exit.ended === 'exited' && exit.exitCode === 0)).toBe(true);
    const ran = readFileSync(marks, 'utf8').trimEnd().split('\n').map(Number);
    expect(ran.sort((a, b) => a - b)).toEqual(requests.map((_, i) => i));
    expect(bench.exits.length).toBe(300);
  });
});

describe('an order given to a launcher that was just killed', () => {
  it('is carried out by the next one (L6, L8)', async () => {
    const bench = await openHere();
    const one = request(['sleep', '69']);
    bench.launcher.start([one]);
    await until(() => written(one).includes('\n'), 'the job is up');
    process.kill(launcherPid(process.pid), 'SIGKILL');
    bench.launcher.cancel(one, 500);
    expect((await bench.exitOf(one)).ended).toBe('cancelled');
    await until(
      () => !readdirSync(directory).some((name) => name.startsWith('batch-')),
      'all read',
    );
  });
});

describe('the agent is killed', () => {
  it('with its launcher: adopted jobs report what they wrote, ended or still running (L9)', async () => {
    const quick = shell('echo quick; exit 4');
    const slow = shell('sleep 2.5; echo slow; exit 5');
    const flood = shell('yes | head -c 3000000; sleep 2; exit 6', { outputCapBytes: 100_000 });
    const never = { run: newRun(), attempt: 2 };
    const host = await hostWith([quick, slow, flood]);
    await until(() => /X 4\n$/.test(written(quick)) && written(flood) !== '', 'the jobs run');
    process.kill(launcherPid(host.pid ?? 0), 'SIGKILL');
    await killed(host);
    const bench = await openHere();
    await bench.launcher.adopt([quick, slow, flood, never]);
    expect(await bench.exitOf(never)).toMatchObject({ ended: 'never-started', exitCode: null });
    expect(await bench.exitOf(quick)).toMatchObject({ exitCode: 4, outputTail: 'quick\n' });
    expect(await bench.exitOf(slow)).toMatchObject({
      ended: 'exited',
      exitCode: 5,
      outputTail: 'slow\n',
    });
    const cut = { ended: 'exited', exitCode: 6, outputBytes: 100_000, truncated: true };
    expect(await bench.exitOf(flood)).toMatchObject(cut);
    expect(statSync(recordOf(flood).replace(/run$/, 'out')).size).toBeLessThan(101_000);
    expect(bench.exits.length).toBe(4);
  });

  it('and nobody comes back: timeouts are kept all the same (L6, L9)', async () => {
    const soon = request(['sleep', '66'], { timeoutMs: 1_500 });
    const later = shell('trap "" TERM; sleep 66; sleep 66', { timeoutMs: 4_500, graceMs: 200 });
    const host = await hostWith([soon, later]);
    await until(() => written(later) !== '' && written(soon) !== '', 'the jobs run');
    await killed(host);
    await until(
      () => /X \d+\n$/.test(written(soon)) && /X \d+\n$/.test(written(later)),
      'both ended',
    );
    await until(() => marked(later.run).length === 0, 'nobody is left');
    const bench = await openHere();
    await bench.launcher.adopt([soon, later]);
    expect((await bench.exitOf(soon)).ended).toBe('timed-out');
    expect(await bench.exitOf(later)).toMatchObject({ ended: 'timed-out', signal: 'SIGKILL' });
  });

  it('leaves no process behind once its jobs have ended (L9)', async () => {
    const one = shell('sleep 0.4');
    const host = await hostWith([one]);
    const launcher = launcherPid(host.pid ?? 0);
    await killed(host);
    const gone = (pid: number): boolean => {
      try {
        return readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z ');
      } catch {
        return true;
      }
    };
    await until(() => gone(launcher), 'the launcher ended with its pipe');
    await until(() => commanded(one.run).length === 0, 'so did watchdog, supervisor and collector');
  });
});

describe('adopt', () => {
  const stale = (key: AttemptKey, text: string): void => writeFileSync(recordOf(key), text);

  it('calls lost what has no exit and whose pid is now somebody else (L10)', async () => {
    const one = request(['sleep', '67']);
    const first = await openHere();
    first.launcher.start([one]);
    await until(() => written(one).includes('\n'), 'the job is up');
    const claim = written(one);
    const reused = { run: newRun(), attempt: 1 };
    const rebooted = { run: newRun(), attempt: 1 };
    const fields = claim.split(' ');
    // The same living pid, once with another start time, once of another boot.
    stale(reused, fields.with(fields.length - 31, '7').join(' '));
    stale(rebooted, fields.with(5, '00000000-0000-0000-0000-000000000000').join(' '));
    const second = await openHere();
    await second.launcher.adopt([reused, rebooted, one]);
    expect((await second.exitOf(reused)).ended).toBe('lost');
    expect((await second.exitOf(rebooted)).ended).toBe('lost');
    expect(second.exits.some((exit) => exit.run === one.run)).toBe(false);
    second.launcher.cancel(one, 500);
    expect((await second.exitOf(one)).ended).toBe('cancelled');
  });

  it('takes no incomplete or unreadable record for an exit (L10)', async () => {
    const bench = await openHere();
    const one = shell('exit 0');
    await bench.runOne(one);
    const whole = written(one);
    const texts = [
      whole.slice(0, -1),
      whole.replace(/X 0\n$/, ''),
      whole.replace('X 0', 'X zero'),
      '',
      'C 1 2\nX 0\n',
      '\0\xff\n',
    ];
    const keys = texts.map((text) => {
      const key = { run: newRun(), attempt: 1 };
      stale(key, text);
      return key;
    });
    await sleep(2_100); // an unfinished claim counts as abandoned after two seconds
    await bench.launcher.adopt(keys);
    for (const key of keys) {
      expect(await bench.exitOf(key)).toMatchObject({
        ended: 'lost',
        exitCode: null,
        signal: null,
      });
    }
  });

  it('calls a job lost whose supervisor was killed, but not before the job itself is gone (L10)', async () => {
    const bench = await openHere();
    const one = request(['sleep', '1.5']);
    bench.launcher.start([one]);
    await until(() => marked(one.run).length === 1, 'the job is up');
    process.kill(Number(written(one).split(' ')[6]), 'SIGKILL');
    const exit = await bench.exitOf(one);
    expect([exit.ended, marked(one.run)]).toEqual(['lost', []]);
  });

  it('never starts what an earlier agent had not handed over (L8)', async () => {
    const bench = await openHere();
    const one = shell(`echo ran >'${join(directory, 'ran')}'`);
    await bench.launcher.adopt([one]);
    expect((await bench.exitOf(one)).ended).toBe('never-started');
    bench.launcher.start([one]);
    await bench.runOne(request(['true']));
    await sleep(200);
    expect(readdirSync(directory)).not.toContain('ran');
  });
});

describe('forget', () => {
  it('deletes all files of the attempt and no other (L11)', async () => {
    const bench = await openHere();
    const gone = request(['sleep', '68'], { timeoutMs: 200 });
    const kept = shell('echo kept');
    await bench.runOne(gone);
    await bench.runOne(kept);
    bench.launcher.forget(gone);
    bench.launcher.forget(gone);
    expect(readdirSync(directory).filter((name) => name.startsWith(gone.run))).toEqual([]);
    expect(new TextDecoder().decode(bench.launcher.readOutput(kept, 0, 100).bytes)).toBe('kept\n');
    expect(bench.launcher.readOutput(gone, 0, 100).total).toBe(0);
  });

  it('the status file stays small while runs come and go (L11)', async () => {
    appendFileSync(join(directory, 'status'), 'X nobody\n'.repeat(200_000));
    const bench = await openHere();
    await bench.runOne(request(['true']));
    await until(() => statSync(join(directory, 'status')).size < 1_000, 'it is trimmed');
    expect((await bench.runOne(shell('exit 8'))).exitCode).toBe(8);
  });
});
