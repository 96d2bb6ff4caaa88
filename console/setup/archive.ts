// A directory as one .tar.gz and back, by the system's tar: it is on Linux, macOS and Windows 10 and later.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { err, ok, type Result } from '#shared/result.ts';

const run = promisify(execFile);
const MAX_LISTING_BYTES = 64 * 1024 * 1024;

/** Packs all of `directory` (names relative to it). Fault: TAR. */
export const packDirectory = (directory: string, file: string): Promise<Result<string>> =>
  tar(['-czf', file, '-C', directory, '.']);

/** Unpacks regular files and directories into `directory`; refuses an archive that holds anything else. Fault: TAR. */
export async function unpackArchive(file: string, directory: string): Promise<Result<void>> {
  const listing = await tar(['-tvzf', file]);
  if (!listing.ok) return listing;
  const strange = listing.value.split('\n').find((line) => line !== '' && !/^[-d]/.test(line));
  if (strange !== undefined) return err('TAR', `not only files and directories: ${strange}`);
  const names = await tar(['-tzf', file]);
  if (!names.ok) return names;
  const outside = names.value
    .split('\n')
    .find((name) => /^([A-Za-z]:|[\\/])/.test(name) || name.split(/[\\/]/).includes('..'));
  if (outside !== undefined) return err('TAR', `a name leads outside: ${outside}`);
  const unpacked = await tar(['-xzf', file, '-C', directory, '--no-same-owner']);
  return unpacked.ok ? ok(undefined) : unpacked;
}

async function tar(args: readonly string[]): Promise<Result<string>> {
  try {
    const { stdout } = await run('tar', args, { maxBuffer: MAX_LISTING_BYTES });
    return ok(stdout);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') {
      return err('TAR_NOT_FOUND', 'the program tar is not installed', {
        hint: 'install it (Debian: apt-get install tar), then try again',
      });
    }
    return err('TAR', message.trim().split('\n').slice(0, 3).join('; '));
  }
}
