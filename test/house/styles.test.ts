// Style sheets of all screens end up in one page: a class two of them define is drawn by whichever was opened last.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const sheets = execFileSync('git', ['ls-files', 'console/renderer/**/*.css'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '');

/** Classes that have a rule of their own: `.name {` or `.a, .name {`, outside media queries or in them. */
function definedIn(file: string): ReadonlySet<string> {
  const text = readFileSync(join(root, file), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
  const selectors = [...text.matchAll(/([^{}]+)\{/g)].flatMap((match) =>
    (match[1] ?? '').split(','),
  );
  return new Set(selectors.flatMap((selector) => /^\s*\.([\w-]+)\s*$/.exec(selector)?.[1] ?? []));
}

it('a class is defined by one style sheet alone', () => {
  const sheetsByClass = new Map<string, string[]>();
  for (const sheet of sheets) {
    for (const name of definedIn(sheet)) {
      sheetsByClass.set(name, [...(sheetsByClass.get(name) ?? []), sheet]);
    }
  }
  expect(sheetsByClass.size).toBeGreaterThan(100);
  expect([...sheetsByClass].filter(([, files]) => files.length > 1)).toEqual([]);
});
