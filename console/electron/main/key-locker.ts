// A person's key in memory for some minutes: opened by passphrase, locked by time, by hand, and when the machine sleeps.
import { findPersonKey } from '#console/signing/person-keys.ts';
import { openKeyFile } from '#shared/node/key-file.ts';
import { ok, type Result } from '#shared/result.ts';
import type { Signer } from '#shared/trust/crypto.ts';

export const LOCK_AFTER_MS = 5 * 60_000;

export interface KeyLocker {
  /** The key of `person`; an empty passphrase is enough while it is unlocked. Faults: KEY_*, PASSPHRASE_EMPTY. */
  readonly open: (person: string, passphrase: string) => Result<Signer>;
  readonly unlocked: () => readonly string[];
  readonly lock: () => void;
}

/** `lockAfterMs` counts from the last use. */
export function keyLocker(home: string, lockAfterMs: number): KeyLocker {
  let held: { readonly person: string; readonly signer: Signer } | undefined;
  let timer: NodeJS.Timeout | undefined;
  const lock = (): void => {
    clearTimeout(timer);
    held = undefined;
  };
  const hold = (person: string, signer: Signer): void => {
    lock();
    held = { person, signer };
    timer = setTimeout(lock, lockAfterMs);
    timer.unref();
  };
  return {
    open: (person, passphrase) => {
      if (passphrase === '' && held?.person === person) {
        const { signer } = held;
        hold(person, signer);
        return ok(signer);
      }
      const path = findPersonKey(home, person);
      if (!path.ok) return path;
      const signer = openKeyFile(path.value, passphrase);
      if (signer.ok) hold(person, signer.value);
      return signer;
    },
    unlocked: () => (held ? [held.person] : []),
    lock,
  };
}
