// A console's home as one file, keys included: databases by SQLite's own backup, so that a running core may go on writing.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, copyFile, mkdir, open, readdir, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { loadFleet } from '#console/core/home.ts';
import type { Clock } from '#shared/clock.ts';
import { digestSchema, formatInstant, idSchema, instantSchema } from '#shared/ids.ts';
import { backupDatabase } from '#shared/node/sqlite-backup.ts';
import { err, ok, type Result } from '#shared/result.ts';
import { packDirectory } from './archive.ts';
import { inStaging } from './staging.ts';

export const MANIFEST = 'manifest.json';

export const manifestSchema = z.strictObject({
  format: z.literal('muster-backup.v1'),
  fleet: idSchema,
  createdAt: instantSchema,
  /** Paths with `/`, relative to the home. */
  files: z.array(
    z.strictObject({ path: z.string().max(1_000), bytes: z.int().min(0), sha256: digestSchema }),
  ),
});
export type Manifest = z.infer<typeof manifestSchema>;
type FileEntry = Manifest['files'][number];

export interface BackedUp {
  readonly file: string;
  readonly fleet: string;
  readonly files: number;
  readonly bytes: number;
}

/** Writes `file` whole or not at all, 0600. Faults: HOME_MISSING, HOME_INVALID, FILE_EXISTS, DATABASE_COPY, TAR, TAR_NOT_FOUND. */
export async function backupHome(
  home: string,
  file: string,
  clock: Clock,
): Promise<Result<BackedUp>> {
  const fleet = loadFleet(home);
  if (!fleet.ok) return fleet;
  if (await stat(file).catch(() => undefined)) {
    return err('FILE_EXISTS', `${file} exists and is not replaced`, { hint: 'name a new file' });
  }
  return inStaging(file, async (staging) => {
    const staged = join(staging, 'home');
    await mkdir(staged, { mode: 0o700 });
    const files: FileEntry[] = [];
    for (const path of await filesOf(home)) {
      const copied = await copyInto(staged, home, path);
      if (!copied.ok) return copied;
      files.push(copied.value);
    }
    const manifest: Manifest = {
      format: 'muster-backup.v1',
      fleet: fleet.value.fleet,
      createdAt: formatInstant(clock.now().wallAt),
      files,
    };
    await writeFile(join(staged, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
    const packed = join(staging, 'home.tar.gz');
    await writeFile(packed, '', { mode: 0o600 });
    const archived = await packDirectory(staged, packed);
    if (!archived.ok) return archived;
    await makeDurable(packed);
    const { size } = await stat(packed);
    await rename(packed, file);
    return ok({ file, fleet: fleet.value.fleet, files: files.length, bytes: size });
  });
}

/**
 * What belongs to one running process: sockets, locks, SQLite's side files (their content is in the database copy);
 * and what the embedded broker retains, which is locked by it and which the console publishes again.
 */
const LEFT_OUT =
  /(^|\/)(core\.(sock|lock|pid)|[^/]*-(wal|shm|journal)|.*\.log|broker\/retained\.db)$/;

/** Regular files below a home, relative with `/`, sorted. */
async function filesOf(home: string): Promise<readonly string[]> {
  const entries = await readdir(home, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(home, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => !LEFT_OUT.test(path))
    .sort();
}

async function copyInto(staged: string, home: string, path: string): Promise<Result<FileEntry>> {
  const [from, to] = [resolve(home, path), resolve(staged, path)];
  await mkdir(dirname(to), { recursive: true, mode: 0o700 });
  if (path.endsWith('.db')) {
    const copied = await backupDatabase(from, to);
    if (!copied.ok) return copied;
  } else await copyFile(from, to);
  await chmod(to, 0o600);
  return ok({ path, bytes: (await stat(to)).size, sha256: await digestOf(to) });
}

/** SHA-256 of a file of any size, hex. */
export async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

async function makeDurable(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
