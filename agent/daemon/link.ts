// The connection's life: epoch before CONNECT, one SUBSCRIBE, birth, status, then reports; again after every end.
import type { SchedulerControl } from '#agent/ports.ts';
import type { KeepConnectedOptions, KeptConnection } from '#shared/node/keep-connected.ts';
import type { Broker, BrokerConnection, BrokerMessage } from '#shared/protocol/broker.ts';
import { topicsOf } from '#shared/protocol/topics.ts';
import { describeFault } from '#shared/result.ts';
import type { DocumentHead, StatusDocument } from '#shared/trust/documents.ts';
import type { Context, Machine } from './context.ts';
import type { Marks } from './marks.ts';
import { birthOf, statusOf, willOf } from './presence.ts';
import type { ReportPump } from './report.ts';

export interface LinkOptions {
  readonly context: Context;
  readonly machine: Machine;
  readonly marks: Marks;
  readonly broker: Broker;
  readonly keepConnected: (options: KeepConnectedOptions) => KeptConnection;
  readonly pump: ReportPump;
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

export function openLink(options: LinkOptions): Link {
  const { context, machine, marks, broker, pump, scheduler } = options;
  const { identity, clock, log, random } = context;
  const topics = topicsOf(identity.fleet);
  let connection: BrokerConnection | undefined;
  let epoch = 0;
  let subscribed = new Set<string>();
  let status = { fingerprint: '', atMs: Number.NEGATIVE_INFINITY };
  let statusTimer: { readonly cancel: () => void } | undefined;
  let helloAtMs = Number.NEGATIVE_INFINITY;
  let isClosing = false;

  const subscribe = async (via: BrokerConnection, filters: readonly string[]): Promise<boolean> => {
    const missing = filters.filter((filter) => !subscribed.has(filter));
    if (missing.length === 0) return true;
    for (const filter of missing) subscribed.add(filter);
    const result = await via.subscribe(missing);
    if (result.ok || connection !== via) return result.ok;
    log.warn({ fault: result.fault }, describeFault(result.fault));
    return false;
  };

  const publish = async (via: BrokerConnection, message: BrokerMessage): Promise<void> => {
    const result = await via.publish(message);
    if (!result.ok) log.debug({ fault: result.fault, topic: message.topic }, 'not published');
  };

  const publishStatus = (via: BrokerConnection): void => {
    const parts = {
      refused: options.refused(),
      scheduler: scheduler.status(),
      clock: machine.clockState(),
    };
    const { paused } = parts.scheduler;
    const heads = context.store.documents.heads();
    const fingerprint = JSON.stringify([parts.refused, paused, heads, parts.clock]);
    const { monoMs } = clock.now();
    if (fingerprint === status.fingerprint && monoMs - status.atMs < STATUS_REFRESH_MS) return;
    status = { fingerprint, atMs: monoMs };
    void publish(via, statusOf(context, parts, clock.now()));
  };

  const touchStatus = (): void => {
    if (statusTimer || !connection) return;
    statusTimer = clock.after(STATUS_DEBOUNCE_MS, () => {
      statusTimer = undefined;
      if (connection) publishStatus(connection);
    });
  };

  const announce = (via: BrokerConnection): void => {
    void publish(via, birthOf(context, machine, epoch, clock.now()));
    status = { fingerprint: '', atMs: Number.NEGATIVE_INFINITY };
    publishStatus(via);
  };

  const setUp = async (via: BrokerConnection): Promise<void> => {
    connection = via;
    subscribed = new Set();
    log.info({ broker: broker.describe(), epoch }, 'connected');
    options.onState({ state: 'connected', broker: broker.describe(), reason: null, retryMs: null });
    const { agent } = identity;
    const named = context.store.documents
      .heads()
      .flatMap((head) =>
        head.kind === 'trust' ? [] : [topics.document(agent, head.kind, head.name)],
      );
    const exact = [
      topics.ack(agent, options.collector()),
      topics.command(agent),
      topics.trust(options.trustVersion() + 1),
      topics.hello(),
    ];
    if (!(await subscribe(via, [...exact, ...named]))) {
      await via.close();
      return;
    }
    // Some brokers refuse a wildcard, some give no retained messages for one: then the ack's heads name the documents.
    await subscribe(via, [topics.documents(agent)]);
    if (connection !== via) return;
    announce(via);
    const fill = topics.fill(agent, options.collector());
    pump.start((payload, as) =>
      via.publish({ topic: as === 'fill' ? fill : topics.events(agent), payload, retain: false }),
    );
  };

  const down = (reason: string, retryMs: number): void => {
    connection = undefined;
    pump.stop();
    statusTimer?.cancel();
    statusTimer = undefined;
    log.info({ reason, retryMs }, 'no connection');
    options.onState({ state: 'down', broker: broker.describe(), reason, retryMs });
  };

  /** Anybody may ask, so the answer is rare and jittered. */
  const answerHello = (): void => {
    const { monoMs } = clock.now();
    if (monoMs - helloAtMs < HELLO_PAUSE_MS) return;
    helloAtMs = monoMs;
    clock.after(random.unit() * HELLO_JITTER_MS, () => {
      if (connection) announce(connection);
    });
  };

  /** A birth whose epoch is not durable could be taken for a clone's: without a disk to write on there is no connection. */
  const commitEpoch = async (): Promise<void> => {
    while (!isClosing) {
      try {
        epoch = marks.nextConnection();
        return;
      } catch (error) {
        log.error({ reason: String(error) }, 'cannot write the connection epoch, trying again');
        await new Promise<void>((resolve) => clock.after(EPOCH_RETRY_MS, resolve));
      }
    }
  };

  const kept = options.keepConnected({
    broker,
    clock,
    random: random.unit,
    options: async () => {
      await commitEpoch();
      const { credential, agent } = identity;
      return {
        // Brokers bind the client id to the user, so that nobody can push another's connection out.
        clientId: credential?.username ?? agent,
        will: willOf(context, epoch),
        ...(credential ?? {}),
      };
    },
    onMessage: (message) => {
      if (message.topic === topics.hello()) answerHello();
      else options.onMessage(message);
    },
    onConnected: (via) => void setUp(via),
    onDown: down,
  });

  return {
    touchStatus,
    follow: (heads) => {
      if (!connection) return;
      const names = heads.flatMap((head) =>
        head.kind === 'trust' ? [] : [topics.document(identity.agent, head.kind, head.name)],
      );
      void subscribe(connection, names);
    },
    followTrust: () => {
      if (connection) void subscribe(connection, [topics.trust(options.trustVersion() + 1)]);
    },
    kick: () => kept.kick(),
    close: async () => {
      isClosing = true;
      const via = connection;
      connection = undefined;
      pump.stop();
      // The goodbye of a clean end; the will says the same if it does not get through.
      if (via) await publish(via, { ...willOf(context, epoch), retain: true });
      await kept.close();
      options.onState({ state: 'stopped', broker: broker.describe(), reason: null, retryMs: null });
    },
  };
}
