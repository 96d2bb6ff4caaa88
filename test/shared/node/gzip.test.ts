import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { MAX_REPORT_BYTES, packReport, unpackReport } from '#shared/node/gzip.ts';

test('a batch of the largest size comes back as it was (P6)', () => {
  const batch = Buffer.alloc(MAX_REPORT_BYTES, 'run finished, ');
  const packed = packReport(batch);
  if (!packed.ok) throw new Error(packed.fault.message);
  expect(packed.value.byteLength).toBeLessThan(batch.byteLength / 5);
  expect(unpackReport(packed.value)).toEqual({ ok: true, value: batch });
});

test('a decompression bomb is refused at the limit (P6)', () => {
  const bomb = gzipSync(Buffer.alloc(50 * 1_024 * 1_024));
  expect(bomb.byteLength).toBeLessThan(60_000);
  expect(unpackReport(bomb)).toMatchObject({ ok: false, fault: { code: 'DECOMPRESS_LIMIT' } });
  // Several members in one stream count together.
  const member = gzipSync(Buffer.alloc(MAX_REPORT_BYTES / 2 + 1));
  expect(unpackReport(Buffer.concat([member, member]))).toMatchObject({
    ok: false,
    fault: { code: 'DECOMPRESS_LIMIT' },
  });
});

test('a batch no receiver would take is not packed (P6)', () => {
  expect(packReport(new Uint8Array(MAX_REPORT_BYTES + 1))).toMatchObject({
    ok: false,
    fault: { code: 'DECOMPRESS_LIMIT' },
  });
});

test('what is not whole gzip is refused as no envelope', () => {
  const whole = gzipSync('some events');
  for (const bytes of [Buffer.from('{}'), Buffer.alloc(0), whole.subarray(0, whole.length - 4)]) {
    expect(unpackReport(bytes)).toMatchObject({ ok: false, fault: { code: 'ENVELOPE' } });
  }
});
