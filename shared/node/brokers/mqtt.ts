// The broker port over MQTT.js: one client object per connection, none of its queue, store or reconnecting.
import { X509Certificate } from 'node:crypto';
import mqtt from 'mqtt';
import { writeToStream } from 'mqtt-packet';
import type {
  Broker,
  BrokerConnection,
  BrokerMessage,
  ConnectOptions,
} from '#shared/protocol/broker.ts';
import { MAX_MESSAGE_BYTES } from '#shared/protocol/broker.ts';
import { isFilter } from '#shared/protocol/filters.ts';
import { type Err, err, ok, type Result } from '#shared/result.ts';
import { MAX_PACKET_BYTES, packetLimit } from './packet-limit.ts';

export interface MqttBrokerOptions {
  /** mqtt://, mqtts://, ws:// or wss://; credentials in it are used unless connect names others. */
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  /** PEM of the authority that signed the broker's certificate; the system's authorities otherwise. */
  readonly ca?: string;
  readonly connectTimeoutMs?: number;
  readonly publishTimeoutMs?: number;
}

const CONNECT_TIMEOUT_MS = 15_000;
const PUBLISH_TIMEOUT_MS = 30_000;
/** AWS IoT takes no more filters in one SUBSCRIBE; the packets are pipelined. */
const FILTERS_PER_SUBSCRIBE = 8;
const SCHEMES: ReadonlySet<string> = new Set(['mqtt:', 'mqtts:', 'ws:', 'wss:']);

// Before the first packet: its table of all 65,536 packet numbers would take 16 MB.
writeToStream.cacheNumbers = false;

type Settle = (result: Result<void>) => void;

/** A broker reached by URL. Nothing happens before connect; a bad URL is a CONNECT_FAILED there. */
export function mqttBroker(options: MqttBrokerOptions): Broker {
  const parsed = parseBrokerUrl(options.url);
  return {
    describe: () => (parsed.ok ? `${parsed.value.protocol}//${parsed.value.host}` : 'invalid URL'),
    connect: async (connectOptions, onMessage) => {
      if (!parsed.ok) return parsed;
      const ca = checkCa(options.ca);
      return ca.ok ? connectOnce(parsed.value, options, connectOptions, onMessage) : ca;
    },
  };
}

/** Checks a broker's URL. CONNECT_FAILED with a hint when it is none; the message never repeats credentials. */
function parseBrokerUrl(text: string): Result<URL> {
  const hint =
    'write mqtt://HOST:PORT, mqtts://HOST:PORT, ws://HOST:PORT/PATH or wss://HOST:PORT/PATH';
  if (!URL.canParse(text)) return err('CONNECT_FAILED', 'the broker URL is not a URL', { hint });
  const url = new URL(text);
  if (!SCHEMES.has(url.protocol) || url.hostname === '') {
    return err('CONNECT_FAILED', `a broker cannot be reached by ${url.protocol}//`, { hint });
  }
  try {
    decodeURIComponent(url.username + url.password);
  } catch {
    return err('CONNECT_FAILED', 'the credentials in the broker URL are not percent-encoded', {
      hint: 'write % as %25',
    });
  }
  return ok(url);
}

/** Node takes anything for a CA and then trusts nobody; the fault would name the broker, not the file. */
function checkCa(ca: string | undefined): Result<void> {
  try {
    if (ca !== undefined) new X509Certificate(ca);
    return ok(undefined);
  } catch {
    return err('CONNECT_FAILED', 'the CA for the broker is not a certificate', {
      hint: 'give it as PEM: -----BEGIN CERTIFICATE----- …',
    });
  }
}

function clientOptions(
  url: URL,
  broker: MqttBrokerOptions,
  connect: ConnectOptions,
): mqtt.IClientOptions {
  const username = connect.username ?? broker.username ?? decodeURIComponent(url.username);
  const password = connect.password ?? broker.password ?? decodeURIComponent(url.password);
  return {
    clientId: connect.clientId,
    protocolVersion: 4,
    clean: true,
    keepalive: 60,
    reconnectPeriod: 0,
    manualConnect: true,
    connectTimeout: broker.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    queueQoSZero: false,
    resubscribe: false,
    // Without this MQTT.js prepares a table of all 65,536 lengths: 16 MB.
    writeCache: false,
    ...(username === '' ? {} : { username }),
    ...(password === '' ? {} : { password }),
    ...(broker.ca === undefined ? {} : { ca: broker.ca }),
    ...(connect.will === undefined
      ? {}
      : {
          will: { ...connect.will, payload: asBuffer(connect.will.payload), qos: 1, retain: true },
        }),
  };
}

function connectOnce(
  url: URL,
  broker: MqttBrokerOptions,
  options: ConnectOptions,
  onMessage: (message: BrokerMessage) => void,
): Promise<Result<BrokerConnection>> {
  const bare = new URL(url);
  bare.username = '';
  bare.password = '';
  const { promise, resolve } = Promise.withResolvers<Result<BrokerConnection>>();
  const client = mqtt.connect(bare.href, clientOptions(url, broker, options));
  const link = new Link(client, broker.publishTimeoutMs ?? PUBLISH_TIMEOUT_MS);
  const giveUp = (fault: Err): void => {
    link.finish(fault.fault.message);
    resolve(fault);
  };
  const abort = (): void => giveUp(err('CONNECT_FAILED', 'the attempt was given up'));
  client.handleMessage = (packet, done) => {
    if (link.isOpen()) {
      onMessage({ topic: packet.topic, payload: asBuffer(packet.payload), retain: packet.retain });
    }
    done();
  };
  client.on('connect', () => {
    options.signal?.removeEventListener('abort', abort);
    resolve(ok(link.connection));
  });
  client.on('error', (error) => {
    if (client.connected) link.finish(error.message);
    else giveUp(connectFault(url, error));
  });
  client.on('close', () => {
    link.finish('closed by the broker or the network');
    resolve(err('CONNECT_FAILED', `${url.host} closed the connection before accepting it`));
  });
  options.signal?.addEventListener('abort', abort);
  if (options.signal?.aborted) abort();
  else {
    client.connect();
    watchIncoming(client, link);
  }
  return promise.finally(() => options.signal?.removeEventListener('abort', abort));
}

/** A broker is not trusted: one that announces a packet of hundreds of megabytes is left, not buffered. */
function watchIncoming(client: mqtt.MqttClient, link: Link): void {
  const accepts = packetLimit(MAX_PACKET_BYTES);
  client.stream.on('data', (chunk: Uint8Array) => {
    if (!accepts(chunk)) link.finish(`the broker sent a packet above ${MAX_PACKET_BYTES} bytes`);
  });
}

function connectFault(url: URL, error: Error): Err {
  const where = `${url.protocol}//${url.host}`;
  const { code } = error as { readonly code?: unknown };
  if (typeof code === 'number') {
    return err('CONNECT_REFUSED', `${where}: ${error.message}`, {
      hint: 'check user name, password and client id, and the access rules of the broker',
    });
  }
  if (error.message === 'connack timeout') {
    return err('CONNECT_TIMEOUT', `${where} did not answer in time`);
  }
  return err('CONNECT_FAILED', `${where}: ${error.message === '' ? String(code) : error.message}`, {
    hint: 'is the broker running, and host and port right?',
  });
}

/** One connection's life: what waits for an acknowledgement, and how it ended. */
class Link {
  readonly connection: BrokerConnection;
  readonly #client: mqtt.MqttClient;
  readonly #timeoutMs: number;
  readonly #waiting = new Set<Settle>();
  readonly #closed = Promise.withResolvers<{ readonly reason: string }>();
  #open = true;
  #reason = '';

  constructor(client: mqtt.MqttClient, timeoutMs: number) {
    this.#client = client;
    this.#timeoutMs = timeoutMs;
    this.connection = {
      subscribe: (filters) => this.#subscribe(filters),
      publish: (message) => this.#publish(message),
      closed: this.#closed.promise,
      close: async () => this.finish('closed here'),
    };
  }

  isOpen(): boolean {
    return this.#open;
  }

  /** Ends the connection for good; the first reason counts. MQTT.js' end() waits for ever without force. */
  finish(reason: string): void {
    if (!this.#open) return;
    this.#open = false;
    this.#reason = reason;
    for (const settle of [...this.#waiting]) settle(closedFault(reason));
    // Before connect() there is no stream, and end() would trip over it.
    if (this.#client.stream !== undefined) this.#client.end(true);
    this.#closed.resolve({ reason });
  }

  async #publish({ topic, payload, retain }: BrokerMessage): Promise<Result<void>> {
    if (payload.byteLength > MAX_MESSAGE_BYTES) return tooLarge(topic, payload.byteLength);
    return this.#acknowledged(`publish to ${topic}`, (settle) => {
      this.#client.publish(topic, asBuffer(payload), { qos: 1, retain }, (error) =>
        settle(error ? closedFault(error.message) : ok(undefined)),
      );
    });
  }

  async #subscribe(filters: readonly string[]): Promise<Result<void>> {
    const malformed = filters.filter((filter) => !isFilter(filter));
    if (malformed.length > 0) return subscribeRefused(malformed, []);
    const answers: Promise<Result<void>>[] = [];
    for (let at = 0; at < filters.length; at += FILTERS_PER_SUBSCRIBE) {
      answers.push(this.#subscribeSome(filters.slice(at, at + FILTERS_PER_SUBSCRIBE)));
    }
    const failed = (await Promise.all(answers)).find((answer) => !answer.ok);
    return failed ?? ok(undefined);
  }

  #subscribeSome(filters: readonly string[]): Promise<Result<void>> {
    return this.#acknowledged('subscribe', (settle) => {
      this.#client.subscribe([...filters], { qos: 1 }, (error) => {
        if (!error) return settle(ok(undefined));
        const granted = (error as { packet?: { granted?: readonly number[] } }).packet?.granted;
        settle(granted ? subscribeRefused(filters, granted) : closedFault(error.message));
      });
    });
  }

  /** Runs `send` and waits for its answer, for the end of the connection, or for the time to run out. */
  #acknowledged(what: string, send: (settle: Settle) => void): Promise<Result<void>> {
    if (!this.#open) return Promise.resolve(closedFault(this.#reason));
    const { promise, resolve } = Promise.withResolvers<Result<void>>();
    const settle: Settle = (result) => {
      if (!this.#waiting.delete(settle)) return;
      clearTimeout(timer);
      resolve(result);
    };
    const timer = setTimeout(() => {
      const message = `no answer to ${what} within ${this.#timeoutMs} ms`;
      settle(err('PUBLISH_TIMEOUT', message, { hint: 'the connection was dropped' }));
      this.finish(message);
    }, this.#timeoutMs);
    this.#waiting.add(settle);
    send(settle);
    return promise;
  }
}

const closedFault = (why: string): Err => err('CLOSED', `the connection is closed: ${why}`);

const tooLarge = (topic: string, bytes: number): Err =>
  err('TOO_LARGE', `${bytes} bytes for ${topic} are above ${MAX_MESSAGE_BYTES}`, {
    hint: 'not every broker carries more; split the message',
  });

function subscribeRefused(filters: readonly string[], granted: readonly number[]): Err {
  const refused = filters.filter((_, index) => ((granted[index] ?? 0x80) & 0x80) !== 0);
  return err('SUBSCRIBE_REFUSED', `the broker refused ${refused.join(', ')}`, {
    hint: 'check the access rules of this user on the broker',
  });
}

function asBuffer(bytes: Uint8Array | string): Buffer {
  if (typeof bytes === 'string') return Buffer.from(bytes);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
