// One target's packages: its tree on disk, then each component of it as a file.
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, readFileSync, renameSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { VERSION } from '#agent/config.ts';
import { packDebian, packTar, packZip } from './archives.ts';
import { type Bundled, bundleAgent, packageFacts } from './bundle.ts';
import type { ManifestEntry } from './manifest.ts';
import { fetchRuntime, type Runtime } from './runtime.ts';
import { parseLock, sbomOf } from './sbom.ts';
import { TARGETS, type Target } from './targets.ts';
import { run } from './tools.ts';
import { settle, writeTree } from './tree.ts';

export const COMPONENTS: readonly ManifestEntry['component'][] = ['full', 'app', 'runtime', 'deb'];
/** What npm dates every file: the runtime's archive depends on Node's version alone. */
const NPM_SECONDS = 499_162_500;

export interface Build {
  readonly bundle: Bundled;
  readonly sbom: string;
  readonly nodeVersion: string;
  /** Time of the commit, seconds: what every file in every archive is dated. */
  readonly at: number;
  readonly root: string;
  readonly out: string;
}

/** Bundles once for all targets. `root` is the repository. */
export async function prepare(root: string, out: string): Promise<Build> {
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
  return { bundle, sbom: `${JSON.stringify(sbom, null, 2)}\n`, nodeVersion, at, root, out };
}

export interface Wanted {
  readonly components: ReadonlySet<string>;
  /** Weak compression: for trying. */
  readonly fast: boolean;
}

/** Node's licence has to travel with it, and is the same everywhere; the Windows package brings none. */
function licensedRuntime(target: Target, version: string, cache: string): Runtime {
  const runtime = fetchRuntime(target, version, cache);
  if (runtime.license !== undefined) return runtime;
  const other = TARGETS.find(({ name }) => name === 'linux-x64');
  return other ? { ...runtime, license: fetchRuntime(other, version, cache).license } : runtime;
}

export function buildTarget(
  build: Build,
  target: Target,
  { components, fast }: Wanted,
): readonly ManifestEntry[] {
  const { root, out, at, bundle, sbom, nodeVersion } = build;
  const work = join(dirname(out), 'work', target.name);
  const needsRuntime = ['full', 'runtime', 'deb'].some((component) => components.has(component));
  const cache = join(dirname(out), 'cache');
  const runtime = needsRuntime ? licensedRuntime(target, nodeVersion, cache) : undefined;
  const tree = join(work, 'muster-agent');
  writeTree(tree, { root, version: VERSION, bundle, target, runtime, sbom });
  settle(tree, at);
  if (runtime) settle(join(tree, 'runtime'), NPM_SECONDS);
  const pack = target.archive === 'zip' ? packZip : packTar;
  const archive = (component: 'full' | 'app' | 'runtime'): ManifestEntry => {
    const [label, name, version] = {
      full: ['', 'muster-agent', VERSION],
      app: ['-app', 'muster-agent/app', VERSION],
      runtime: ['-runtime', 'muster-agent/runtime', nodeVersion],
    }[component] as [string, string, string];
    const to = join(out, `muster-agent${label}-${version}-${target.name}.${target.archive}`);
    if (component === 'runtime' && !fast) {
      // Compressing Node takes most of the time, and its archive is the same until the next Node.
      const kept = join(cache, basename(to));
      if (!existsSync(kept)) {
        const fresh = join(cache, `new-${basename(to)}`);
        pack({ from: work, name, to: fresh, at: NPM_SECONDS, fast });
        renameSync(fresh, kept);
      }
      copyFileSync(kept, to);
    } else pack({ from: work, name, to, at, fast });
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
