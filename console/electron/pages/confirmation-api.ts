// What the confirmation's preload offers its page.
import type { ConfirmationView, Outcome } from '#console/electron/channels.ts';

export interface ConfirmationApi {
  readonly read: () => Promise<ConfirmationView | null>;
  /** `passphrase` is empty where the person's key is unlocked already. */
  readonly agree: (person: string, passphrase: string) => Promise<Outcome>;
  readonly refuse: () => Promise<Outcome>;
}
