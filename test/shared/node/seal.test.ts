import { describe, expect, it } from 'vitest';
import { generateSealKey, openSealed, sealKeyOf, sealTo } from '#shared/node/seal.ts';
import type { Result } from '#shared/result.ts';

const codeOf = (result: Result<unknown>) => (result.ok ? 'ok' : result.fault.code);
const key = sealKeyOf(generateSealKey().seed);
const other = sealKeyOf(generateSealKey().seed);
const CONTEXT = 'shops|till-1|kid|db-password|3';
const bytes = Buffer.from('hunter2 – é');

describe('sealed bytes', () => {
  it('open with the key and the context they were sealed for (TR72)', async () => {
    const jwe = await sealTo(key.publicRaw, CONTEXT, bytes);
    const opened = await openSealed(key.privateKey, CONTEXT, jwe);
    expect(opened.ok && Buffer.from(opened.value).equals(bytes)).toBe(true);
    expect(jwe).not.toContain(bytes.toString('base64url'));
    expect(await sealTo(key.publicRaw, CONTEXT, bytes)).not.toBe(jwe);
  });

  it('C12 stay shut for another machine and for another use', async () => {
    const jwe = await sealTo(key.publicRaw, CONTEXT, bytes);
    expect(codeOf(await openSealed(other.privateKey, CONTEXT, jwe))).toBe('SECRET_OPEN');
    const moved = CONTEXT.replace('till-1', 'till-2');
    expect(codeOf(await openSealed(key.privateKey, moved, jwe))).toBe('SECRET_OPEN');
  });

  it('C12 stay shut when header, key, nonce, text or tag is changed', async () => {
    const parts = (await sealTo(key.publicRaw, CONTEXT, bytes)).split('.');
    for (const [index, part] of parts.entries()) {
      const changed = parts.with(
        index,
        part.startsWith('A') ? `B${part.slice(1)}` : `A${part.slice(1)}`,
      );
      expect(codeOf(await openSealed(key.privateKey, CONTEXT, changed.join('.')))).toBe(
        'SECRET_OPEN',
      );
    }
    const header = JSON.parse(Buffer.from(parts[0] as string, 'base64url').toString());
    const direct = Buffer.from(JSON.stringify({ ...header, alg: 'dir' })).toString('base64url');
    expect(codeOf(await openSealed(key.privateKey, CONTEXT, parts.with(0, direct).join('.')))).toBe(
      'SECRET_OPEN',
    );
    for (const text of ['', 'a.b.c.d.e', 'x'.repeat(200_000)]) {
      expect(codeOf(await openSealed(key.privateKey, CONTEXT, text))).toBe('SECRET_OPEN');
    }
  });
});
