// A secret kept between starts by the system's keychain, and by nothing less: without one it lives in memory only.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { SafeStorage } from 'electron';

export interface SecretCache {
  /** Undefined: never kept, kept for something else, or the keychain no longer opens it. */
  readonly load: (of: string) => Promise<string | undefined>;
  readonly save: (of: string, secret: string) => Promise<void>;
  readonly forget: () => void;
}

type Keychain = Pick<
  SafeStorage,
  | 'isAsyncEncryptionAvailable'
  | 'encryptStringAsync'
  | 'decryptStringAsync'
  | 'getSelectedStorageBackend'
>;

/** `of` names what the secret belongs to, so that one server's token is never sent to another. */
export function secretCache(keychain: Keychain, path: string, platform: string): SecretCache {
  let memory: { readonly of: string; readonly secret: string } | undefined;
  const usable = async (): Promise<boolean> => {
    if (!(await keychain.isAsyncEncryptionAvailable())) return false;
    // Linux without a keyring "encrypts" with a password that is in Chromium's source.
    if (platform !== 'linux') return true;
    const backend = keychain.getSelectedStorageBackend();
    return backend !== 'basic_text' && backend !== 'unknown';
  };
  return {
    load: async (of) => {
      if (memory?.of === of) return memory.secret;
      if (!existsSync(path) || !(await usable())) return undefined;
      try {
        const { result } = await keychain.decryptStringAsync(readFileSync(path));
        const [kept, secret] = result.split('\n');
        return kept === of ? secret : undefined;
      } catch {
        return undefined;
      }
    },
    save: async (of, secret) => {
      memory = { of, secret };
      if (!(await usable())) return;
      const bytes = await keychain.encryptStringAsync(`${of}\n${secret}`);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, bytes, { mode: 0o600 });
    },
    forget: () => {
      memory = undefined;
      rmSync(path, { force: true });
    },
  };
}
