// A broker inside the process, for tests and demonstrations: retained messages, wills, wildcards and takeover as MQTT has them.
import type {
  Broker,
  BrokerConnection,
  BrokerMessage,
  ConnectOptions,
} from '#shared/protocol/broker.ts';
import { MAX_MESSAGE_BYTES } from '#shared/protocol/broker.ts';
import { filterMatches, isFilter } from '#shared/protocol/filters.ts';
import { type Err, err, ok, type Result } from '#shared/result.ts';

export interface MemoryBroker {
  readonly broker: Broker;
  /** Refuses new connections; all living ones close. Retained messages stay unless `wipe`. */
  readonly goDown: () => void;
  readonly comeUp: () => void;
  /** Closes one client's connection, or all, as a lost link does. */
  readonly drop: (clientId?: string) => void;
  /** Forgets all retained messages, as a broker that lost its disk. */
  readonly wipe: () => void;
  /** Replaces a retained message without telling anybody: a broker that lies. */
  readonly tamper: (topic: string, payload: Uint8Array) => void;
  /** From now on subscribing to these filters is refused. */
  readonly refuseSubscribe: (filters: readonly string[]) => void;
  readonly retained: (topic: string) => Uint8Array | undefined;
}

interface Session {
  readonly clientId: string;
  readonly filters: Set<string>;
  readonly deliver: (message: BrokerMessage) => void;
  readonly end: (reason: string) => void;
}

const brokers = new Map<string, MemoryBroker>();

/** The broker of that name in this process, made at first use: `memory://name`. */
export function memoryBroker(name: string): MemoryBroker {
  const known = brokers.get(name);
  if (known) return known;
  const made = createMemoryBroker(name);
  brokers.set(name, made);
  return made;
}

function createMemoryBroker(name: string): MemoryBroker {
  const sessions = new Map<string, Session>();
  const kept = new Map<string, Uint8Array>();
  const refused = new Set<string>();
  let up = true;

  const route = ({ topic, payload, retain }: BrokerMessage): void => {
    if (retain && payload.byteLength === 0) kept.delete(topic);
    else if (retain) kept.set(topic, payload);
    for (const session of sessions.values()) {
      if ([...session.filters].some((filter) => filterMatches(filter, topic))) {
        // MQTT: the retain flag is only set on what was kept from before the subscription.
        session.deliver({ topic, payload, retain: false });
      }
    }
  };

  const subscribe = (session: Session, filters: readonly string[]): Result<void> => {
    const bad = filters.filter((filter) => !isFilter(filter) || refused.has(filter));
    for (const filter of filters) {
      if (bad.includes(filter)) continue;
      session.filters.add(filter);
      for (const [topic, payload] of kept) {
        if (filterMatches(filter, topic)) session.deliver({ topic, payload, retain: true });
      }
    }
    if (bad.length === 0) return ok(undefined);
    return err('SUBSCRIBE_REFUSED', `the broker refused ${bad.join(', ')}`);
  };

  const drop = (clientId?: string): void => {
    for (const session of [...sessions.values()]) {
      if (clientId === undefined || session.clientId === clientId) session.end('link lost');
    }
  };

  const connect: Broker['connect'] = async (options, onMessage) => {
    await turn();
    if (!up) return err('CONNECT_FAILED', `memory://${name} is down`);
    if (options.signal?.aborted) return err('CONNECT_FAILED', 'the attempt was given up');
    sessions.get(options.clientId)?.end('taken over by a connection with the same client id');
    const { session, connection } = open({ sessions, route, subscribe }, options, onMessage);
    sessions.set(options.clientId, session);
    return ok(connection);
  };

  return {
    broker: { connect, describe: () => `memory://${name}` },
    goDown: () => {
      up = false;
      drop();
    },
    comeUp: () => {
      up = true;
    },
    drop,
    wipe: () => kept.clear(),
    tamper: (topic, payload) => kept.set(topic, payload),
    refuseSubscribe: (filters) => {
      for (const filter of filters) refused.add(filter);
    },
    retained: (topic) => kept.get(topic),
  };
}

interface Switchboard {
  readonly sessions: Map<string, Session>;
  readonly route: (message: BrokerMessage) => void;
  readonly subscribe: (session: Session, filters: readonly string[]) => Result<void>;
}

function open(
  { sessions, route, subscribe }: Switchboard,
  { clientId, will }: ConnectOptions,
  onMessage: (message: BrokerMessage) => void,
): { readonly session: Session; readonly connection: BrokerConnection } {
  const closed = Promise.withResolvers<{ readonly reason: string }>();
  let isOpen = true;
  let why = '';
  const session: Session = {
    clientId,
    filters: new Set(),
    deliver: (message) => {
      // Never inside the sender's call, in order, and not after the end: as over a socket.
      setImmediate(() => {
        if (isOpen) onMessage(message);
      });
    },
    end: (reason) => {
      if (!isOpen) return;
      isOpen = false;
      why = reason;
      sessions.delete(clientId);
      closed.resolve({ reason });
      if (will) route({ ...will, retain: true });
    },
  };
  const closedFault = (): Err => err('CLOSED', `the connection is closed: ${why}`);
  const connection: BrokerConnection = {
    closed: closed.promise,
    close: async () => session.end('closed here'),
    subscribe: async (filters) => {
      await turn();
      return isOpen ? subscribe(session, filters) : closedFault();
    },
    publish: async (message) => {
      if (message.payload.byteLength > MAX_MESSAGE_BYTES) {
        return err(
          'TOO_LARGE',
          `${message.payload.byteLength} bytes are above ${MAX_MESSAGE_BYTES}`,
        );
      }
      // A copy: the sender may go on using its buffer.
      const own = { ...message, payload: message.payload.slice() };
      await turn();
      if (!isOpen) return closedFault();
      route(own);
      return ok(undefined);
    },
  };
  return { session, connection };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
