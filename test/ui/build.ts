// The renderer as `npm run build` makes it, built at most once for all tests that need it, and anew when a source is newer.
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const LOCK = join(tmpdir(), 'muster-renderer-build.lock');
const LOCK_ENDS_MS = 60_000;

/** Waits for another test's build instead of making a second one into the same place. */
export async function builtRenderer(): Promise<void> {
  while (!takeLock()) await new Promise((resolve) => setTimeout(resolve, 100));
  try {
    if (isFresh()) return;
    await build({ configFile: join(ROOT, 'vite.config.ts'), logLevel: 'warn' });
  } finally {
    rmSync(LOCK, { recursive: true, force: true });
  }
}

function takeLock(): boolean {
  try {
    mkdirSync(LOCK);
    return true;
  } catch {
    const age = Date.now() - (statSync(LOCK, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    // Whoever made it was killed.
    if (age > LOCK_ENDS_MS) rmSync(LOCK, { recursive: true, force: true });
    return false;
  }
}

function isFresh(): boolean {
  const built = statSync(join(ROOT, 'dist/renderer/index.html'), { throwIfNoEntry: false });
  if (!built) return false;
  const sources = ['console/renderer', 'shared', 'console/views'].flatMap((dir) =>
    readdirSync(join(ROOT, dir), { recursive: true, withFileTypes: true }).filter((it) =>
      it.isFile(),
    ),
  );
  return sources.every((it) => statSync(join(it.parentPath, it.name)).mtimeMs < built.mtimeMs);
}
