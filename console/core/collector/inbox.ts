// Messages as they come, taken in groups: one transaction a group, its effects only after the commit.
import type { BrokerMessage } from '#shared/protocol/broker.ts';
import { parseUpTopic } from '#shared/protocol/topics.ts';
import { type CollectorContext, type Effects, noEffects } from './context.ts';
import { takeReport } from './ingest.ts';
import { takeState, takeStatus, takeTail } from './presence.ts';

const GROUP = 256;
/** Beyond this, reports are dropped unread: they are still in the machines' logs, which send them again. */
const MAX_WAITING_BYTES = 64 * 1_048_576;

export interface Inbox {
  /** Synchronous and quick: only puts the message in the queue. */
  readonly take: (message: BrokerMessage) => void;
  /** Resolves when everything taken so far is committed. */
  readonly drained: () => Promise<void>;
}

/** `onCommitted` hears what each group changed. */
export function openInbox(
  context: CollectorContext,
  onCommitted: (effects: Effects) => void,
): Inbox {
  let waiting: BrokerMessage[] = [];
  let waitingBytes = 0;
  let scheduled: Promise<void> | undefined;

  const run = (): void => {
    while (waiting.length > 0) {
      const group = waiting.slice(0, GROUP);
      waiting = waiting.slice(GROUP);
      for (const { payload } of group) waitingBytes -= payload.byteLength;
      onCommitted(commitGroup(context, group));
    }
    scheduled = undefined;
  };
  return {
    take: (message) => {
      if (waitingBytes > MAX_WAITING_BYTES) return;
      waiting.push(message);
      waitingBytes += message.payload.byteLength;
      // Everything that arrives in one turn of the loop shares one commit.
      scheduled ??= new Promise((resolve) => {
        setImmediate(() => {
          run();
          resolve();
        });
      });
    },
    drained: () => scheduled ?? Promise.resolve(),
  };
}

/** One transaction for all; when one message breaks it, each gets its own and the culprit is left out. */
function commitGroup(context: CollectorContext, group: readonly BrokerMessage[]): Effects {
  const { store, log } = context;
  try {
    const effects = noEffects();
    store.transaction(() => {
      for (const message of group) take(context, message, effects);
    });
    return effects;
  } catch (error) {
    if (group.length === 1) {
      log(`message on ${group[0]?.topic} not taken: ${(error as Error).message}`);
      return noEffects();
    }
  }
  const all = noEffects();
  for (const message of group) {
    const { ack, agents, runs, runIds, want } = commitGroup(context, [message]);
    for (const id of ack) all.ack.add(id);
    for (const name of agents) all.agents.add(name);
    for (const name of runs) all.runs.add(name);
    for (const run of runIds) all.runIds.add(run);
    for (const [id, range] of want) all.want.set(id, range);
  }
  return all;
}

function take(context: CollectorContext, message: BrokerMessage, effects: Effects): void {
  const { topic, payload, retain } = message;
  const parsed = parseUpTopic(context.fleet, topic);
  // Unknown names are nobody's: they leave no trace, so that junk cannot fill the disk.
  const agent = parsed && context.store.agents.byName(parsed.agent);
  if (!agent) return;
  if (parsed.leaf === 'ev' || parsed.leaf === `fill/${context.collector}`) {
    takeReport(context, agent, payload, effects);
  } else if (parsed.leaf === 'state') takeState(context, agent, payload, retain, effects);
  else if (parsed.leaf === 'rep') takeStatus(context, agent, payload, retain, effects);
  else if (parsed.leaf === 'tail') takeTail(context, agent, payload);
}
