// aedes' hooks: who gets in, under which client id, and what each may publish and subscribe.
import type { AedesOptions, AuthenticateError, Client, ConnectPacket } from 'aedes';
import { type BrokerIdentity, mayPublish, maySubscribe } from './access.ts';
import type { BrokerCredentials } from './credentials.ts';
import type { RetainedStore } from './retained.ts';

export interface DoorkeeperOptions {
  readonly credentials: BrokerCredentials;
  readonly retained: RetainedStore;
  readonly fleet: string | undefined;
  readonly log: (line: string) => void;
}

type Hooks = Required<
  Pick<AedesOptions, 'preConnect' | 'authenticate' | 'authorizePublish' | 'authorizeSubscribe'>
>;

export interface Doorkeeper {
  readonly hooks: Hooks;
  /** To be called for every client aedes has registered. */
  readonly welcome: (client: Client) => void;
  /** Closes connections whose user was removed or renewed since they were let in. */
  readonly recheck: () => void;
}

interface Guest {
  readonly identity: BrokerIdentity;
  readonly stamp: string | undefined;
}

const IDENTIFIER_REJECTED = 2;
const BAD_USERNAME_OR_PASSWORD = 4;
const NOT_AUTHORIZED = 5;

export function doorkeeper(options: DoorkeeperOptions): Doorkeeper {
  const { credentials, retained, fleet, log } = options;
  const asked = new WeakMap<Client, ConnectPacket>();
  const guests = new WeakMap<Client, Guest>();
  const present = new Map<string, Client>();

  const admit = (client: Client, username = '', password = ''): AuthenticateError | undefined => {
    const packet = asked.get(client);
    const identity = credentials.verify(username, password);
    if (!identity || !packet) return refusal(BAD_USERNAME_OR_PASSWORD, 'bad user name or password');
    if (packet.clean !== true) return refusal(IDENTIFIER_REJECTED, 'only clean sessions');
    const { will } = packet;
    if (
      will &&
      !(mayPublish(identity, fleet, will.topic, will.retain === true) && will.qos !== 2)
    ) {
      return refusal(NOT_AUTHORIZED, `no will allowed on ${will.topic}`);
    }
    // The client id is bound to the user, so nobody can push another's connection out. An agent has one connection,
    // and a second one with its password (a clone) shows as a takeover.
    client.id = identity.role === 'agent' ? username : `${username}:${client.id}`;
    guests.set(client, { identity, stamp: credentials.stamp(username) });
    return undefined;
  };

  const hooks: Hooks = {
    preConnect: (client, packet, callback) => {
      asked.set(client, packet);
      callback(null, true);
    },
    authenticate: (client, username, password, callback) => {
      const refused = admit(client, username, password?.toString('utf8'));
      if (refused) log(`refused ${JSON.stringify(username ?? '')}: ${refused.message}`);
      callback(refused ?? null, refused === undefined);
    },
    // Called for every PUBLISH and every will, before PUBACK: the place to store what is retained.
    authorizePublish: (client, packet, callback) => {
      const guest = client ? guests.get(client) : undefined;
      const { topic, retain, qos } = packet;
      if (!guest || qos === 2 || !mayPublish(guest.identity, fleet, topic, retain)) {
        return callback(new Error(`may not publish to ${JSON.stringify(topic)} at QoS ${qos}`));
      }
      if (!retain) return callback(null);
      retained.put({ topic, payload: Buffer.from(packet.payload) }, callback);
    },
    authorizeSubscribe: (client, subscription, callback) => {
      const guest = guests.get(client);
      const allowed = guest && maySubscribe(guest.identity, fleet, subscription.topic);
      if (!allowed) log(`${client.id} may not subscribe to ${JSON.stringify(subscription.topic)}`);
      callback(null, allowed ? subscription : null);
    },
  };

  const welcome = (client: Client): void => {
    // aedes can forget a living client when its predecessor of the same id ends late; this map does not.
    const earlier = present.get(client.id);
    if (earlier && earlier !== client && !earlier.closed) earlier.close();
    present.set(client.id, client);
    client.conn.once('close', () => {
      if (present.get(client.id) === client) present.delete(client.id);
    });
  };

  const recheck = (): void => {
    for (const client of present.values()) {
      const guest = guests.get(client);
      if (guest && credentials.stamp(guest.identity.username) === guest.stamp) continue;
      log(`${client.id} was removed or renewed: closing its connection`);
      client.close();
    }
  };

  return { hooks, welcome, recheck };
}

const refusal = (returnCode: number, message: string): AuthenticateError =>
  Object.assign(new Error(message), { returnCode });
