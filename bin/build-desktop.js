// Builds what Electron runs into dist/app (or the directory given): main process, preloads, processes, pages. `npm run build:desktop`.
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = join(root, 'console/electron');
const out = resolve(process.argv[2] ?? join(root, 'dist/app'));
const node = ['electron', /^node:/, 'better-sqlite3'];

// A sandboxed preload must be one CommonJS file; the rest are modules. Each stands alone: no chunks, nothing shared at run time.
const bundles = [
  ['main/main.ts', 'main.mjs', 'node', 'esm'],
  ['core-process/core-process.ts', 'core-process.mjs', 'node', 'esm'],
  ['core-process/broker-process.ts', 'broker-process.mjs', 'node', 'esm'],
  ['preload/console-preload.ts', 'console-preload.cjs', 'browser', 'cjs'],
  ['preload/confirm-preload.ts', 'confirm-preload.cjs', 'browser', 'cjs'],
  ['pages/confirm.ts', 'pages/confirm.js', 'browser', 'esm'],
];

await rm(out, { recursive: true, force: true });
await mkdir(join(out, 'pages'), { recursive: true });
for (const [input, file, platform, format] of bundles) {
  const build = await rolldown({ input: join(source, input), external: node, platform });
  await build.write({ file: join(out, file), format, codeSplitting: false });
  await build.close();
}
for (const page of ['confirm.html', 'confirm.css', 'icon.png'])
  await cp(join(source, 'pages', page), join(out, 'pages', page));
// The core's process reads its version two directories above itself, in the source as in the bundle.
const about = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
if (out === join(root, 'dist/app'))
  process.stdout.write(`Built ${out}, version ${about.version}.\n`);
else
  await writeFile(
    join(out, '../../package.json'),
    JSON.stringify({ version: about.version, type: 'module' }),
  );
