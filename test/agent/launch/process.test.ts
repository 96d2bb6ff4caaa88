// What a job gets, what is kept of it, and that nothing is left over (SPEC.md L1 to L9).
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Bench,
  childrenOf,
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

describe('how a job ended', () => {
  it.each([0, 1, 3, 75, 126, 127, 128, 137, 143, 200, 255])(
    'keeps exit code %i as the job gave it (L1)',
    async (code) => {
      const exit = await bench.runOne(shell(`exit ${code}`));
      expect(exit).toMatchObject({ exitCode: code, signal: null, ended: 'exited' });
    },
  );

  it.each(['TERM', 'KILL', 'INT', 'QUIT', 'PIPE', 'SEGV', 'USR1', 'HUP'])(
    'names the signal SIG%s that ended the job (L1)',
    async (name) => {
      const exit = await bench.runOne(shell(`ulimit -c 0; kill -${name} $$; sleep 5`));
      expect(exit).toMatchObject({ exitCode: null, signal: `SIG${name}`, ended: 'exited' });
    },
  );

  it('reports a start and a finish between hand-over and report (L1)', async () => {
    const before = Date.now();
    const exit = await bench.runOne(shell('sleep 0.3'));
    expect(exit.startedAt).toBeGreaterThanOrEqual(before);
    expect(exit.finishedAt - exit.startedAt).toBeGreaterThanOrEqual(250);
    expect(exit.finishedAt).toBeLessThanOrEqual(Date.now());
  });

  it('says start-failed and why for a command that does not exist (L2)', async () => {
    const exit = await bench.runOne(request(['no-such-command', 'x']));
    expect(exit).toMatchObject({ ended: 'start-failed', exitCode: 127, signal: null });
    expect(exit.outputTail).toContain('command not found: no-such-command');
  });

  it('says start-failed for a missing directory, a directory as program and a file without permission (L2)', async () => {
    const place = mkdtempSync(join(tmpdir(), 'muster-start-'));
    writeFileSync(join(place, 'plain'), 'x', { mode: 0o644 });
    writeFileSync(join(place, 'script'), '#!/no/such/interpreter\n', { mode: 0o755 });
    const ends = [
      await bench.runOne(request(['/bin/true'], { cwd: join(place, 'missing') })),
      await bench.runOne(request([place])),
      await bench.runOne(request([join(place, 'plain')])),
      await bench.runOne(request(['./script'], { cwd: place })),
    ];
    expect(ends.map((exit) => [exit.ended, exit.outputTail !== ''])).toEqual(
      ends.map(() => ['start-failed', true]),
    );
    rmSync(place, { recursive: true });
  });
});

describe('what the job gets', () => {
  it('passes every argument literally, whatever a shell would make of it (L5)', async () => {
    const everything = Array.from({ length: 0x17f }, (_, i) => String.fromCodePoint(i + 1)).join(
      '',
    );
    const args = [
      ';$(id)',
      '`id`',
      "'",
      `"`,
      '\\',
      'a\nb\n',
      '',
      ' ',
      '-n',
      '--',
      '*',
      '~',
      '$HOME',
      '😀',
      everything,
    ];
    const exit = await bench.runOne(request(['printf', '%s\\0', ...args]));
    expect(exit.outputTail.split('\0').slice(0, -1)).toEqual(args);
  });

  it('gives the environment asked for and the run id, nothing more (L4)', async () => {
    const env = {
      PATH: '/usr/bin:/bin',
      IFS: 'x',
      OPTIND: 'no number',
      PPID: '1',
      a: "b'\n$(id)",
      UID: '7',
    };
    const one = request(['env', '-0'], { env });
    const exit = await bench.runOne(one);
    const lines = exit.outputTail.split('\0').slice(0, -1);
    expect(Object.fromEntries(lines.map((line) => line.split(/=(.*)/s)))).toEqual({
      ...env,
      MUSTER_RUN_ID: one.run,
    });
  });

  it('finds the program in the PATH of the job, and a path with = in it (L4)', async () => {
    const place = mkdtempSync(join(tmpdir(), 'muster=path-'));
    symlinkSync('/bin/echo', join(place, 'my-echo'));
    const exit = await bench.runOne(request(['my-echo', 'a b'], { env: { PATH: place } }));
    expect(exit).toMatchObject({ exitCode: 0, outputTail: 'a b\n' });
    rmSync(place, { recursive: true });
  });

  it('runs in its directory with an empty input, default signals, umask 022 and a session of its own (L4)', async () => {
    const script =
      'pwd; wc -c; umask; grep SigIgn /proc/self/status; cut -d" " -f1,5,6 /proc/$$/stat; ls -l /proc/$$/fd';
    const exit = await bench.runOne(shell(script, { cwd: '/usr' }));
    const [cwd, bytes, mask, ignored, ids = '', ...fds] = exit.outputTail.trimEnd().split('\n');
    expect([cwd, bytes?.trim(), mask]).toEqual(['/usr', '0', '0022']);
    expect(ignored).toMatch(/\t0+$/);
    expect(new Set(ids.split(' ')).size).toBe(1);
    // What the surroundings of the test handed down is not ours; our records, gate and command pipe would show here.
    expect(fds.filter((line) => / [3-9] -> /.test(line))).toEqual([]);
    expect(fds.join('\n')).not.toContain(bench.directory);
  });
});

describe('output', () => {
  it('keeps both streams, bytes as they are (L3)', async () => {
    const one = shell("printf 'a\\0b'; printf '\\377' >&2; printf c");
    const exit = await bench.runOne(one);
    expect(exit).toMatchObject({ outputBytes: 5, outputTail: 'a\0b\ufffdc', truncated: false });
    const { bytes, total } = bench.launcher.readOutput(one, 2, 2);
    expect([[...bytes], total]).toEqual([[0x62, 0xff], 5]);
  });

  it.each([
    [1_000, 1_000, false],
    [1_000, 1_001, true],
    [512, 512, false],
    [0, 1, true],
    [100_000, 5_000_000, true],
  ])('keeps at most the cap of %i bytes of %i (L3)', async (cap, written, truncated) => {
    const one = shell(`head -c ${written} /dev/zero | tr '\\0' y; exit 5`, { outputCapBytes: cap });
    const exit = await bench.runOne(one);
    expect(exit).toMatchObject({ outputBytes: Math.min(cap, written), truncated, exitCode: 5 });
    expect(bench.launcher.readOutput(one, 0, 10_000_000).total).toBe(Math.min(cap, written));
  });

  it('reports the last 16 KiB as tail (L3)', async () => {
    const exit = await bench.runOne(shell('seq 1 20000; echo end'));
    expect(exit.outputTail.length).toBe(16_384);
    expect(exit.outputTail.endsWith('20000\nend\n')).toBe(true);
    expect(exit.outputBytes).toBeGreaterThan(100_000);
  });

  it('reports a job that left a daemon holding its output, without waiting for it (L3)', async () => {
    const exit = await bench.runOne(shell('sleep 8 & echo started'));
    expect(exit).toMatchObject({ ended: 'exited', exitCode: 0, outputTail: 'started\n' });
    expect(Date.now() - exit.finishedAt).toBeLessThan(6_000);
  });
});

describe('a burst', () => {
  it('does not keep an ended job waiting for starts that are not carried out (L7)', async () => {
    const before = shell('sleep 0.3; echo before');
    bench.launcher.start([before]);
    await until(() => marked(before.run).length > 0, 'the job began');
    const pid = launcherPid(process.pid);
    const burst = Array.from({ length: 40 }, () => shell('echo after'));
    process.kill(pid, 'SIGSTOP');
    try {
      bench.launcher.start(burst);
      expect((await bench.exitOf(before)).outputTail).toBe('before\n');
      expect(bench.exits.some((exit) => exit.run === burst[0]?.run)).toBe(false);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    const exits = await Promise.all(burst.map((one) => bench.exitOf(one)));
    expect(exits.every((exit) => exit.outputTail === 'after\n')).toBe(true);
  });

  it('records 500 at once exactly once each, leaving no file, descriptor or zombie (L7)', async () => {
    const descriptors = readdirSync('/proc/self/fd').length;
    const before = bench.exits.length;
    const requests = Array.from({ length: 500 }, (_, i) => shell(`echo ${i}; exit ${i % 100}`));
    bench.launcher.start(requests);
    const exits = await Promise.all(requests.map((one) => bench.exitOf(one)));
    expect(exits.map((exit) => [exit.exitCode, exit.outputTail])).toEqual(
      requests.map((_, i) => [i % 100, `${i}\n`]),
    );
    await sleep(200);
    expect(bench.exits.length).toBe(before + 500);
    for (const exit of bench.exits) bench.launcher.forget(exit);
    await until(() => childrenOf(launcherPid(process.pid)).length <= 3, 'zombies are reaped');
    const left = (): readonly string[] =>
      readdirSync(bench.directory).filter((name) => !/^(status|launcher\.log)$/.test(name));
    await until(() => left().length === 0, 'no file is left');
    expect(readFileSync(join(bench.directory, 'launcher.log'), 'utf8')).toBe('');
    expect(readdirSync('/proc/self/fd').length).toBeLessThanOrEqual(descriptors);
  });
});
