// Folders as files: tar.xz, zip and .deb, with sorted names, one time and no owner, so that the same input gives the same bytes.
import {
  cpSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { UNIT } from '#agent/service/systemd.ts';
import { control, debianUnit, POSTINST, POSTRM, PRERM, ROOT } from './debian.ts';
import { run } from './tools.ts';
import { settle } from './tree.ts';

export interface Packing {
  /** Folder whose `name` is packed. */
  readonly from: string;
  readonly name: string;
  /** Path of the archive to write. */
  readonly to: string;
  /** Seconds since 1970 of everything in it. */
  readonly at: number;
  /** Weak compression. */
  readonly fast: boolean;
}

export function packTar({ from, name, to, at, fast }: Packing): void {
  rmSync(to, { force: true });
  const steady = ['--sort=name', `--mtime=@${at}`, '--owner=0', '--group=0', '--numeric-owner'];
  run('tar', ['-C', from, ...steady, '--format=gnu', '-cJf', to, name], {
    env: { XZ_OPT: fast ? '-0 -T2' : '-6 -T2' },
  });
}

export function packZip({ from, name, to, fast }: Packing): void {
  rmSync(to, { force: true });
  const files = filesBelow(join(from, name), name);
  run('zip', ['-X', '-q', fast ? '-1' : '-9', to, ...files], { cwd: from, env: { TZ: 'UTC' } });
}

function filesBelow(path: string, name: string): readonly string[] {
  if (!statSync(path).isDirectory()) return [name];
  return readdirSync(path)
    .sort()
    .flatMap((entry) => filesBelow(join(path, entry), `${name}/${entry}`));
}

export interface Debian {
  /** A folder with app, runtime and bin. */
  readonly tree: string;
  readonly staging: string;
  readonly to: string;
  readonly version: string;
  readonly architecture: string;
  readonly at: number;
  readonly fast: boolean;
}

export function packDebian({ tree, staging, to, at, fast, ...facts }: Debian): void {
  rmSync(staging, { recursive: true, force: true });
  const at_ = (path: string): string => join(staging, path);
  const folders = ['DEBIAN', ROOT, 'usr/bin', 'usr/lib/systemd/system'];
  for (const folder of folders) mkdirSync(at_(folder), { recursive: true });
  cpSync(tree, at_(ROOT), { recursive: true });
  writeFileSync(at_(`usr/lib/systemd/system/${UNIT}`), debianUnit());
  const installedSize = Math.ceil(bytesBelow(staging) / 1024);
  writeFileSync(at_('DEBIAN/control'), control({ ...facts, installedSize }));
  const scripts = { postinst: POSTINST, prerm: PRERM, postrm: POSTRM };
  for (const [name, text] of Object.entries(scripts)) {
    writeFileSync(at_(`DEBIAN/${name}`), text, { mode: 0o755 });
  }
  settle(staging, at);
  symlinkSync(`${ROOT}/bin/muster-agent`, at_('usr/bin/muster-agent'));
  rmSync(to, { force: true });
  run(
    'dpkg-deb',
    ['--root-owner-group', fast ? '-Zgzip' : '-Zxz', fast ? '-z1' : '-z6', '--build', staging, to],
    {
      env: { SOURCE_DATE_EPOCH: String(at) },
    },
  );
}

const bytesBelow = (path: string): number =>
  filesBelow(path, '').reduce((sum, name) => sum + statSync(join(path, name)).size, 0);
