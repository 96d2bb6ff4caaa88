// The agent as one JavaScript file: every import resolved, the native SQLite apart, and a list of what went in.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { z } from 'zod';

export interface Bundled {
  readonly code: Uint8Array;
  /** Folders of the npm packages inside, relative to the repository, sorted. */
  readonly packages: readonly string[];
}

export const NATIVE = 'better_sqlite3.node';

// What CommonJS packages inside an ES module ask for. Node keeps quiet about packages' deprecated calls only inside
// node_modules; in a bundle they would stand in every log.
const BANNER = `process.noDeprecation=true;import{createRequire as musterRequire}from'node:module';const require=musterRequire(import.meta.url);`;

/** Bundles agent/main.ts of the repository at `root`. The native addon is loaded from beside the file. */
export async function bundleAgent(root: string): Promise<Bundled> {
  const result = await build({
    absWorkingDir: root,
    entryPoints: ['agent/main.ts'],
    bundle: true,
    write: false,
    metafile: true,
    minifySyntax: true,
    minifyWhitespace: true,
    keepNames: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    outfile: 'agent.js',
    legalComments: 'none',
    banner: { js: BANNER },
    plugins: [besideTheBundle, englishOnly],
    logLevel: 'warning',
  });
  const [output] = result.outputFiles;
  if (!output) throw new Error('esbuild wrote nothing');
  const packages = Object.entries(result.metafile.outputs)
    .flatMap(([, { inputs }]) => Object.entries(inputs))
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(
      ([path]) =>
        /^(?:.*:)?(node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1],
    )
    .filter((path) => path !== undefined);
  return { code: output.contents, packages: [...new Set(packages)].sort() };
}

/** better-sqlite3 looks for its addon around its own folder, which a bundle does not have. */
const besideTheBundle: Plugin = {
  name: 'native-addon-beside-the-bundle',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^\.\/binding$/ }, ({ importer }) =>
      importer.includes('better-sqlite3') ? { path: 'binding', namespace: 'native' } : undefined,
    );
    onResolve({ filter: new RegExp(`${NATIVE}$`) }, ({ path }) => ({ path, external: true }));
    onLoad({ filter: /.*/, namespace: 'native' }, () => ({
      contents: `let addon; exports.getBinding = () => (addon ??= require('./${NATIVE}'));`,
      loader: 'js',
    }));
  },
};

/** zod's namespace carries its messages in fifty languages; the agent speaks one. */
const englishOnly: Plugin = {
  name: 'zod-in-english',
  setup: ({ onLoad }) => {
    onLoad({ filter: /zod\/v4\/locales\/index\.js$/ }, () => ({
      contents: `export { default as en } from './en.js';`,
      loader: 'js',
    }));
  },
};

const packageSchema = z.object({
  name: z.string(),
  version: z.string(),
  license: z.string().default('UNKNOWN'),
});
export type PackageFacts = z.infer<typeof packageSchema>;

export const packageFacts = (root: string, folder: string): PackageFacts =>
  packageSchema.parse(JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')));
