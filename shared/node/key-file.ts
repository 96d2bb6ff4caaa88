// Private keys at rest: people's under a passphrase, programs' in plain 0600 files. SPEC.md TR70 and TR71.
// Not Node's encrypted PKCS#8: its 2,048 rounds of PBKDF2 are no obstacle.
import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { z } from 'zod';
import { keyIdSchema } from '#shared/ids.ts';
import { err, ok, type Result } from '#shared/result.ts';
import { decodeBase64, encodeBase64 } from '#shared/trust/base64.ts';
import { equalBytes, type Signer } from '#shared/trust/crypto.ts';
import { parseStrictJson } from '#shared/trust/strict-json.ts';
import { writeNewFile } from './atomic-file.ts';
import { generateKey, keyId, signerOf } from './ed25519.ts';
import { generateSealKey, type SealKey, sealKeyOf } from './seal.ts';

const MAX_FILE_BYTES = 8_192;
const COST = { N: 131_072, r: 8, p: 1 } as const;
/** scrypt takes 128·N·r bytes: a hostile file must not ask for more than 256 MiB. */
const MAX_N = 262_144;

const bytesOf = (length: number) =>
  z.string().transform((text, context) => {
    const bytes = decodeBase64(text);
    if (bytes?.length === length) return bytes;
    context.addIssue({ code: 'custom', message: `${length} bytes of base64 are expected` });
    return z.NEVER;
  });

const headerSchema = z.strictObject({
  format: z.literal('muster-key.v1'),
  name: z.string().max(200),
  keyId: keyIdSchema,
  public: bytesOf(32),
  kdf: z.strictObject({
    name: z.literal('scrypt'),
    N: z
      .int()
      .min(16_384)
      .max(MAX_N)
      .refine((n) => Number.isInteger(Math.log2(n))),
    r: z.literal(8),
    p: z.int().min(1).max(4),
    salt: bytesOf(32),
  }),
  cipher: z.strictObject({ name: z.literal('aes-256-gcm'), nonce: bytesOf(12) }),
});

const machineKeySchema = z.strictObject({
  format: z.literal('muster-machine-key.v1'),
  type: z.enum(['ed25519', 'x25519']),
  public: bytesOf(32),
  seed: bytesOf(32),
});

type Cost = Pick<z.infer<typeof headerSchema>['kdf'], 'N' | 'r' | 'p'>;

const stretch = (passphrase: string, salt: Uint8Array, { N, r, p }: Cost): Buffer =>
  scryptSync(passphrase.normalize('NFKC'), salt, 32, { N, r, p, maxmem: 2 * 128 * MAX_N * r });

/**
 * Makes a new key under a passphrase: one line of header, which is authenticated too, one line of sealed seed.
 * `name` is for people. Fault: FILE_EXISTS.
 */
export function createKeyFile(path: string, name: string, passphrase: string): Result<Signer> {
  const { publicRaw, seed } = generateKey();
  const salt = randomBytes(32);
  const nonce = randomBytes(12);
  const header = Buffer.from(
    JSON.stringify({
      format: 'muster-key.v1',
      name,
      keyId: keyId(publicRaw),
      public: encodeBase64(publicRaw),
      kdf: { name: 'scrypt', ...COST, salt: encodeBase64(salt) },
      cipher: { name: 'aes-256-gcm', nonce: encodeBase64(nonce) },
    }),
  );
  const cipher = createCipheriv('aes-256-gcm', stretch(passphrase, salt, COST), nonce);
  cipher.setAAD(header);
  const box = Buffer.concat([cipher.update(seed), cipher.final(), cipher.getAuthTag()]);
  const written = writeNewFile(path, Buffer.from(`${header}\n${encodeBase64(box)}\n`));
  return written.ok ? ok(signerOf(seed)) : written;
}

/** Faults: KEY_FILE_MISSING, KEY_FILE_MODE, KEY_FILE_FORMAT, KEY_PASSPHRASE. Takes a third of a second and 128 MiB. */
export function openKeyFile(path: string, passphrase: string): Result<Signer> {
  const file = readPrivate(path);
  if (!file.ok) return file;
  const [headerLine, boxLine, end, ...more] = file.value.toString('utf8').split('\n');
  const header = parse(headerSchema, Buffer.from(headerLine ?? ''));
  const box = decodeBase64(boxLine ?? '');
  if (!header || box?.length !== 48 || end !== '' || more.length > 0) return badFormat(path);
  const key = stretch(passphrase, header.kdf.salt, header.kdf);
  const decipher = createDecipheriv('aes-256-gcm', key, header.cipher.nonce);
  decipher.setAAD(Buffer.from(headerLine ?? ''));
  decipher.setAuthTag(box.subarray(32));
  try {
    return ok(signerOf(Buffer.concat([decipher.update(box.subarray(0, 32)), decipher.final()])));
  } catch {
    return err('KEY_PASSPHRASE', 'the passphrase does not open this key, or the file was changed', {
      at: path,
    });
  }
}

/** A signing key for a program (device, relay, enroller): plain, 0600. Fault: FILE_EXISTS. */
export function createMachineKey(path: string): Result<Signer> {
  const { publicRaw, seed } = generateKey();
  const written = writeMachineKey(path, 'ed25519', publicRaw, seed);
  return written.ok ? ok(signerOf(seed)) : written;
}

/** Faults: KEY_FILE_MISSING, KEY_FILE_MODE, KEY_FILE_FORMAT. */
export function openMachineKey(path: string): Result<Signer> {
  const file = readMachineKey(path, 'ed25519');
  if (!file.ok) return file;
  const signer = signerOf(file.value.seed);
  return equalBytes(signer.publicRaw, file.value.public) ? ok(signer) : badFormat(path);
}

/** The key others seal secrets to: X25519, plain, 0600. Fault: FILE_EXISTS. */
export function createSealKey(path: string): Result<SealKey> {
  const { publicRaw, seed } = generateSealKey();
  const written = writeMachineKey(path, 'x25519', publicRaw, seed);
  return written.ok ? ok(sealKeyOf(seed)) : written;
}

/** Faults: KEY_FILE_MISSING, KEY_FILE_MODE, KEY_FILE_FORMAT. */
export function openSealKey(path: string): Result<SealKey> {
  const file = readMachineKey(path, 'x25519');
  if (!file.ok) return file;
  const key = sealKeyOf(file.value.seed);
  return equalBytes(key.publicRaw, file.value.public) ? ok(key) : badFormat(path);
}

function writeMachineKey(
  path: string,
  type: 'ed25519' | 'x25519',
  publicRaw: Uint8Array,
  seed: Uint8Array,
): Result<void> {
  const content = {
    format: 'muster-machine-key.v1',
    type,
    public: encodeBase64(publicRaw),
    seed: encodeBase64(seed),
  };
  return writeNewFile(path, Buffer.from(`${JSON.stringify(content)}\n`));
}

function readMachineKey(
  path: string,
  type: 'ed25519' | 'x25519',
): Result<z.infer<typeof machineKeySchema>> {
  const file = readPrivate(path);
  if (!file.ok) return file;
  const content = parse(machineKeySchema, file.value);
  return content?.type === type ? ok(content) : badFormat(path);
}

function parse<S extends z.ZodType>(schema: S, bytes: Uint8Array): z.infer<S> | undefined {
  const json = parseStrictJson(bytes, { maxBytes: MAX_FILE_BYTES });
  return json.ok ? schema.safeParse(json.value).data : undefined;
}

function readPrivate(path: string): Result<Buffer> {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat?.isFile()) return err('KEY_FILE_MISSING', `there is no key file ${path}`, { at: path });
  if (process.platform !== 'win32' && (stat.mode & 0o077) !== 0) {
    return err('KEY_FILE_MODE', 'others may read or write this key file', {
      at: path,
      hint: `chmod 600 ${path}, and ask who may have read it`,
    });
  }
  return stat.size > MAX_FILE_BYTES ? badFormat(path) : ok(readFileSync(path));
}

const badFormat = (path: string) =>
  err('KEY_FILE_FORMAT', 'not a key file of this program, or a damaged one', { at: path });
