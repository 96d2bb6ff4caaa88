// The trust in force: the newest version in the store, parsed once.
import { ok, type Result } from '#shared/result.ts';
import type { TrustCrypto } from '#shared/trust/crypto.ts';
import { loadTrust, type Trust } from '#shared/trust/trust-document.ts';
import type { ConsoleStore } from './ports.ts';

/** Undefined while no trust document was published. Throws when the stored one does not open: the file was damaged. */
export function trustBook(store: ConsoleStore, crypto: TrustCrypto): () => Trust | undefined {
  let known: Trust | undefined;
  return () => {
    const newest = store.documents.newest('trust', 'trust')[0];
    if (!newest) return undefined;
    if (known?.docId !== newest.head.docId) {
      const loaded: Result<Trust> = loadTrust(newest.envelope, crypto);
      if (!loaded.ok) throw new Error(`stored trust does not open: ${loaded.fault.message}`);
      known = ok(loaded.value).value;
    }
    return known;
  };
}
