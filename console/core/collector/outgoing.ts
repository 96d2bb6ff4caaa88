// Publishing what no broker has taken yet: trust versions in order, then each machine's newest documents.
import type { ConsoleStore } from '#console/core/ports.ts';
import type { BrokerConnection } from '#shared/protocol/broker.ts';
import type { CollectorContext } from './context.ts';
import { inParallel } from './parallel.ts';

const PAGE = 512;

export interface Outgoing {
  /** Sends everything that waits; resolves when nothing does, or the connection failed. */
  readonly flush: () => Promise<void>;
  /** Resolves when nothing is under way any more. */
  readonly settled: () => Promise<void>;
  readonly connect: (connection: BrokerConnection | undefined) => void;
}

/** `onSent` hears of machines whose documents went out: their acks have to name the new heads. */
export function openOutgoing(
  context: Pick<CollectorContext, 'store' | 'topics' | 'clock'>,
  onSent: (agentIds: readonly number[]) => void,
): Outgoing {
  let connection: BrokerConnection | undefined;
  let running: Promise<void> | undefined;
  let again = false;
  const flush = (): Promise<void> => {
    if (running) {
      again = true;
      return running;
    }
    running = (async () => {
      try {
        do {
          again = false;
          if (connection) await sendAll(context, connection, onSent);
        } while (again && connection);
      } finally {
        running = undefined;
      }
    })();
    return running;
  };
  return {
    flush,
    settled: async () => running,
    connect: (next) => {
      connection = next;
    },
  };
}

async function sendAll(
  context: Pick<CollectorContext, 'store' | 'topics' | 'clock'>,
  connection: BrokerConnection,
  onSent: (agentIds: readonly number[]) => void,
): Promise<void> {
  const { store, topics, clock } = context;
  const trust = await sendTrust(context, connection);
  if (trust.sent > 0) onSent(store.agents.list().map(({ id }) => id));
  if (!trust.all) return;
  for (;;) {
    const page = store.documents.unsent(PAGE);
    if (page.length === 0) return;
    const sent: (typeof page)[number][] = [];
    await inParallel(page, async (item) => {
      const topic = topics.document(item.agent, item.kind, item.name);
      const result = await connection.publish({ topic, payload: item.envelope, retain: true });
      if (result.ok) sent.push(item);
    });
    const sentAt = clock.now().wallAt;
    store.transaction(() => {
      for (const item of sent) store.documents.markSent(item, sentAt);
    });
    onSent(sent.map(({ agentId }) => agentId));
    // A page that did not get through whole ends the round: the next connection tries again.
    if (sent.length < page.length) return;
  }
}

async function sendTrust(
  {
    store,
    topics,
    clock,
  }: { readonly store: ConsoleStore } & Pick<CollectorContext, 'topics' | 'clock'>,
  connection: BrokerConnection,
): Promise<{ readonly sent: number; readonly all: boolean }> {
  let sent = 0;
  for (const { id, head, envelope } of store.documents.unsentTrust()) {
    const topic = topics.trust(head.revision);
    const result = await connection.publish({ topic, payload: envelope, retain: true });
    if (!result.ok) return { sent, all: false };
    store.documents.markTrustSent(id, clock.now().wallAt);
    sent += 1;
  }
  return { sent, all: true };
}
