// `npm start`: the console in Electron; where its binary cannot be had, says so and serves the same console to a browser.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const node = join(root, 'node_modules/node/bin/node');
const FETCH_MS = 300_000;

/** Path of Electron's binary, fetched when it is missing; else why there is none. */
function electronBinary() {
  const override = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  const directory = join(root, 'node_modules/electron');
  const names = { darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' };
  const name = names[process.platform] ?? 'electron';
  const own = join(override ?? join(directory, 'dist'), name);
  if (existsSync(own)) return { path: own };
  if (override) return { why: `ELECTRON_OVERRIDE_DIST_PATH has no ${name}` };
  console.error('Fetching Electron, once …');
  const got = spawnSync(node, [join(directory, 'install.js')], {
    encoding: 'utf8',
    timeout: FETCH_MS,
  });
  if (existsSync(own)) return { path: own };
  const said = `${got.stderr ?? ''}${got.error?.message ?? ''}`;
  return {
    why:
      said
        .split('\n')
        .find((line) => /error/i.test(line))
        ?.trim() ?? 'it could not be fetched',
  };
}

function run(command, args) {
  const child = spawn(command, args, { stdio: 'inherit', cwd: root });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
}

/** On Linux without a display Electron would start and end with a riddle. */
const noDisplay =
  process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY;
const version = JSON.parse(
  readFileSync(join(root, 'node_modules/electron/package.json'), 'utf8'),
).version;
const electron = noDisplay ? { why: 'there is no display here' } : electronBinary();

/** Runs one of package.json's build scripts. */
function build(script) {
  const done = spawnSync(process.platform === 'win32' ? 'npm.cmd' : 'npm', ['run', '-s', script], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (done.status !== 0) process.exit(done.status ?? 1);
}

if (!existsSync(join(root, 'dist/renderer/index.html'))) build('build');
// Half a second, so always: a stale shell beside a new core is worth nobody's time.
if (electron.path) build('build:desktop');

if (electron.path) run(electron.path, [root, ...process.argv.slice(2)]);
else {
  console.error(`Electron ${version} does not start: ${electron.why}.`);
  console.error('The same console opens in a browser, at the address below.\n');
  run(node, [join(root, 'bin/muster.js'), 'serve', ...process.argv.slice(2)]);
}
