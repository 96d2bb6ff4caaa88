// The import rules of ARCHITECTURE.md, tried by planting each violation: a rule that cannot fail protects nothing.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const dir = mkdtempSync(join(tmpdir(), 'muster-rooms-'));
afterAll(() => rmSync(dir, { recursive: true, force: true, maxRetries: 10 }));

const forbidden: readonly (readonly [room: string, imported: string])[] = [
  ['shared/time/a.ts', 'node:fs'],
  ['shared/time/a.ts', '#shared/node/sqlite.ts'],
  ['shared/trust/a.ts', 'node:crypto'],
  ['shared/run/a.ts', '#agent/ports.ts'],
  ['shared/run/a.ts', '../../agent/ports.ts'],
  ['shared/node/a.ts', '#agent/ports.ts'],
  ['shared/node/a.ts', '#console/api.ts'],
  ['agent/engine/a.ts', 'node:fs'],
  ['agent/engine/a.ts', '#agent/store/open.ts'],
  ['agent/engine/a.ts', '#shared/node/sqlite.ts'],
  ['agent/daemon/a.ts', '#agent/store/open.ts'],
  ['agent/daemon/a.ts', 'better-sqlite3'],
  ['agent/store/a.ts', '#console/api.ts'],
  ['agent/launch/a.ts', 'mqtt'],
  ['agent/main.ts', '#console/api.ts'],
  ['agent/service/a.ts', '#console/api.ts'],
  ['agent/service/a.ts', '#agent/daemon/agent.ts'],
  ['agent/package/a.ts', '#agent/daemon/agent.ts'],
  ['agent/package/a.ts', '#shared/result.ts'],
  ['agent/cli/a.ts', '#agent/package/bundle.ts'],
  ['console/core/fleet/a.ts', 'node:fs'],
  ['console/core/fleet/a.ts', '#console/core/store/open.ts'],
  ['console/core/collector/a.ts', '#console/server/http.ts'],
  ['console/core/store/a.ts', 'electron'],
  ['console/cli/a.ts', '#agent/ports.ts'],
  ['console/server/a.ts', 'electron'],
  ['console/renderer/ui/a.tsx', 'node:fs'],
  ['console/renderer/ui/a.tsx', 'electron'],
  ['console/renderer/ui/a.tsx', '#console/server/http.ts'],
  ['console/renderer/ui/a.tsx', '#console/core/store/open.ts'],
  ['console/renderer/ui/a.tsx', '#shared/node/sqlite.ts'],
  ['console/signing/a.ts', 'electron'],
  ['console/electron/main/a.ts', '#agent/ports.ts'],
  ['console/electron/main/a.ts', '#console/core/core.ts'],
  ['console/electron/main/a.ts', 'better-sqlite3'],
  ['console/electron/preload/a.ts', 'node:fs'],
  ['console/electron/preload/a.ts', '#shared/node/key-file.ts'],
  ['console/electron/core-process/a.ts', 'electron'],
  ['console/electron/a.ts', 'electron'],
];

const allowed: readonly (readonly [room: string, imported: string])[] = [
  ['shared/time/b.ts', '#shared/ids.ts'],
  ['shared/time/b.ts', './a.ts'],
  ['shared/node/b.ts', 'node:fs/promises'],
  ['agent/engine/b.ts', '#shared/time/occurrences.ts'],
  ['agent/daemon/b.ts', '#agent/engine/plan-tick.ts'],
  ['agent/main.ts', '#agent/store/open.ts'],
  ['agent/package/b.ts', '#agent/service/systemd.ts'],
  ['agent/package/b.ts', 'esbuild'],
  ['console/core/store/b.ts', '#shared/node/sqlite.ts'],
  ['console/cli/b.ts', 'commander'],
  ['console/renderer/ui/b.tsx', 'react'],
  ['console/renderer/ui/b.tsx', '#console/views.ts'],
  ['console/electron/main/b.ts', 'electron'],
  ['console/electron/preload/b.ts', 'electron'],
  ['console/electron/core-process/b.ts', '#console/server/serve.ts'],
];

/** The files of a lint run that break an import rule. */
function violations(cases: typeof forbidden): ReadonlySet<number> {
  const config = JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8'));
  config.vcs = { enabled: false };
  delete config.$schema;
  writeFileSync(join(dir, 'biome.json'), JSON.stringify(config));
  const found = new Set<number>();
  for (const [index, [room, imported]] of cases.entries()) {
    const file = join(dir, room);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `import it from '${imported}';\n\nit();\n`);
    const biome = join(root, 'node_modules/.bin/biome');
    const run = spawnSync(biome, ['lint', '--only=style/noRestrictedImports', room], {
      cwd: dir,
      encoding: 'utf8',
    });
    if (`${run.stdout}${run.stderr}`.includes('noRestrictedImports')) found.add(index);
    rmSync(file);
  }
  return found;
}

describe('import rules', () => {
  it('refuse every planted import from a wrong room', () => {
    const found = violations(forbidden);
    const missed = forbidden.filter((_, index) => !found.has(index));
    expect(missed).toEqual([]);
  });

  it('let through what a room may import', () => {
    const wrong = violations(allowed);
    expect(allowed.filter((_, index) => wrong.has(index))).toEqual([]);
  });
});
