// What every part of the collector is handed.

import type { Push } from '#console/api.ts';
import type { AddCredential, ConsoleStore } from '#console/core/ports.ts';
import type { Clock } from '#shared/clock.ts';
import type { Topics } from '#shared/protocol/topics.ts';
import type { Signer, TrustCrypto } from '#shared/trust/crypto.ts';
import type { TailDocument } from '#shared/trust/documents.ts';
import type { Trust } from '#shared/trust/trust-document.ts';

export interface CollectorContext {
  readonly fleet: string;
  readonly collector: string;
  readonly topics: Topics;
  readonly store: ConsoleStore;
  readonly crypto: TrustCrypto;
  readonly clock: Clock;
  /** Signs acks; gives no authority. */
  readonly relay: Signer;
  /** Signs device documents of machines that join with a token. */
  readonly enroller: Signer;
  readonly addCredential: AddCredential;
  readonly trust: () => Trust | undefined;
  readonly push: (push: Push) => void;
  /** Output of a run that goes on, signed by its machine. */
  readonly onTail: (tail: TailDocument) => void;
  readonly log: (line: string) => void;
}

/** What one group of messages changed; acted upon after its commit. */
export interface Effects {
  /** Machines that need a new ack. */
  readonly ack: Set<number>;
  /** Machines, by name, of which something is new for whoever looks. */
  readonly agents: Set<string>;
  /** Machines, by name, whose runs or ledger changed; and those runs by id. */
  readonly runs: Set<string>;
  readonly runIds: Set<string>;
  /** Entries a machine should send again, by agent id; null: nothing is missing any more. */
  readonly want: Map<number, Want | null>;
}

export interface Want {
  readonly incarnation: number;
  readonly from: number;
  readonly to: number;
}

export const noEffects = (): Effects => ({
  ack: new Set(),
  agents: new Set(),
  runs: new Set(),
  runIds: new Set(),
  want: new Map(),
});
