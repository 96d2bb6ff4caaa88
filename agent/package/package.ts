// `npm run package`: the agent for other machines, built here from the repository and the npm registry alone.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { VERSION } from '#agent/config.ts';
import { buildTarget, COMPONENTS, prepare, type Wanted } from './build.ts';
import { checksumLines, releaseKey, signManifest } from './manifest.ts';
import { TARGETS, type Target } from './targets.ts';

const USAGE = `npm run package -- [--target linux-x64,linux-arm64,win-x64] [--out dist/packages] [--key release.pem]
               [--component full,app,runtime,deb] [--fast]

Builds tarballs, zips and .debs that need nothing else on the machine. Without --key the manifest is signed with a key
made at the first use and kept in release.key beside the out folder: keep it, or give your own (openssl genpkey
-algorithm ed25519). Needs tar, xz, zip (for Windows) and dpkg-deb (for .deb).`;

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Plan extends Wanted {
  readonly targets: readonly Target[];
  readonly out: string;
  readonly key: string | undefined;
}

function readPlan(argv: readonly string[]): Plan | string {
  const options = {
    target: { type: 'string', default: 'linux-x64' },
    out: { type: 'string', default: 'dist/packages' },
    key: { type: 'string' },
    component: { type: 'string', default: COMPONENTS.join(',') },
    fast: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  } as const;
  try {
    const { values } = parseArgs({ args: [...argv], options });
    if (values.help) return USAGE;
    const names = values.target.split(',').map((name) => name.trim());
    const targets = names.map((name) => TARGETS.find((target) => target.name === name));
    const unknown = names.find((_, index) => targets[index] === undefined);
    if (unknown !== undefined) {
      return `no target ${unknown}; there are ${TARGETS.map(({ name }) => name).join(', ')}`;
    }
    return {
      fast: values.fast,
      components: new Set(values.component.split(',').map((name) => name.trim())),
      targets: targets.filter((target) => target !== undefined),
      out: resolve(values.out),
      key: values.key,
    };
  } catch (error) {
    return `${(error as Error).message}\n\n${USAGE}`;
  }
}

async function main(): Promise<number> {
  const plan = readPlan(process.argv.slice(2));
  if (typeof plan === 'string') {
    const wanted = plan === USAGE;
    (wanted ? console.log : console.error)(plan);
    return wanted ? 0 : 2;
  }
  const { targets, out, key: keyPath } = plan;
  const key = releaseKey(keyPath ?? join(dirname(out), 'release.key'), keyPath === undefined);
  mkdirSync(out, { recursive: true });
  const build = await prepare(root, out);
  const files = targets.flatMap((target) => {
    console.log(`${target.name} …`);
    return buildTarget(build, target, plan);
  });
  writeFileSync(join(out, 'muster-agent.sbom.cdx.json'), build.sbom);
  const signed = signManifest(VERSION, build.nodeVersion, files, key.key);
  writeFileSync(join(out, 'SHA256SUMS'), checksumLines(files));
  writeFileSync(join(out, 'manifest.json'), signed.text);
  writeFileSync(join(out, 'manifest.json.sig'), signed.signature);
  writeFileSync(join(out, 'release.pub'), signed.publicKey);
  rmSync(join(dirname(out), 'work'), { recursive: true, force: true });
  for (const { name, bytes } of files)
    console.log(`  ${(bytes / 1e6).toFixed(1).padStart(6)} MB  ${name}`);
  console.log(`In ${out}, signed with ${key.path}${key.made ? ' (made just now: keep it)' : ''}.`);
  return 0;
}

process.exitCode = await main();
