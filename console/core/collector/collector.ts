// The collector's life: one connection kept up, what comes in goes to the inbox, what is due goes out.

import type { Clock } from '#shared/clock.ts';
import { formatInstant } from '#shared/ids.ts';
import type { KeptConnection } from '#shared/node/keep-connected.ts';
import { keepConnected } from '#shared/node/keep-connected.ts';
import type { Broker, BrokerConnection, BrokerMessage } from '#shared/protocol/broker.ts';
import { collectorMessageSchema } from '#shared/protocol/messages.ts';
import { describeFault, err, type Result } from '#shared/result.ts';
import { utf8 } from '#shared/trust/crypto.ts';
import { parseStrictJson } from '#shared/trust/strict-json.ts';
import { openAcks } from './acks.ts';
import type { CollectorContext, Effects } from './context.ts';
import { answerEnrol } from './enrol.ts';
import { openInbox } from './inbox.ts';
import { openOutgoing } from './outgoing.ts';

/** How long a broker may take to hand over the retained canary before it counts as wiped. */
const CANARY_MS = 1_500;
const MAX_ENROL_WAITING = 100;
const GOODBYE_MS = 1_000;

export interface Collector {
  readonly link: () => LinkState;
  /** Publishes stored documents now, if there is a connection. */
  readonly flush: () => Promise<void>;
  /** Publishes a command, not retained. Fault: OFFLINE and those of publish. */
  readonly sendCommand: (agent: string, envelope: Uint8Array) => Promise<Result<void>>;
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

export function openCollector(options: CollectorOptions): Collector {
  const { context, broker, random, canary } = options;
  const { topics, clock, store, collector, log, push } = context;
  let firstTime = options.firstTime;
  let connection: BrokerConnection | undefined;
  let link: LinkState = { online: false, sinceAt: null, reason: 'connecting' };
  let landmark: ((message: BrokerMessage) => boolean) | undefined;
  let closing = false;
  const acks = openAcks(context);
  const outgoing = openOutgoing(context, acks.due);
  const inbox = openInbox(context, (effects) => {
    for (const [agentId, want] of effects.want) acks.want(agentId, want);
    acks.due(effects.ack);
    announce(context, effects);
  });
  const desk = enrolDesk(context, () => connection, outgoing.flush);

  const stateMessage = (online: boolean): BrokerMessage => ({
    topic: topics.collector(collector),
    payload: utf8(
      JSON.stringify({ collector, online, at: formatInstant(clock.now().wallAt), canary }),
    ),
    retain: true,
  });
  const onMessage = (message: BrokerMessage): void => {
    if (!landmark?.(message) && !desk.take(message)) inbox.take(message);
  };
  const setUp = async (via: BrokerConnection): Promise<void> => {
    // Machines may have come and gone meanwhile; those that are there say so again, or their retained birth does.
    store.agents.forgetPresence();
    const version = context.trust()?.document.version;
    const marks = lookForLandmarks(topics.collector(collector), canary, [
      ...(version === undefined ? [] : [topics.trust(version)]),
    ]);
    landmark = marks.take;
    const timer = clock.after(CANARY_MS, marks.giveUp);
    const subscribed = await via.subscribe([
      ...marks.topics,
      topics.state('+'),
      topics.status('+'),
      topics.events('+'),
      topics.fill('+', collector),
      topics.enrolRequest('+'),
    ]);
    if (!subscribed.ok) {
      timer.cancel();
      log(describeFault(subscribed.fault));
      await via.close();
      return;
    }
    void via.closed.then(marks.giveUp);
    connection = via;
    const known = firstTime || (await marks.found);
    timer.cancel();
    if (connection !== via) return;
    firstTime = false;
    if (!known) republishAll();
    await via.publish(stateMessage(true));
    if (connection !== via) return;
    link = { online: true, sinceAt: clock.now().wallAt, reason: null };
    push({ kind: 'link', online: true });
    log(`connected to ${broker.describe()}`);
    outgoing.connect(via);
    acks.connect(via);
    await outgoing.flush();
    await via.publish({ topic: topics.hello(), payload: utf8('{}'), retain: false });
  };
  const republishAll = (): void => {
    log('the broker has no canary of this collector: publishing everything again');
    store.transaction(() => store.documents.forgetSent());
    acks.due(store.agents.list().map(({ id }) => id));
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
    options: () => ({ clientId: `${context.fleet}-${collector}`, will: stateMessage(false) }),
    onMessage,
    onConnected: (via) => void setUp(via),
    onDown: disconnected,
  });
  return {
    link: () => link,
    flush: outgoing.flush,
    sendCommand: async (agent, envelope) => {
      if (!connection) {
        return err('OFFLINE', 'the console has no connection to the broker now', {
          hint: link.reason ?? 'try again',
        });
      }
      const topic = topics.command(agent);
      return connection.publish({ topic, payload: envelope, retain: false });
    },
    close: async () => {
      closing = true;
      await inbox.drained();
      await desk.drained();
      if (connection) await briefly(clock, connection.publish(stateMessage(false)));
      acks.close();
      await kept.close();
      disconnected('closed');
    },
  };
}

/** A goodbye is a courtesy: a link that hangs must not hold up the end. */
async function briefly(clock: Clock, work: Promise<unknown>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = clock.after(GOODBYE_MS, resolve);
  await Promise.race([work, promise]);
  timer.cancel();
}

/**
 * Retained messages that a broker which forgot nothing still has: the canary, and the newest trust, which no will of
 * ours can bring back.
 */
function lookForLandmarks(state: string, canary: string, others: readonly string[]) {
  const missing = new Set([state, ...others]);
  const { promise: found, resolve } = Promise.withResolvers<boolean>();
  return {
    topics: [...missing],
    found,
    giveUp: () => resolve(false),
    /** True when the message was one of them, also when it comes again later. */
    take: ({ topic, payload }: BrokerMessage): boolean => {
      if (topic !== state && !others.includes(topic)) return false;
      if (topic !== state || isCanary(payload, canary)) missing.delete(topic);
      if (missing.size === 0) resolve(true);
      return true;
    },
  };
}

function isCanary(payload: Uint8Array, canary: string): boolean {
  const json = parseStrictJson(payload, { maxBytes: 4_096 });
  const message = json.ok ? collectorMessageSchema.safeParse(json.value).data : undefined;
  return message?.canary === canary;
}

function announce({ push }: CollectorContext, { agents, runs }: Effects): void {
  if (agents.size > 0) push({ kind: 'agents', agents: [...agents] });
  if (runs.size > 0) push({ kind: 'runs', agents: [...runs] });
}

/** Requests to enrol, one after the other: two machines must not get one name. */
function enrolDesk(
  context: CollectorContext,
  connection: () => BrokerConnection | undefined,
  flush: () => Promise<void>,
) {
  const { fleet, topics, log, push } = context;
  const topicPattern = new RegExp(`^muster1/${fleet}/enrol/([^/]+)/req$`);
  let line = Promise.resolve();
  let waiting = 0;
  const serve = async (token: string, payload: Uint8Array): Promise<void> => {
    try {
      const answer = await answerEnrol(context, token, payload);
      if (!answer) return;
      const topic = topics.enrolResponse(token);
      await connection()?.publish({ topic, payload: utf8(JSON.stringify(answer)), retain: false });
      if ('code' in answer) return;
      push({ kind: 'agents', agents: [answer.agent] });
      await flush();
    } catch (error) {
      log(`a request to enrol failed: ${(error as Error).message}`);
    } finally {
      waiting -= 1;
    }
  };
  return {
    /** True when the message was a request to enrol. */
    take: ({ topic, payload }: BrokerMessage): boolean => {
      const token = topicPattern.exec(topic)?.[1];
      if (token === undefined) return false;
      if (waiting >= MAX_ENROL_WAITING) return true;
      waiting += 1;
      line = line.then(() => serve(token, payload));
      return true;
    },
    drained: () => line,
  };
}
