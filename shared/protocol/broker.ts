// The port to a message broker. Adapters are in shared/node/brokers; one conformance suite holds over all of them.
import type { Result } from '#shared/result.ts';

export const MAX_MESSAGE_BYTES = 60_000;
export const MAX_IN_FLIGHT = 16;

export interface BrokerMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly retain: boolean;
}

export interface BrokerWill {
  readonly topic: string;
  readonly payload: Uint8Array;
}

/** The part of an AbortSignal that is used; this room knows no platform types. */
export interface GiveUpSignal {
  readonly aborted: boolean;
  readonly addEventListener: (type: 'abort', listener: () => void) => void;
  readonly removeEventListener: (type: 'abort', listener: () => void) => void;
}

export interface ConnectOptions {
  readonly clientId: string;
  /** Retained, QoS 1. */
  readonly will?: BrokerWill;
  readonly username?: string;
  readonly password?: string;
  /** Gives the attempt up (CONNECT_FAILED); a connection already made is left alone. */
  readonly signal?: GiveUpSignal;
}

/** One connection: made by connect, gone for good when it closes. Nothing is queued or resent behind the caller's back. */
export interface BrokerConnection {
  /** Resolves when the broker took all filters; a refused filter is a fault SUBSCRIBE_REFUSED. Adds to earlier ones. */
  readonly subscribe: (filters: readonly string[]) => Promise<Result<void>>;
  /** QoS 1. Resolves at PUBACK: a sign to send more, never proof of anything. Faults: TOO_LARGE, PUBLISH_TIMEOUT, CLOSED. */
  readonly publish: (message: BrokerMessage) => Promise<Result<void>>;
  /** Resolves once, with why; never rejects. */
  readonly closed: Promise<{ readonly reason: string }>;
  /** Cuts the link without a DISCONNECT, so the broker publishes the will; pending publishes end as CLOSED. */
  readonly close: () => Promise<void>;
}

export interface Broker {
  /** Faults: CONNECT_REFUSED, CONNECT_TIMEOUT, CONNECT_FAILED. `onMessage` is synchronous and must return fast. */
  readonly connect: (
    options: ConnectOptions,
    onMessage: (message: BrokerMessage) => void,
  ) => Promise<Result<BrokerConnection>>;
  /** For people: scheme, host and port, no credentials. */
  readonly describe: () => string;
}
