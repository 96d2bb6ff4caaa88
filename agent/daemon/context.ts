// What every part of the daemon is handed: identity, keys, store, clocks, and where to write log lines.
import type { AgentStore } from '#agent/ports.ts';
import type { Clock } from '#shared/clock.ts';
import type { Signer, TrustCrypto } from '#shared/trust/crypto.ts';
import type { Facts } from '#shared/trust/documents.ts';
import type { Identity } from './identity.ts';

type Write = (fields: Readonly<Record<string, unknown>>, message: string) => void;

/** Structured log lines; the composition root decides their form. */
export interface Log {
  readonly debug: Write;
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
}

export interface Random {
  /** 32 hex digits. */
  readonly hex128: () => string;
  /** In [0, 1). */
  readonly unit: () => number;
}

/**
 * One per start of the process: commands name it, so none survives a restart or reaches a clone.
 * Not one per connection: a command under way must not die of a short cut of the link.
 */
export interface Session {
  readonly id: string;
  /** Monotonic milliseconds at its begin. */
  readonly startMs: number;
}

export interface Machine {
  readonly facts: Facts;
  readonly bootId: string;
  readonly capabilities: readonly string[];
  readonly policy: () => { readonly digest: string; readonly owner: 'root' | 'self' | 'missing' };
  readonly clockState: () => 'trusted' | 'untrusted' | 'unknown';
}

export interface Context {
  readonly identity: Identity;
  readonly store: AgentStore;
  readonly signer: Signer;
  readonly crypto: TrustCrypto;
  readonly clock: Clock;
  readonly random: Random;
  readonly session: Session;
  readonly log: Log;
}
