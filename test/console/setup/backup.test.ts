// Backup and restore of a home: a round trip while a core writes, and refusals of what is not whole.
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectCore } from '#console/server/client.ts';
import { serve } from '#console/server/serve.ts';
import { backupHome } from '#console/setup/backup.ts';
import { initHome } from '#console/setup/init.ts';
import { restoreHome } from '#console/setup/restore.ts';
import { systemClock } from '#shared/node/system-clock.ts';
import { PASSPHRASE, workDirectory } from '../run-muster.ts';

const { root } = workDirectory();
const home = join(root, 'home');
const file = join(root, 'backup.tar.gz');

beforeAll(async () => {
  const made = await initHome({
    home,
    fleet: 'shops',
    person: 'ada',
    broker: { url: 'memory://backup-test', embedded: false },
    passphrase: PASSPHRASE,
    clock: systemClock,
  });
  if (!made.ok) throw new Error(made.fault.message);
});
afterAll(() => rmSync(root, { recursive: true, force: true, maxRetries: 10 }));

const serveHome = async (at: string) => {
  const started = await serve({
    home: at,
    clock: systemClock,
    http: undefined,
    brokerUrl: undefined,
    log: () => undefined,
  });
  if (!started.ok) throw new Error(started.fault.message);
  return started.value;
};

/** Repacks the backup after `change` had its way with the unpacked files. */
function tampered(name: string, change: (directory: string) => void): string {
  const directory = join(root, name);
  mkdirSync(directory);
  execFileSync('tar', ['-xzf', file, '-C', directory]);
  change(directory);
  const packed = join(root, `${name}.tar.gz`);
  execFileSync('tar', ['-czf', packed, '-C', directory, '.']);
  return packed;
}

describe('backup', () => {
  it('is one private file, made while the core runs, and restores to a home that goes on', async () => {
    const running = await serveHome(home);
    const link = await connectCore(running.socket);
    if (!link.ok) throw new Error(link.fault.message);
    const token = await link.value.call('tokens.create', { labels: { site: 'berlin' } });
    expect(token.ok).toBe(true);
    const made = await backupHome(home, file, systemClock);
    expect(made).toMatchObject({ ok: true, value: { fleet: 'shops' } });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    await link.value.close();
    await running.close();

    const restored = join(root, 'restored');
    expect(await restoreHome(file, restored)).toMatchObject({
      ok: true,
      value: { fleet: 'shops' },
    });
    expect(statSync(restored).mode & 0o777).toBe(0o700);
    for (const key of readdirSync(join(home, 'keys'))) {
      const [was, is] = [home, restored].map((at) => readFileSync(join(at, 'keys', key), 'utf8'));
      expect(is).toBe(was);
      expect(statSync(join(restored, 'keys', key)).mode & 0o777).toBe(0o600);
    }
    expect(readdirSync(restored)).not.toContain('core.sock');
    expect(readdirSync(restored)).not.toContain('manifest.json');
    const again = await serveHome(restored);
    const second = await connectCore(again.socket);
    if (!second.ok) throw new Error(second.fault.message);
    const status = await second.value.call('core.status', {});
    expect(status).toMatchObject({ ok: true, value: { fleet: 'shops', trustVersion: 1 } });
    await second.value.close();
    await again.close();
  });

  it('restores into an empty directory that is there, as a mount point is', async () => {
    const mounted = join(root, 'mounted');
    mkdirSync(mounted, { mode: 0o755 });
    expect(await restoreHome(file, mounted)).toMatchObject({ ok: true });
    expect(statSync(mounted).mode & 0o777).toBe(0o700);
    expect(readdirSync(mounted).sort()).toEqual(['console.db', 'fleet.json', 'keys']);
  });

  it('never replaces a file', async () => {
    expect(await backupHome(home, file, systemClock)).toMatchObject({
      ok: false,
      fault: { code: 'FILE_EXISTS' },
    });
  });
});

describe('restore refuses', () => {
  const target = join(root, 'target');
  const refused = async (packed: string, code: string, what: RegExp) => {
    const result = await restoreHome(packed, target);
    expect(result).toMatchObject({
      ok: false,
      fault: { code, message: expect.stringMatching(what) },
    });
    expect(readdirSync(root)).not.toContain('target');
    expect(readdirSync(root).filter((name) => name.includes('.new'))).toEqual([]);
  };

  it('a changed key', async () => {
    const packed = tampered('changed', (at) => writeFileSync(join(at, 'keys', 'relay.key'), 'x'));
    await refused(packed, 'BACKUP_DAMAGED', /keys\/relay\.key is not what was backed up/);
  });

  it('a missing file', async () => {
    const packed = tampered('missing', (at) => rmSync(join(at, 'keys', 'root.key')));
    await refused(packed, 'BACKUP_DAMAGED', /keys\/root\.key is missing/);
  });

  it('a file that was added', async () => {
    const packed = tampered('added', (at) => writeFileSync(join(at, 'http-token'), 'known'));
    await refused(packed, 'BACKUP_DAMAGED', /http-token is not in its manifest/);
  });

  it('a link that leads elsewhere', async () => {
    const packed = tampered('linked', (at) => symlinkSync('/etc', join(at, 'etc')));
    await refused(packed, 'TAR', /only files and directories/);
  });

  it('what is no backup, and what is not there', async () => {
    writeFileSync(join(root, 'text'), 'hello');
    await refused(join(root, 'text'), 'TAR', /./);
    await refused(join(root, 'nothing'), 'BACKUP_NOT_FOUND', /nothing/);
  });

  it('a home that is not empty', async () => {
    expect(await restoreHome(file, home)).toMatchObject({
      ok: false,
      fault: { code: 'HOME_EXISTS' },
    });
  });
});
