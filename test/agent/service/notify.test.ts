import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openNotifier, startHeartbeat } from '#agent/service/notify.ts';

const PID = 4_242;
const MODULE = fileURLToPath(import.meta.resolve('#agent/service/notify.ts'));

describe('speaking to systemd', () => {
  it('says nothing where nobody listens', () => {
    expect(openNotifier({}, PID)).toBeUndefined();
    expect(openNotifier({ WATCHDOG_USEC: '1000000' }, PID)).toBeUndefined();
  });

  it('writes to the file it was handed, by name, and only when it was handed to this process', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'muster-notify-'));
    const out = join(dir, 'said');
    writeFileSync(out, '');
    // The shell hands file 4 over as systemd does: by number, name and process id.
    const script = `import { openNotifier, startHeartbeat } from ${JSON.stringify(MODULE)};
      const env = { ...process.env, LISTEN_PID: String(process.pid) };
      const notifier = openNotifier(env, process.pid);
      startHeartbeat(notifier, () => undefined)();
      if (openNotifier({ ...env, LISTEN_PID: '1' }, process.pid)) notifier.send('WRONG=1');`;
    const child = spawn(
      '/bin/sh',
      [
        '-c',
        'exec "$@" 3</dev/null 4>>"$OUT"',
        'sh',
        process.execPath,
        '--input-type=module-typescript',
        '-e',
        script,
      ],
      {
        env: { ...process.env, OUT: out, LISTEN_FDS: '2', LISTEN_FDNAMES: 'other:notify' },
        stdio: ['ignore', 'ignore', 'inherit'],
      },
    );
    expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(0);
    expect(readFileSync(out, 'utf8')).toBe('READY=1');
    rmSync(dir, { recursive: true });
  });

  it('asks for a third of the watchdog time, and for none that is meant for another process', () => {
    const env = { NOTIFY_SOCKET: '/nowhere', WATCHDOG_USEC: '60000000' };
    expect(openNotifier(env, PID)?.watchdogMs).toBe(20_000);
    expect(openNotifier({ ...env, WATCHDOG_PID: String(PID) }, PID)?.watchdogMs).toBe(20_000);
    expect(openNotifier({ ...env, WATCHDOG_PID: '1' }, PID)?.watchdogMs).toBeUndefined();
    expect(openNotifier({ NOTIFY_SOCKET: '/nowhere' }, PID)?.watchdogMs).toBeUndefined();
  });
});

describe('the heartbeat', () => {
  it('beats while the pulse is good and is silent while it throws', async () => {
    const said: string[] = [];
    let isGood = true;
    const stop = startHeartbeat(
      { send: (message) => said.push(message), watchdogMs: 5, close: () => undefined },
      () => {
        if (!isGood) throw new Error('the database is gone');
      },
    );
    const beats = async (count: number): Promise<void> => {
      while (said.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    await beats(3);
    expect(said[0]).toBe('READY=1');
    isGood = false;
    const before = said.length;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(said.length).toBe(before);
    isGood = true;
    await beats(before + 1);
    stop();
    expect(new Set(said.slice(1))).toEqual(new Set(['WATCHDOG=1']));
  });
});
