// `npm run package`: the agent for other machines, built here from the repository and the npm registry alone.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { VERSION } from '#agent/config.ts';
import { packDebian, packTar, packZip } from './archives.ts';
import { type Bundled, bundleAgent, packageFacts } from './bundle.ts';
import { checksumLines, type ManifestEntry, releaseKey, signManifest } from './manifest.ts';
import { fetchRuntime } from './runtime.ts';
import { parseLock, sbomOf } from './sbom.ts';
import { TARGETS, type Target } from './targets.ts';
import { run } from './tools.ts';
import { settle, writeTree } from './tree.ts';

const USAGE = `npm run package -- [--target linux-x64,linux-arm64,win-x64] [--out dist/packages] [--key release.pem]
               [--component full,app,runtime,deb] [--fast]

Builds tarballs, zips and .debs that need nothing else on the machine. Without --key the manifest is signed with a key
made at the first use and kept in release.key beside the out folder: keep it, or give your own (openssl genpkey
-algorithm ed25519). Needs tar, xz, zip (for Windows) and dpkg-deb (for .deb).`;

const root = fileURLToPath(new URL('../..', import.meta.url));

const COMPONENTS: readonly ManifestEntry['component'][] = ['full', 'app', 'runtime', 'deb'];

interface Plan {
  readonly components: ReadonlySet<string>;
  /** Weak compression: for trying. */
  readonly fast: boolean;
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

interface Build {
  readonly bundle: Bundled;
  readonly sbom: string;
  readonly nodeVersion: string;
  /** Time of the commit, seconds: what every file in every archive is dated. */
  readonly at: number;
  readonly out: string;
}

async function prepare(out: string): Promise<Build> {
  const bundle = await bundleAgent(root);
  const nodeVersion = packageFacts(root, 'node_modules/node').version;
  const at = Number(
    process.env.SOURCE_DATE_EPOCH ?? run('git', ['log', '-1', '--format=%ct'], { cwd: root }),
  );
  const sbom = sbomOf({
    version: VERSION,
    nodeVersion,
    parts: bundle.packages.map((folder) => ({ folder, ...packageFacts(root, folder) })),
    lock: parseLock(readFileSync(join(root, 'package-lock.json'), 'utf8')),
    builtFrom: new Date(at * 1_000).toISOString(),
  });
  return { bundle, sbom: `${JSON.stringify(sbom, null, 2)}\n`, nodeVersion, at, out };
}

function buildTarget(
  build: Build,
  target: Target,
  { components, fast }: Plan,
): readonly ManifestEntry[] {
  const { out, at, bundle, sbom, nodeVersion } = build;
  const work = join(dirname(out), 'work', target.name);
  const needsRuntime = ['full', 'runtime', 'deb'].some((component) => components.has(component));
  const cache = join(dirname(out), 'cache');
  const runtime = needsRuntime ? fetchRuntime(target, nodeVersion, cache) : undefined;
  const tree = join(work, 'muster-agent');
  writeTree(tree, { root, version: VERSION, bundle, target, runtime, sbom });
  settle(tree, at);
  const pack = target.archive === 'zip' ? packZip : packTar;
  const archive = (component: 'full' | 'app' | 'runtime'): ManifestEntry => {
    const [label, name, version] = {
      full: ['', 'muster-agent', VERSION],
      app: ['-app', 'muster-agent/app', VERSION],
      runtime: ['-runtime', 'muster-agent/runtime', nodeVersion],
    }[component] as [string, string, string];
    const to = join(out, `muster-agent${label}-${version}-${target.name}.${target.archive}`);
    pack({ from: work, name, to, at, fast });
    return entry(to, target, component);
  };
  const debian = (): readonly ManifestEntry[] => {
    if (target.debian === undefined) return [];
    const to = join(out, `muster-agent_${VERSION}_${target.debian}.deb`);
    const staging = join(work, 'deb');
    packDebian({ tree, staging, to, version: VERSION, architecture: target.debian, at, fast });
    return [entry(to, target, 'deb')];
  };
  return COMPONENTS.filter((component) => components.has(component)).flatMap((component) =>
    component === 'full' || component === 'app' || component === 'runtime'
      ? [archive(component)]
      : debian(),
  );
}

function entry(
  path: string,
  { name: target }: Target,
  component: ManifestEntry['component'],
): ManifestEntry {
  const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex');
  return { name: basename(path), target, component, bytes: statSync(path).size, sha256 };
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
  const build = await prepare(out);
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
