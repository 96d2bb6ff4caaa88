// The shell as it is shipped, built once into a directory of its own beside a page for it to show.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** The page of the suite: takes the port it is given, like the console's own transport does. */
const PAGE = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Muster</title>
<script type="module" src="page.js"></script></head><body><h1 id="title">Muster</h1></body></html>`;
const SCRIPT = `const state = { news: [], replies: [], runs: [], port: null };
window.state = state;
addEventListener('message', (event) => {
  if (event.source !== window || event.origin !== location.origin) return;
  state.news.push(event.data);
  if (event.data?.muster !== 'core-port') return;
  state.port = event.ports[0];
  state.port.onmessage = ({ data }) => state.replies.push(JSON.parse(data));
});
window.muster?.onOpenRun((run) => state.runs.push(run));
window.muster?.connect();`;

export interface Built {
  readonly app: string;
  /** A copy in which \`file\` is changed by \`edit\`; throws when that changes nothing. */
  readonly mutant: (name: string, edits: readonly Edit[]) => string;
  readonly remove: () => void;
}
export interface Edit {
  readonly file: string;
  readonly from: string | RegExp;
  readonly to: string;
}

export function buildShell(): Built {
  mkdirSync(join(root, 'dist'), { recursive: true });
  const directory = mkdtempSync(join(root, 'dist/shell-'));
  const app = join(directory, 'plain/dist/app');
  const built = spawnSync(process.execPath, [join(root, 'bin/build-desktop.js'), app], {
    encoding: 'utf8',
  });
  if (built.status !== 0) throw new Error(`the shell was not built: ${built.stderr}`);
  const renderer = join(app, '../renderer');
  mkdirSync(renderer);
  writeFileSync(join(renderer, 'index.html'), PAGE);
  writeFileSync(join(renderer, 'page.js'), SCRIPT);
  writeFileSync(join(directory, 'plain/secret.json'), '{"secret":"outside of every root"}');
  return {
    app,
    mutant: (name, edits) => {
      const copy = join(directory, name);
      cpSync(join(directory, 'plain'), copy, { recursive: true });
      for (const { file, from, to } of edits) {
        const path = join(copy, 'dist/app', file);
        const text = readFileSync(path, 'utf8');
        const changed = text.replace(from, to);
        if (changed === text) throw new Error(`${name}: nothing in ${file} looks like ${from}`);
        writeFileSync(path, changed);
      }
      return join(copy, 'dist/app');
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
