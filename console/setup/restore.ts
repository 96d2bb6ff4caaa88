// A home made from a backup: every file is proved by the manifest before anything stands where a core would find it.
import { existsSync, readdirSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { loadFleet } from '#console/core/home.ts';
import { err, ok, type Result } from '#shared/result.ts';
import { unpackArchive } from './archive.ts';
import { digestOf, MANIFEST, type Manifest, manifestSchema } from './backup.ts';
import { homeExists, inStaging, moveIntoPlace } from './staging.ts';

export interface Restored {
  readonly home: string;
  readonly fleet: string;
  readonly createdAt: string;
  readonly files: number;
}

/** Faults: HOME_EXISTS, BACKUP_NOT_FOUND, BACKUP_DAMAGED, TAR, TAR_NOT_FOUND. */
export async function restoreHome(file: string, home: string): Promise<Result<Restored>> {
  if (existsSync(home) && readdirSync(home).length > 0) return homeExists(home);
  if (!existsSync(file)) return err('BACKUP_NOT_FOUND', `there is no file ${file}`);
  return inStaging(home, async (staging) => {
    const staged = join(staging, 'home');
    await mkdir(staged, { mode: 0o700 });
    const unpacked = await unpackArchive(file, staged);
    if (!unpacked.ok) return unpacked;
    const manifest = await prove(staged);
    if (!manifest.ok) return manifest;
    await rm(join(staged, MANIFEST));
    await chmod(staged, 0o700);
    const fleet = loadFleet(staged);
    if (!fleet.ok) return fleet;
    const moved = await moveIntoPlace(staged, home);
    if (!moved.ok) return moved;
    const { createdAt, files } = manifest.value;
    return ok({ home, fleet: fleet.value.fleet, createdAt, files: files.length });
  });
}

/** The manifest, when it names exactly the files there are, with their sizes and digests. */
async function prove(staged: string): Promise<Result<Manifest>> {
  const manifest = await readManifest(join(staged, MANIFEST));
  if (!manifest) return damaged('it has no manifest this program reads');
  const named = new Map(manifest.files.map((entry) => [entry.path, entry]));
  const entries = await readdir(staged, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    const name = relative(staged, path).split(sep).join('/');
    if (entry.isDirectory() || name === MANIFEST) continue;
    const expected = named.get(name);
    if (!entry.isFile() || !expected) return damaged(`${name} is not in its manifest`);
    if ((await stat(path)).size !== expected.bytes || (await digestOf(path)) !== expected.sha256) {
      return damaged(`${name} is not what was backed up`);
    }
    named.delete(name);
  }
  const [missing] = named.keys();
  return missing === undefined ? ok(manifest) : damaged(`${missing} is missing`);
}

async function readManifest(path: string): Promise<Manifest | undefined> {
  try {
    return manifestSchema.safeParse(JSON.parse(await readFile(path, 'utf8'))).data;
  } catch {
    return undefined;
  }
}

const damaged = (what: string): Result<never> =>
  err('BACKUP_DAMAGED', `the backup is damaged: ${what}`, { hint: 'take another copy of it' });
