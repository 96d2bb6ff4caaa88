// Report batches are the only compressed messages. Inflation stops at a limit, whatever the sender claims (P6).
import { gunzipSync, gzipSync } from 'node:zlib';
import { err, ok, type Result } from '#shared/result.ts';

/** Largest report batch before compression and after decompression, in bytes. */
export const MAX_REPORT_BYTES = 256 * 1_024;

/** Compresses one report batch. DECOMPRESS_LIMIT when no receiver would take it; the caller then splits the batch. */
export function packReport(bytes: Uint8Array): Result<Uint8Array> {
  if (bytes.byteLength > MAX_REPORT_BYTES) return tooLarge('report batch to send');
  return ok(gzipSync(bytes));
}

/** Opens one report batch: DECOMPRESS_LIMIT beyond 256 KiB of output, ENVELOPE when it is not whole gzip. */
export function unpackReport(bytes: Uint8Array): Result<Uint8Array> {
  try {
    return ok(gunzipSync(bytes, { maxOutputLength: MAX_REPORT_BYTES }));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      return tooLarge('received report batch');
    }
    return err('ENVELOPE', `report batch is not gzip: ${(error as Error).message}`);
  }
}

const tooLarge = (what: string): Result<never> =>
  err('DECOMPRESS_LIMIT', `${what} is larger than ${MAX_REPORT_BYTES} bytes decompressed`);
