// The collector's life: one connection kept up, what comes in goes to the inbox, what is due goes out.

import type { Clock } from '#shared/clock.ts';
import { formatInstant } from '#shared/ids.ts';
import type { KeptConnection } from '#shared/node/keep-connected.ts';
import { keepConnected } from '#shared/node/keep-connected.ts';
import type { Broker, BrokerConnection, BrokerMessage } from '#shared/protocol/broker.ts';
import { describeFault, err, type Result } from '#shared/result.ts';
import { utf8 } from '#shared/trust/crypto.ts';
import { type Acks, openAcks } from './acks.ts';
import type { CollectorContext, Effects } from './context.ts';
import { enrolDesk } from './enrol-desk.ts';
import { openInbox } from './inbox.ts';
import { lookForLandmarks } from './landmarks.ts';
import { openOutgoing } from './outgoing.ts';

/** How long a broker may take to hand over the retained canary before it counts as wiped. */
const CANARY_MS = 1_500;
const GOODBYE_MS = 1_000;

export interface Collector {
  readonly link: () => LinkState;
  /** Publishes stored documents now, if there is a connection. */
  readonly flush: () => Promise<void>;
  /** Publishes a command, not retained. Fault: OFFLINE and those of publish. */
  readonly sendCommand: (agent: string, envelope: Uint8Array) => Promise<Result<void>>;
  /** Asks a machine for the output of a run that goes on; a hint, so nothing tells whether it arrived. */
  readonly watch: (agent: string, run: string, ms: number) => void;
  readonly close: () => Promise<void>;
}

export interface LinkState {
  readonly online: boolean;
  readonly sinceAt: number | null;
  readonly reason: string | null;
}

export interface CollectorOptions {
  readonly context: CollectorContext;
  readonly broker: Broker;
  readonly random: () => number;
  /** Stays the same for the life of the home: its absence at the broker shows that the broker forgot everything. */
  readonly canary: string;
  /** No broker has ever seen the canary: there is nothing to wait for. */
  readonly firstTime: boolean;
}

/** Connects at once and keeps at it until close(). */
export function openCollector(options: CollectorOptions): Collector {
  const { context, broker, random } = options;
  const { clock, collector, log, push } = context;
  let firstTime = options.firstTime;
  let connection: BrokerConnection | undefined;
  let link: LinkState = { online: false, sinceAt: null, reason: 'connecting' };
  let landmark: ((message: BrokerMessage) => boolean) | undefined;
  let closing = false;
  const acks = openAcks(context);
  const outgoing = openOutgoing(context, acks.due);
  const inbox = openInbox(context, (effects) => settle(context, acks, effects));
  const desk = enrolDesk(context, () => connection, outgoing.flush);

  const onMessage = (message: BrokerMessage): void => {
    if (!landmark?.(message) && !desk.take(message)) inbox.take(message);
  };
  const setUp = async (via: BrokerConnection): Promise<void> => {
    connection = via;
    const known = await greet(options, via, firstTime, (take) => {
      landmark = take;
    });
    if (connection !== via) return;
    if (known === undefined) {
      await via.close();
      return;
    }
    firstTime = false;
    if (!known) forgetSent(context, acks.due);
    await via.publish(stateMessage(options, true));
    if (connection !== via) return;
    link = { online: true, sinceAt: clock.now().wallAt, reason: null };
    push({ kind: 'link', online: true });
    log(`connected to ${broker.describe()}`);
    outgoing.connect(via);
    acks.connect(via);
    await outgoing.flush();
    await askEverybody(context, via);
  };
  const disconnected = (reason: string): void => {
    connection = undefined;
    outgoing.connect(undefined);
    acks.connect(undefined);
    link = { online: false, sinceAt: clock.now().wallAt, reason };
    if (closing) return;
    push({ kind: 'link', online: false });
    log(`no connection to ${broker.describe()}: ${reason}`);
  };
  const kept: KeptConnection = keepConnected({
    broker,
    clock,
    random,
    options: () => ({
      clientId: `${context.fleet}-${collector}`,
      will: stateMessage(options, false),
    }),
    onMessage,
    onConnected: (via) => {
      setUp(via).catch((error: Error) => {
        log(`connection not set up: ${error.message}`);
        void via.close();
      });
    },
    onDown: disconnected,
  });
  return {
    link: () => link,
    flush: outgoing.flush,
    sendCommand: (agent, envelope) => sendCommand(context, connection, agent, envelope),
    watch: (agent, run, ms) => {
      const payload = utf8(JSON.stringify({ run, ms }));
      const topic = context.topics.watch(agent);
      void connection?.publish({ topic, payload, retain: false });
    },
    close: async () => {
      closing = true;
      await inbox.drained();
      await briefly(clock, desk.drained());
      if (connection) await briefly(clock, connection.publish(stateMessage(options, false)));
      acks.close();
      await kept.close();
      await outgoing.settled();
      disconnected('closed');
    },
  };
}

async function sendCommand(
  { topics }: CollectorContext,
  connection: BrokerConnection | undefined,
  agent: string,
  envelope: Uint8Array,
): Promise<Result<void>> {
  if (connection) {
    return connection.publish({ topic: topics.command(agent), payload: envelope, retain: false });
  }
  return err('OFFLINE', 'the console has no connection to the broker now', {
    hint: 'commands are sent at once or not at all: try again when it is back',
  });
}

/** Machines answer with a fresh hello: not every broker hands out what it retained to a wildcard. */
async function askEverybody({ topics }: CollectorContext, via: BrokerConnection): Promise<void> {
  await via.publish({ topic: topics.hello(), payload: utf8('{}'), retain: false });
}

const stateMessage = ({ context, canary }: CollectorOptions, online: boolean): BrokerMessage => {
  const { topics, collector, clock } = context;
  const at = formatInstant(clock.now().wallAt);
  return {
    topic: topics.collector(collector),
    payload: utf8(JSON.stringify({ collector, online, at, canary })),
    retain: true,
  };
};

/** Subscribes and looks for landmarks: true when the broker knows us, false when it forgot, undefined when it refuses. */
async function greet(
  { context, canary }: CollectorOptions,
  via: BrokerConnection,
  firstTime: boolean,
  onMessages: (take: (message: BrokerMessage) => boolean) => void,
): Promise<boolean | undefined> {
  const { store, topics, collector, clock, log } = context;
  // Machines may have come and gone meanwhile; those that are there say so again, or their retained birth does.
  store.agents.forgetPresence();
  const version = context.trust()?.document.version;
  const others = version === undefined ? [] : [topics.trust(version)];
  const marks = lookForLandmarks(topics.collector(collector), canary, others);
  onMessages(marks.take);
  const timer = clock.after(CANARY_MS, marks.giveUp);
  void via.closed.then(marks.giveUp);
  const subscribed = await via.subscribe([
    ...marks.topics,
    topics.state('+'),
    topics.status('+'),
    topics.events('+'),
    topics.fill('+', collector),
    topics.tail('+'),
    topics.enrolRequest('+'),
  ]);
  if (!subscribed.ok) log(describeFault(subscribed.fault));
  const known = subscribed.ok ? firstTime || (await marks.found) : undefined;
  timer.cancel();
  return known;
}

/** After a wiped broker: all documents go out again, and an ack to everybody. */
function forgetSent({ store, log }: CollectorContext, due: (agentIds: number[]) => void): void {
  log('the broker has no canary of this collector: publishing everything again');
  store.transaction(() => store.documents.forgetSent());
  due(store.agents.list().map(({ id }) => id));
}

/** A goodbye is a courtesy: a link that hangs must not hold up the end. */
async function briefly(clock: Clock, work: Promise<unknown>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = clock.after(GOODBYE_MS, resolve);
  await Promise.race([work, promise]);
  timer.cancel();
}

/** More than this is told as `something`. */
const MAX_NAMED_RUNS = 200;

/** After the commit: acks become due, and whoever listens hears of it. */
function settle({ push }: CollectorContext, acks: Acks, effects: Effects): void {
  const { agents, runs, runIds, want, ack } = effects;
  for (const [agentId, range] of want) acks.want(agentId, range);
  acks.due(ack);
  if (agents.size > 0) push({ kind: 'agents', agents: [...agents] });
  if (runs.size === 0) return;
  const named = runIds.size > MAX_NAMED_RUNS ? {} : { runs: [...runIds] };
  push({ kind: 'runs', agents: [...runs], ...named });
}
