// Puts back the lock entries of optional packages for other platforms. npm drops them when the registry in use does not
// carry them, and `npm ci` of npm 11 then refuses the lock file everywhere. Run it after a change of dependencies.
import { readFileSync, writeFileSync } from 'node:fs';

const file = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(file, 'utf8'));
const OS = [
  'android',
  'darwin',
  'freebsd',
  'linux',
  'openharmony',
  'win32',
  'sunos',
  'openbsd',
  'netbsd',
  'aix',
];
const CPU = [
  'arm64',
  'arm',
  'x64',
  'ia32',
  'ppc64',
  'riscv64',
  's390x',
  'loong64',
  'mips64el',
  'wasm32',
];

let added = 0;
/** Where node would find `name` from `place`, nearest first. */
function* lookups(place, name) {
  for (let at = place; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/'))))
    yield `${at}/node_modules/${name}`;
  yield `node_modules/${name}`;
}

for (const [place, parent] of Object.entries(lock.packages)) {
  for (const [name, range] of Object.entries(parent.optionalDependencies ?? {})) {
    if (!/^\d+\.\d+\.\d+$/.test(range)) continue;
    const found = [...lookups(place, name)].find((it) => lock.packages[it]);
    if (found && lock.packages[found].version === range) continue;
    const key = found ? `${place}/node_modules/${name}` : `node_modules/${name}`;
    const words = name.split(/[-/]/);
    const os = OS.filter((word) => words.includes(word));
    const cpu = CPU.filter(
      (word) =>
        words.includes(word) ||
        words.some((it) => it.startsWith(word) && word === 'arm' && it !== 'arm64'),
    );
    const libc = words.some((word) => word.startsWith('musl'))
      ? ['musl']
      : words.some((word) => word.startsWith('gnu'))
        ? ['glibc']
        : undefined;
    if (os.length === 0 && cpu.length === 0) continue;
    lock.packages[key] = {
      version: range,
      ...(cpu.length > 0 ? { cpu } : {}),
      ...(parent.dev ? { dev: true } : {}),
      license: 'MIT',
      optional: true,
      ...(os.length > 0 ? { os } : {}),
      ...(libc && os.includes('linux') ? { libc } : {}),
    };
    added += 1;
  }
}
lock.packages = Object.fromEntries(
  Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)),
);
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${added} entries added`);
