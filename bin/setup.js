// Fetches the pinned Node 24 (npm package `node`), the only install script this project runs. Any Node from 20 on starts it.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('..', import.meta.url);
const pinned = fileURLToPath(new URL('node_modules/node/bin/node', root));
const wanted = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')).devDependencies.node;

const installed = () =>
  spawnSync(pinned, ['--version'], { encoding: 'utf8' }).stdout?.trim() === `v${wanted}`;

if (!installed()) {
  console.error(`fetching Node ${wanted} …`);
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  spawnSync(npm, ['rebuild', 'node', '--ignore-scripts=false'], {
    cwd: fileURLToPath(root),
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (!installed()) {
    console.error(
      `Node ${wanted} could not be fetched. Is the npm registry reachable? Run \`npm ci\` and then \`npm run setup\`.`,
    );
    process.exit(1);
  }
}
