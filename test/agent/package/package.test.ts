// The packages: complete on a machine that has nothing, the same bytes for the same commit, and checkable by whoever has the public key.
import { spawnSync } from 'node:child_process';
import { createHash, createPublicKey, verify } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageFacts } from '#agent/package/bundle.ts';
import { idSchema, instantSchema } from '#shared/ids.ts';
import { encodeJoinToken } from '#shared/trust/enrolment.ts';
import { requireTool } from '#test/support/require-tool.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'muster-package-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));
const own = `linux-${process.arch}`;

const TOKEN = encodeJoinToken({
  fleet: idSchema.parse('nobody'),
  rootFingerprint: '0'.repeat(64),
  broker: { url: 'mqtt://127.0.0.1:1' },
  token: idSchema.parse('t1'),
  secret: 'A'.repeat(43),
  expires: instantSchema.parse('2099-01-01T00:00:00Z'),
  labels: {},
});

/** The runtime of this machine is here already; the registry need not be asked for it. */
function seedCache(dist: string): void {
  const { version } = packageFacts(root, 'node_modules/node');
  const folder = join(dist, 'cache', `node-${own}-${version}`);
  mkdirSync(join(folder, 'bin'), { recursive: true });
  cpSync(join(root, 'node_modules/node/bin/node'), join(folder, 'bin', 'node'));
  writeFileSync(join(folder, 'LICENSE'), 'as Node brings it');
}

function build(dist: string, ...more: readonly string[]) {
  const args = [
    'agent/package/package.ts',
    '--fast',
    '--out',
    join(work, dist, 'packages'),
    ...more,
  ];
  const env = { ...process.env, SOURCE_DATE_EPOCH: '1790000000' };
  return spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8', env });
}

const files = (dist: string): readonly string[] => readdirSync(join(work, dist, 'packages')).sort();
const read = (dist: string, name: string): Buffer =>
  readFileSync(join(work, dist, 'packages', name));

describe.runIf(process.platform === 'linux' && requireTool('xz', 'apt-get install xz-utils'))(
  'a package',
  () => {
    beforeAll(() => {
      seedCache(join(work, 'full'));
      const built = build('full', '--target', own, '--component', 'full,app');
      if (built.status !== 0) throw new Error(built.stderr);
    });

    it('runs with nothing but itself: no Node, no modules, no PATH', () => {
      const archive = files('full').find((name) =>
        /^muster-agent-\d.*tar\.xz$/.test(name),
      ) as string;
      const place = join(work, 'elsewhere');
      mkdirSync(place);
      const packed = join(work, 'full', 'packages', archive);
      expect(spawnSync('tar', ['-xf', packed, '-C', place]).status).toBe(0);
      const agent = (...args: readonly string[]) =>
        spawnSync(join(place, 'muster-agent/bin/muster-agent'), args, {
          encoding: 'utf8',
          cwd: '/',
          env: { PATH: '/usr/bin:/bin', MUSTER_AGENT_DATA: join(place, 'data') },
        });
      expect(agent('--version').stdout.trim()).toBe(packageFacts(root, '.').version);
      const launcher = JSON.parse(agent('doctor', '--json').stdout).checks.find(
        ({ check }: { readonly check: string }) => check === 'launcher',
      );
      expect(launcher.is).toBe('good');
      // Keys, SQLite and MQTT are at work before it finds nobody there.
      const enrolled = agent('enrol', TOKEN, '--name', 'here', '--json');
      expect(JSON.parse(enrolled.stdout).error.code).toBe('BROKER_UNREACHABLE');
      const inside = readdirSync(join(place, 'muster-agent'), { recursive: true })
        .map(String)
        .sort();
      expect(inside.filter((name) => name.includes('node_modules'))).toEqual([]);
      expect(inside).toEqual(
        expect.arrayContaining([
          'runtime/LICENSE',
          'app/lib/shim/launcher.sh',
          'app/lib/shim/stop.sh',
          'app/THIRD-PARTY.txt',
        ]),
      );
    });

    it('is checked by its sums and by the signature over its manifest', () => {
      const manifest = read('full', 'manifest.json');
      const signature = Buffer.from(read('full', 'manifest.json.sig').toString(), 'base64');
      const key = createPublicKey(read('full', 'release.pub'));
      expect(verify(null, manifest, key, signature)).toBe(true);
      const forged = Buffer.from(manifest.toString().replace('"bytes": ', '"bytes": 1'));
      expect(verify(null, forged, key, signature)).toBe(false);
      const { files: entries } = JSON.parse(manifest.toString()) as {
        readonly files: readonly { readonly name: string; readonly sha256: string }[];
      };
      expect(entries).toHaveLength(2);
      for (const { name, sha256 } of entries) {
        expect(createHash('sha256').update(read('full', name)).digest('hex')).toBe(sha256);
      }
      const sums = spawnSync('sha256sum', ['-c', 'SHA256SUMS'], {
        cwd: join(work, 'full', 'packages'),
      });
      expect(sums.status).toBe(0);
    });

    it('lists what is inside, with licences and the sums of the lock file', () => {
      const sbom = JSON.parse(read('full', 'muster-agent.sbom.cdx.json').toString());
      const parts = new Map<string, { licenses: unknown; hashes: unknown }>(
        sbom.components.map((part: { readonly name: string }) => [part.name, part]),
      );
      for (const name of ['better-sqlite3', 'mqtt', 'zod', 'croner', 'commander', 'pino', 'jose']) {
        expect(parts.get(name), name).toMatchObject({
          licenses: [{ expression: expect.stringMatching(/MIT|Apache|BSD|ISC/) }],
          hashes: [{ alg: 'SHA-512', content: expect.stringMatching(/^[0-9a-f]{128}$/) }],
        });
      }
      // Of the console, and of the tools that build and test.
      for (const name of ['react', 'aedes', 'vitest', 'electron'])
        expect(parts.has(name)).toBe(false);
    });

    it('has the same bytes when it is built again', () => {
      const built = build('again', '--target', own, '--component', 'app');
      expect(built.status, built.stderr).toBe(0);
      const name = files('again').find((file) => file.endsWith('.tar.xz')) as string;
      expect(read('again', name).equals(read('full', name))).toBe(true);
    });

    it('carries the SQLite of the machine it is for', () => {
      const built = build('other', '--target', 'linux-arm64', '--component', 'app');
      expect(built.status, built.stderr).toBe(0);
      const name = files('other').find((file) => file.endsWith('.tar.xz')) as string;
      const place = join(work, 'arm');
      mkdirSync(place);
      spawnSync('tar', ['-xf', join(work, 'other', 'packages', name), '-C', place]);
      const addon = readFileSync(join(place, 'muster-agent/app/lib/better_sqlite3.node'));
      // ELF's e_machine: 183 is AArch64.
      expect(addon.readUInt16LE(18)).toBe(183);
    });
  },
);

describe('the packager', () => {
  it('makes a key on first use, and takes none that is missing where one was named', () => {
    const made = join(work, 'full', 'release.key');
    expect(existsSync(made)).toBe(true);
    const refused = build('none', '--component', 'app', '--key', join(work, 'no.pem'));
    expect(refused.status).not.toBe(0);
    expect(refused.stderr).toContain('there is no release key');
  });

  it('knows its targets', () => {
    const refused = build('none', '--target', 'amiga');
    expect(refused.status).toBe(2);
    expect(refused.stderr).toContain('linux-x64, linux-arm64, win-x64');
  });
});
