// What electron-builder makes of its configuration: accepted, packed around a stand-in for Electron, fuses read back from the binary.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type Built, buildShell } from './support/build.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** By which Electron's fuses are found in its binary; then a version, a length, and a digit for each. */
const SENTINEL = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
const FUSES = [
  'runAsNode',
  'enableCookieEncryption',
  'enableNodeOptionsEnvironmentVariable',
  'enableNodeCliInspectArguments',
  'enableEmbeddedAsarIntegrityValidation',
  'onlyLoadAppFromAsar',
  'loadBrowserProcessSpecificV8Snapshot',
  'grantFileProtocolExtraPrivileges',
];
/** As Electron is delivered. */
const DELIVERED = '10110001';

let built: Built;
let project: string;
beforeAll(() => {
  built = buildShell();
  project = join(built.app, '../..');
  cpSync(join(root, 'package.json'), join(project, 'package.json'));
  cpSync(join(root, 'electron-builder.yml'), join(project, 'electron-builder.yml'));
  mkdirSync(join(project, 'console/electron/pages'), { recursive: true });
  cpSync(join(built.app, 'pages/icon.png'), join(project, 'console/electron/pages/icon.png'));
  symlinkSync(join(root, 'node_modules'), join(project, 'node_modules'));
  makeStandIn(join(project, 'stand-in'));
});
afterAll(() => built?.remove());

/** A directory that looks like Electron's to who packs it: files of the right names, fuses in the binary, no program. */
function makeStandIn(directory: string): void {
  mkdirSync(join(directory, 'resources'), { recursive: true });
  mkdirSync(join(directory, 'locales'));
  const wire = Buffer.from([1, DELIVERED.length]);
  const binary = Buffer.concat([Buffer.from(`stand-in${SENTINEL}`), wire, Buffer.from(DELIVERED)]);
  writeFileSync(join(directory, 'electron'), binary, { mode: 0o755 });
  for (const name of ['LICENSE', 'LICENSES.chromium.html', 'chrome-sandbox', 'icudtl.dat']) {
    writeFileSync(join(directory, name), 'stand-in');
  }
  writeFileSync(join(directory, 'version'), '45.4.1');
}

const build = (config: string) =>
  spawnSync(
    process.execPath,
    [
      join(root, 'node_modules/electron-builder/cli.js'),
      ...['--dir', '--linux', '--x64', '--config', config, '-c.electronDist=stand-in'],
    ],
    { cwd: project, encoding: 'utf8', env: { ...process.env, npm_config_offline: 'true' } },
  );

describe('electron-builder.yml', () => {
  it('packs a directory in which every fuse is as it is written', () => {
    const run = build('electron-builder.yml');
    expect(run.status, `${run.stdout}${run.stderr}`).toBe(0);
    const packed = join(project, 'dist/desktop/linux-unpacked');
    const binary = readFileSync(join(packed, 'muster')).toString('latin1');
    const wire = binary.slice(binary.indexOf(SENTINEL) + SENTINEL.length + 2);
    const state = Object.fromEntries(FUSES.map((name, index) => [name, wire[index] === '1']));
    expect(state).toEqual({
      runAsNode: false,
      enableCookieEncryption: true,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      enableEmbeddedAsarIntegrityValidation: true,
      onlyLoadAppFromAsar: true,
      loadBrowserProcessSpecificV8Snapshot: false,
      grantFileProtocolExtraPrivileges: false,
    });
    const asar = readFileSync(join(packed, 'resources/app.asar')).toString('latin1');
    for (const file of ['main.mjs', 'core-process.mjs', 'console-preload.cjs', 'better-sqlite3']) {
      expect(asar.slice(0, 100_000), file).toContain(`"${file}"`);
    }
    const beside = join(
      packed,
      'resources/app.asar.unpacked/node_modules/better-sqlite3/prebuilds',
    );
    expect(readdirSync(beside)).toContain('linux-x64.node');
    rmSync(packed, { recursive: true });
  });

  it('is refused with a property nobody knows, before anything is built', () => {
    const path = join(project, 'planted.yml');
    writeFileSync(path, `${readFileSync(join(root, 'electron-builder.yml'), 'utf8')}\nfuzes: {}\n`);
    const run = build('planted.yml');
    expect(run.status).not.toBe(0);
    expect(`${run.stdout}${run.stderr}`).toContain("unknown property 'fuzes'");
  });

  it('names all targets, the link of runs, and no identity', () => {
    const text = readFileSync(join(root, 'electron-builder.yml'), 'utf8');
    const config = parse(text) as Record<string, Record<string, unknown>>;
    expect(config.linux?.target).toEqual(['AppImage', 'deb']);
    expect(config.win?.target).toEqual(['nsis']);
    expect(config.mac?.target).toEqual(['dmg']);
    expect(config.protocols).toMatchObject([{ schemes: ['muster'] }]);
    expect(Object.keys(config.electronFuses ?? {})).toEqual(expect.arrayContaining(FUSES));
    expect(text).not.toMatch(/identity:|certificateFile|password/i);
  });
});
