// The connection's life: epoch before CONNECT, one SUBSCRIBE, birth, status, then reports; again after every end.
import type { SchedulerControl } from '#agent/ports.ts';
import type { KeepConnectedOptions, KeptConnection } from '#shared/node/keep-connected.ts';
import type {
  Broker,
  BrokerConnection,
  BrokerMessage,
  ConnectOptions,
} from '#shared/protocol/broker.ts';
import { type Topics, topicsOf } from '#shared/protocol/topics.ts';
import { describeFault } from '#shared/result.ts';
import type { DocumentHead, StatusDocument } from '#shared/trust/documents.ts';
import type { Context, Machine } from './context.ts';
import type { Marks } from './marks.ts';
import { birthOf, statusOf, willOf } from './presence.ts';
import type { ReportPump } from './report.ts';
import type { Tails } from './tail.ts';

export interface LinkOptions {
  readonly context: Context;
  readonly machine: Machine;
  readonly marks: Marks;
  readonly broker: Broker;
  readonly keepConnected: (options: KeepConnectedOptions) => KeptConnection;
  readonly pump: ReportPump;
  readonly tails: Pick<Tails, 'start' | 'stop'>;
  readonly scheduler: Pick<SchedulerControl, 'status'>;
  readonly refused: () => StatusDocument['refused'];
  readonly trustVersion: () => number;
  readonly collector: () => string;
  /** Everything but `all/hello`. Synchronous. */
  readonly onMessage: (message: BrokerMessage) => void;
  /** For `muster-agent status`. */
  readonly onState: (state: LinkState) => void;
}

export interface LinkState {
  readonly state: 'connected' | 'down' | 'stopped';
  readonly broker: string;
  readonly reason: string | null;
  readonly retryMs: number | null;
}

export interface Link {
  /** Something the retained status tells of may have changed: publishes it soon if it did. */
  readonly touchStatus: () => void;
  /** Subscribes to these documents by name, for brokers that give no retained messages to a wildcard. */
  readonly follow: (heads: readonly DocumentHead[]) => void;
  /** Subscribes to the trust version after the current one. */
  readonly followTrust: () => void;
  /** Drops the connection and connects at once. */
  readonly kick: () => void;
  readonly close: () => Promise<void>;
}

const STATUS_DEBOUNCE_MS = 300;
/** A status is refreshed at least this often: what runs and what is next changes without an event of its own. */
const STATUS_REFRESH_MS = 5 * 60_000;
const HELLO_PAUSE_MS = 10_000;
const HELLO_JITTER_MS = 3_000;
const EPOCH_RETRY_MS = 5_000;

/** Starts connecting at once and goes on until close(). */
export function openLink(options: LinkOptions): Link {
  const life = new LinkLife(options);
  return {
    touchStatus: () => life.touchStatus(),
    follow: (heads) => life.follow(heads),
    followTrust: () => life.followTrust(),
    kick: () => life.kick(),
    close: () => life.close(),
  };
}

interface Timer {
  readonly cancel: () => void;
}

class LinkLife {
  readonly #options: LinkOptions;
  readonly #topics: Topics;
  readonly #kept: KeptConnection;
  #connection: BrokerConnection | undefined;
  #epoch = 0;
  #subscribed = new Set<string>();
  #status = { fingerprint: '', atMs: Number.NEGATIVE_INFINITY };
  #statusTimer: Timer | undefined;
  #helloAtMs = Number.NEGATIVE_INFINITY;
  #isClosing = false;

  constructor(options: LinkOptions) {
    this.#options = options;
    const { identity, clock, random } = options.context;
    this.#topics = topicsOf(identity.fleet);
    this.#kept = options.keepConnected({
      broker: options.broker,
      clock,
      random: random.unit,
      options: () => this.#connectOptions(),
      onMessage: (message) => {
        if (message.topic === this.#topics.hello()) this.#answerHello();
        else options.onMessage(message);
      },
      onConnected: (via) => void this.#setUp(via),
      onDown: (reason, retryMs) => this.#down(reason, retryMs),
    });
  }

  touchStatus(): void {
    if (this.#statusTimer || !this.#connection) return;
    this.#statusTimer = this.#options.context.clock.after(STATUS_DEBOUNCE_MS, () => {
      this.#statusTimer = undefined;
      if (this.#connection) this.#publishStatus(this.#connection);
    });
  }

  follow(heads: readonly DocumentHead[]): void {
    if (this.#connection) void this.#subscribe(this.#connection, this.#documentTopics(heads));
  }

  followTrust(): void {
    if (this.#connection) void this.#subscribe(this.#connection, [this.#nextTrust()]);
  }

  kick(): void {
    this.#kept.kick();
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    const via = this.#connection;
    this.#connection = undefined;
    this.#options.pump.stop();
    this.#options.tails.stop();
    this.#statusTimer?.cancel();
    // The goodbye of a clean end; the will says the same if it does not get through.
    const goodbye = willOf(this.#options.context, this.#epoch);
    if (via) await this.#publish(via, { ...goodbye, retain: true });
    await this.#kept.close();
    this.#tell('stopped', null, null);
  }

  async #connectOptions(): Promise<ConnectOptions> {
    await this.#commitEpoch();
    const { credential, agent } = this.#options.context.identity;
    return {
      // Brokers bind the client id to the user, so that nobody can push another's connection out.
      clientId: credential?.username ?? agent,
      will: willOf(this.#options.context, this.#epoch),
      ...(credential ?? {}),
    };
  }

  /** A birth whose epoch is not durable could be taken for a clone's: without a disk to write on there is no connection. */
  async #commitEpoch(): Promise<void> {
    const { clock, log } = this.#options.context;
    while (!this.#isClosing) {
      try {
        this.#epoch = this.#options.marks.nextConnection();
        return;
      } catch (error) {
        log.error({ reason: String(error) }, 'cannot write the connection epoch, trying again');
        await new Promise<void>((resolve) => clock.after(EPOCH_RETRY_MS, resolve));
      }
    }
  }

  async #setUp(via: BrokerConnection): Promise<void> {
    const { context, broker, pump, tails, collector } = this.#options;
    const { agent } = context.identity;
    const topics = this.#topics;
    this.#connection = via;
    this.#subscribed = new Set();
    context.log.info({ broker: broker.describe(), epoch: this.#epoch }, 'connected');
    this.#tell('connected', null, null);
    const exact = [
      topics.ack(agent, collector()),
      topics.command(agent),
      this.#nextTrust(),
      topics.hello(),
      ...this.#documentTopics(context.store.documents.heads()),
    ];
    if (!(await this.#subscribe(via, exact))) {
      await via.close();
      return;
    }
    // Some brokers refuse a wildcard, some give no retained messages for one: then the ack's heads name the documents.
    await this.#subscribe(via, [topics.documents(agent)]);
    // Only for who wants to look on: a broker that refuses it takes nothing else away.
    await this.#subscribe(via, [topics.watch(agent)]);
    if (this.#connection !== via) return;
    this.#announce(via);
    tails.start((payload) => via.publish({ topic: topics.tail(agent), payload, retain: false }));
    const fill = topics.fill(agent, collector());
    pump.start((payload, as) =>
      via.publish({ topic: as === 'fill' ? fill : topics.events(agent), payload, retain: false }),
    );
  }

  #down(reason: string, retryMs: number): void {
    this.#connection = undefined;
    this.#options.pump.stop();
    this.#options.tails.stop();
    this.#statusTimer?.cancel();
    this.#statusTimer = undefined;
    this.#options.context.log.info({ reason, retryMs }, 'no connection');
    this.#tell('down', reason, retryMs);
  }

  #tell(state: LinkState['state'], reason: string | null, retryMs: number | null): void {
    const { broker, onState } = this.#options;
    onState({ state, broker: broker.describe(), reason, retryMs });
  }

  /** True when the broker took all that this connection had not asked for before. */
  async #subscribe(via: BrokerConnection, filters: readonly string[]): Promise<boolean> {
    const missing = filters.filter((filter) => !this.#subscribed.has(filter));
    if (missing.length === 0) return true;
    for (const filter of missing) this.#subscribed.add(filter);
    const result = await via.subscribe(missing);
    if (result.ok || this.#connection !== via) return result.ok;
    this.#options.context.log.warn({ code: result.fault.code }, describeFault(result.fault));
    return false;
  }

  async #publish(via: BrokerConnection, message: BrokerMessage): Promise<void> {
    const result = await via.publish(message);
    if (result.ok) return;
    const { log } = this.#options.context;
    log.debug({ code: result.fault.code, topic: message.topic }, 'not published');
  }

  #announce(via: BrokerConnection): void {
    const { context, machine } = this.#options;
    void this.#publish(via, birthOf(context, machine, this.#epoch, context.clock.now()));
    this.#status = { fingerprint: '', atMs: Number.NEGATIVE_INFINITY };
    this.#publishStatus(via);
  }

  #publishStatus(via: BrokerConnection): void {
    const { context, scheduler, machine, refused } = this.#options;
    const parts = {
      refused: refused(),
      scheduler: scheduler.status(),
      clock: machine.clockState(),
    };
    const heads = context.store.documents.heads();
    const told = [parts.refused, parts.scheduler.paused, heads, parts.clock];
    const fingerprint = JSON.stringify(told);
    const now = context.clock.now();
    const isFresh = now.monoMs - this.#status.atMs < STATUS_REFRESH_MS;
    if (fingerprint === this.#status.fingerprint && isFresh) return;
    this.#status = { fingerprint, atMs: now.monoMs };
    void this.#publish(via, statusOf(context, parts, now));
  }

  /** Anybody may ask, so the answer is rare and jittered. */
  #answerHello(): void {
    const { clock, random } = this.#options.context;
    const { monoMs } = clock.now();
    if (monoMs - this.#helloAtMs < HELLO_PAUSE_MS) return;
    this.#helloAtMs = monoMs;
    clock.after(random.unit() * HELLO_JITTER_MS, () => {
      if (this.#connection) this.#announce(this.#connection);
    });
  }

  #nextTrust(): string {
    return this.#topics.trust(this.#options.trustVersion() + 1);
  }

  #documentTopics(heads: readonly DocumentHead[]): readonly string[] {
    const { agent } = this.#options.context.identity;
    return heads.flatMap(({ kind, name }) =>
      kind === 'trust' ? [] : [this.#topics.document(agent, kind, name)],
    );
  }
}
