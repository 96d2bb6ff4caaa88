// What was built, with sizes and SHA-256 sums, signed with Ed25519: whoever has the public key can check a download.
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export interface ManifestEntry {
  readonly name: string;
  readonly target: string;
  /** `app` runs on the `runtime` of the same target; `full` and `deb` hold both. */
  readonly component: 'app' | 'runtime' | 'full' | 'deb';
  readonly bytes: number;
  readonly sha256: string;
}

export interface ReleaseKey {
  readonly key: KeyObject;
  readonly path: string;
  readonly made: boolean;
}

/** The key at `path`; made there when `mayMake` and it is missing. Throws when it is not an Ed25519 private key. */
export function releaseKey(path: string, mayMake: boolean): ReleaseKey {
  if (!existsSync(path)) {
    if (!mayMake) throw new Error(`there is no release key at ${path}`);
    mkdirSync(dirname(path), { recursive: true });
    const { privateKey } = generateKeyPairSync('ed25519');
    writeFileSync(path, privateKey.export({ type: 'pkcs8', format: 'pem' }), {
      mode: 0o600,
      flag: 'wx',
    });
    return { key: privateKey, path, made: true };
  }
  const key = createPrivateKey(readFileSync(path));
  if (key.asymmetricKeyType !== 'ed25519') throw new Error(`${path} is not an Ed25519 key`);
  return { key, path, made: false };
}

export interface SignedManifest {
  readonly text: string;
  /** Base64 of the Ed25519 signature over exactly that text. */
  readonly signature: string;
  /** PEM. */
  readonly publicKey: string;
}

export function signManifest(
  version: string,
  nodeVersion: string,
  files: readonly ManifestEntry[],
  key: KeyObject,
): SignedManifest {
  const manifest = { format: 'muster-packages.v1', version, nodeVersion, files };
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  return {
    text,
    signature: `${sign(null, Buffer.from(text), key).toString('base64')}\n`,
    publicKey: createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString(),
  };
}

/** As `sha256sum -c` reads it. */
export const checksumLines = (files: readonly ManifestEntry[]): string =>
  files.map(({ sha256, name }) => `${sha256}  ${name}\n`).join('');
