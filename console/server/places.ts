// Where a running core is found: its socket (named pipe on Windows), lock and token, all in the home.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { err, ok, type Result } from '#shared/result.ts';

/** sun_path is 108 bytes on Linux, 104 on macOS, with its NUL. */
const MAX_SOCKET_PATH_BYTES = 103;

/** Fault: SOCKET_PATH, when the home's path is too long for a socket. */
export function socketPath(home: string): Result<string> {
  if (process.platform === 'win32') {
    const name = createHash('sha256').update(home.toLowerCase()).digest('hex').slice(0, 32);
    return ok(`\\\\.\\pipe\\muster-${name}`);
  }
  const path = join(home, 'core.sock');
  if (Buffer.byteLength(path) <= MAX_SOCKET_PATH_BYTES) return ok(path);
  return err('SOCKET_PATH', `${path} is too long for a socket`, {
    hint: 'use a home with a shorter path',
  });
}

export const lockFile = (home: string): string => join(home, 'core.lock');
export const pidFile = (home: string): string => join(home, 'core.pid');
export const tokenFile = (home: string): string => join(home, 'http-token');
