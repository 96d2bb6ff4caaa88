// Acks: after the commit, soon but not at once, retained, with the machine's own receipt and its newest heads.
import type { AgentRecord } from '#console/core/ports.ts';
import { formatInstant } from '#shared/ids.ts';
import type { BrokerConnection } from '#shared/protocol/broker.ts';
import type { AckDocument, DocumentHead } from '#shared/trust/documents.ts';
import { sealEnvelope } from '#shared/trust/envelope.ts';
import type { CollectorContext, Want } from './context.ts';
import { inParallel } from './parallel.ts';

/** One ack answers all batches that come within it. */
const LINGER_MS = 120;
const MAX_HEADS = 256;

export interface Acks {
  readonly due: (agentIds: Iterable<number>) => void;
  readonly want: (agentId: number, want: Want | null) => void;
  /** While undefined, what is due waits. */
  readonly connect: (connection: BrokerConnection | undefined) => void;
  readonly close: () => void;
}

export function openAcks(context: CollectorContext): Acks {
  const { store, clock, topics, collector } = context;
  const dirty = new Set<number>();
  const wants = new Map<number, Want>();
  let connection: BrokerConnection | undefined;
  let timer: { readonly cancel: () => void } | undefined;
  let closed = false;

  const arm = (): void => {
    if (timer || !connection || closed || dirty.size === 0) return;
    timer = clock.after(LINGER_MS, () => {
      timer = undefined;
      void flush();
    });
  };
  const flush = async (): Promise<void> => {
    const via = connection;
    if (!via) return;
    const batch = [...dirty];
    dirty.clear();
    await inParallel(batch, async (agentId) => {
      // The store may be closed by now.
      const agent = closed ? undefined : store.agents.byId(agentId);
      if (!agent) return;
      const payload = sealAck(context, agent, wants.get(agentId) ?? null);
      const topic = topics.ack(agent.agent, collector);
      const result = await via.publish({ topic, payload, retain: true });
      if (!result.ok) dirty.add(agentId);
    });
    if (connection === via) arm();
  };
  return {
    due: (agentIds) => {
      for (const agentId of agentIds) dirty.add(agentId);
      arm();
    },
    want: (agentId, want) => {
      if (want) wants.set(agentId, want);
      else wants.delete(agentId);
    },
    connect: (next) => {
      connection = next;
      arm();
    },
    close: () => {
      closed = true;
      timer?.cancel();
    },
  };
}

/** The ack as it stands now: receipt and heads are read when it is sent, so the newest is never overtaken by an older. */
export function sealAck(
  context: CollectorContext,
  agent: AgentRecord,
  want: Want | null,
): Uint8Array {
  const { store, fleet, collector, clock, relay } = context;
  const ack: AckDocument = {
    kind: 'ack',
    fleet,
    agent: agent.agent,
    collector,
    at: formatInstant(clock.now().wallAt),
    session: agent.hello?.session ?? null,
    receipt: store.log.head(agent.id)?.receipt ?? null,
    heads: [...trustHead(context), ...store.documents.desired(agent.id)].slice(0, MAX_HEADS),
    want,
  };
  return sealEnvelope('ack', ack, [relay]);
}

function trustHead({ trust }: CollectorContext): readonly DocumentHead[] {
  const current = trust();
  if (!current) return [];
  const { docId, document } = current;
  return [{ kind: 'trust', name: 'trust', docId, epoch: 0, revision: document.version }];
}
