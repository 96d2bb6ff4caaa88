// The shell's decisions, without Electron: origins, files, addresses, links, windows, keys.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { assetOf } from '#console/electron/main/assets.ts';
import { runOfArguments, runOfLink } from '#console/electron/main/deep-link.ts';
import { externalAddress } from '#console/electron/main/external.ts';
import { keyLocker } from '#console/electron/main/key-locker.ts';
import { appOrigin, isPageOf } from '#console/electron/main/origins.ts';
import { serverUrl } from '#console/electron/main/places.ts';
import { loadSettings } from '#console/electron/main/settings.ts';
import { fitWindow } from '#console/electron/main/window-state.ts';
import { makeHome, PASSPHRASE } from '#test/electron/support/stub-core.ts';

const directory = mkdtempSync(join(tmpdir(), 'muster-decide-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('who asks', () => {
  it('is known by a parsed origin, of the page itself', () => {
    expect(appOrigin('app://console/index.html#/runs')).toBe('app://console');
    for (const url of [
      'app://console:1/',
      'app://a@console/',
      'https://console/',
      'app:console',
      '',
    ])
      expect(appOrigin(url), url).toBeUndefined();
    const page = { url: 'app://console/', parent: null };
    expect(isPageOf(page, 'app://console')).toBe(true);
    expect(isPageOf({ ...page, parent: page }, 'app://console')).toBe(false);
    expect(isPageOf(null, 'app://console')).toBe(false);
  });
});

describe('app:// files', () => {
  const roots = { console: '/srv/app/renderer' };
  it('are those of the directory, with an index and a known type', () => {
    expect(assetOf('app://console/', roots)?.file).toBe('/srv/app/renderer/index.html');
    expect(assetOf('app://console/a/b.js', roots)?.type).toContain('javascript');
    expect(assetOf('app://confirm/confirm.html', roots)).toBeUndefined();
    expect(assetOf('app://toString/confirm.html', roots)).toBeUndefined();
    expect(assetOf('app://console/.env', roots)).toBeUndefined();
    expect(assetOf('app://console/page.exe', roots)).toBeUndefined();
  });

  it('are never outside of it, whatever is asked', () => {
    const piece = fc.constantFrom(
      '..',
      '%2e%2e',
      '%2f',
      '/',
      '\\',
      '%5c',
      '%00',
      'a',
      'b.js',
      '.',
      '%',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const asset = assetOf(`app://console/${pieces.join('')}.js`, roots);
        return asset === undefined || asset.file.startsWith('/srv/app/renderer/');
      }),
    );
  });
});

describe('addresses', () => {
  it('go to the system only as https to a listed site', () => {
    expect(externalAddress('https://crontab.guru/#5_4')).toBe('https://crontab.guru/#5_4');
    expect(externalAddress('https://crontab.guru.invalid/')).toBeUndefined();
  });

  it('of a server are https, or this machine', () => {
    expect(serverUrl('https://ops.example:8443/x?y')).toEqual({
      ok: true,
      value: 'https://ops.example:8443',
    });
    expect(serverUrl('http://127.0.0.1:8470').ok).toBe(true);
    for (const url of ['http://ops.example', 'ftp://127.0.0.1', 'https://a:b@ops.example', 'ops'])
      expect(serverUrl(url).ok, url).toBe(false);
  });

  it('muster://run/… names a run and nothing else', () => {
    expect(runOfLink('muster://run/a1b2c3d4')).toBe('a1b2c3d4');
    for (const link of [
      'muster://run/',
      'muster://run/../x',
      'muster://run/A1B2?x',
      'http://run/a1b2',
    ])
      expect(runOfLink(link), link).toBeUndefined();
    expect(runOfArguments(['electron', '--x', 'muster://run/a1b2c3d4'])).toBe('a1b2c3d4');
  });
});

describe('a window', () => {
  const screens = [{ x: 0, y: 0, width: 1920, height: 1040 }];
  const state = { x: 10, y: 10, width: 900, height: 700, maximized: false };
  it('stands where it stood, if a hand can still get hold of it', () => {
    expect(fitWindow(state, screens)).toEqual(state);
    expect(fitWindow({ ...state, x: 1_900 }, screens)).not.toHaveProperty('x');
    expect(fitWindow({ ...state, y: -50 }, screens)).not.toHaveProperty('y');
    expect(fitWindow({ ...state, width: 9_000 }, screens).width).toBe(1_920);
  });

  it('takes defaults where its file is missing or damaged', () => {
    expect(loadSettings(join(directory, 'none.json'))).toMatchObject({
      place: { kind: 'this-machine' },
      window: { width: 1280, maximized: false },
    });
  });
});

describe('a key', () => {
  it('locks itself after its minutes, and at once by hand', async () => {
    const home = join(directory, 'home');
    makeHome(home);
    const locker = keyLocker(home, 200);
    expect(locker.open('anna', '').ok).toBe(false);
    expect(locker.open('anna', 'wrong')).toMatchObject({ fault: { code: 'KEY_PASSPHRASE' } });
    expect(locker.unlocked()).toEqual([]);
    expect(locker.open('anna', PASSPHRASE).ok).toBe(true);
    expect(locker.unlocked()).toEqual(['anna']);
    await expect.poll(() => locker.unlocked(), { timeout: 10_000 }).toEqual([]);
    expect(locker.open('anna', '').ok).toBe(false);
    expect(locker.open('anna', PASSPHRASE).ok).toBe(true);
    locker.lock();
    expect(locker.unlocked()).toEqual([]);
    expect(locker.open('../anna', PASSPHRASE)).toMatchObject({ fault: { code: 'KEY_NOT_FOUND' } });
  });
});
