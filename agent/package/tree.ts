// The folders of a package on disk: app (ours, the same everywhere but for SQLite), runtime (Node), and what joins them.
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Bundled, NATIVE, packageFacts } from './bundle.ts';
import type { Runtime } from './runtime.ts';
import type { Target } from './targets.ts';

export interface TreeFacts {
  /** The repository. */
  readonly root: string;
  readonly version: string;
  readonly bundle: Bundled;
  readonly target: Target;
  /** Undefined: the app alone is wanted. */
  readonly runtime: Runtime | undefined;
  /** Text of the bill of materials. */
  readonly sbom: string;
}

const SHIM = 'agent/launch/shim';

/** Writes `<into>/{app,runtime,bin,…}`: complete, with nothing else needed on the machine. */
export function writeTree(into: string, facts: TreeFacts): void {
  rmSync(into, { recursive: true, force: true });
  writeApp(join(into, 'app'), facts);
  if (facts.runtime) writeRuntime(join(into, 'runtime'), facts.runtime, facts.target);
  mkdirSync(join(into, 'bin'));
  const isWindows = facts.target.name.startsWith('win-');
  const [name, text] = isWindows ? ['muster-agent.cmd', CMD] : ['muster-agent', SH];
  writeFileSync(join(into, 'bin', name), text);
  chmodSync(join(into, 'bin', name), 0o755);
  copyFileSync(join(facts.root, 'LICENSE'), join(into, 'LICENSE'));
}

function writeApp(into: string, { root, version, bundle, target, sbom }: TreeFacts): void {
  const lib = join(into, 'lib');
  mkdirSync(join(lib, 'shim'), { recursive: true });
  writeFileSync(join(lib, 'agent.js'), bundle.code);
  // agent/config.ts looks one folder up from itself for its version.
  const facts = { name: 'muster-agent', version, type: 'module', private: true };
  writeFileSync(join(into, 'package.json'), `${JSON.stringify(facts, null, 2)}\n`);
  const prebuild = join(root, 'node_modules/better-sqlite3/prebuilds', `${target.prebuild}.node`);
  copyFileSync(prebuild, join(lib, NATIVE));
  for (const name of readdirSync(join(root, SHIM))) {
    copyFileSync(join(root, SHIM, name), join(lib, 'shim', name));
  }
  writeFileSync(join(into, 'THIRD-PARTY.txt'), licencesOf(root, bundle.packages));
  writeFileSync(join(into, 'sbom.cdx.json'), sbom);
}

function writeRuntime(into: string, runtime: Runtime, target: Target): void {
  mkdirSync(into, { recursive: true });
  const program = join(into, target.nodePath.endsWith('.exe') ? 'node.exe' : 'node');
  copyFileSync(runtime.program, program);
  chmodSync(program, 0o755);
  if (runtime.license !== undefined) copyFileSync(runtime.license, join(into, 'LICENSE'));
}

/** Licences ask to travel with the code. */
function licencesOf(root: string, folders: readonly string[]): string {
  return folders
    .map((folder) => {
      const { name, version, license } = packageFacts(root, folder);
      const file = readdirSync(join(root, folder)).find((entry) => /^licen[cs]e/i.test(entry));
      const text = file === undefined ? '' : readFileSync(join(root, folder, file), 'utf8').trim();
      return `${name} ${version} (${license})\n\n${text}\n`;
    })
    .join(`\n${'-'.repeat(78)}\n\n`);
}

// readlink -f: /usr/bin/muster-agent is a link.
const SH = `#!/bin/sh
self=$(readlink -f "$0")
root=\${self%/bin/muster-agent}
exec "$root/runtime/node" "$root/app/lib/agent.js" "$@"
`;

const CMD = '@"%~dp0..\\runtime\\node.exe" "%~dp0..\\app\\lib\\agent.js" %*\r\n';

/** The same bytes for the same commit: modes without the builder's umask, one time for all, folders last. */
export function settle(path: string, at: number): void {
  const stats = statSync(path);
  if (stats.isDirectory()) {
    for (const name of readdirSync(path)) settle(join(path, name), at);
  }
  chmodSync(path, stats.isDirectory() || (stats.mode & 0o100) !== 0 ? 0o755 : 0o644);
  utimesSync(path, at, at);
}
