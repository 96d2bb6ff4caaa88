// What the machine says of itself to the broker: the will, the birth with its signed hello, and the retained status.
import type { SchedulerControl } from '#agent/ports.ts';
import type { Now } from '#shared/clock.ts';
import { formatInstant } from '#shared/ids.ts';
import type { BrokerMessage, BrokerWill } from '#shared/protocol/broker.ts';
import type { StateMessage } from '#shared/protocol/messages.ts';
import { topicsOf } from '#shared/protocol/topics.ts';
import { utf8 } from '#shared/trust/crypto.ts';
import type { StatusDocument } from '#shared/trust/documents.ts';
import { sealEnvelope } from '#shared/trust/envelope.ts';
import type { Context, Machine } from './context.ts';

/** The death a broker publishes for us: only the epoch, so a late one cannot undo a newer birth. */
export function willOf({ identity }: Context, epoch: number): BrokerWill {
  const state: StateMessage = { online: false, epoch };
  return {
    topic: topicsOf(identity.fleet).state(identity.agent),
    payload: utf8(JSON.stringify(state)),
  };
}

/** The retained birth of one connection. */
export function birthOf(
  { identity, store, session, signer }: Context,
  machine: Machine,
  epoch: number,
  now: Now,
): BrokerMessage {
  const hello = sealEnvelope(
    'hello',
    {
      kind: 'hello',
      fleet: identity.fleet,
      agent: identity.agent,
      incarnation: store.log.head().incarnation,
      epoch,
      session: session.id,
      monoMs: Math.floor(now.monoMs - session.startMs),
      at: formatInstant(now.wallAt),
      bootId: machine.bootId,
      binding: identity.binding,
      facts: machine.facts,
      capabilities: [...machine.capabilities],
      policy: machine.policy(),
    },
    [signer],
  );
  const state: StateMessage = {
    online: true,
    epoch,
    hello: JSON.parse(new TextDecoder().decode(hello)),
  };
  return {
    topic: topicsOf(identity.fleet).state(identity.agent),
    payload: utf8(JSON.stringify(state)),
    retain: true,
  };
}

/** What the status schema takes; the log itself has everything. */
const MAX_HEADS = 256;
const MAX_PAUSED = 1_000;

export interface StatusParts {
  readonly refused: StatusDocument['refused'];
  readonly scheduler: ReturnType<SchedulerControl['status']>;
  readonly clock: StatusDocument['clock'];
}

/** The retained report of what is applied, refused and paused. */
export function statusOf(
  { identity, store, session, signer }: Context,
  { refused, scheduler, clock }: StatusParts,
  now: Now,
): BrokerMessage {
  const { incarnation, seq } = store.log.head();
  const { next } = scheduler;
  const payload: StatusDocument = {
    kind: 'status',
    fleet: identity.fleet,
    agent: identity.agent,
    incarnation,
    session: session.id,
    at: formatInstant(now.wallAt),
    seq,
    heads: store.documents.heads().slice(0, MAX_HEADS),
    refused,
    paused: scheduler.paused.slice(0, MAX_PAUSED),
    clock,
    running: scheduler.running,
    next: next && { schedule: next.schedule, at: formatInstant(next.at) },
  };
  return {
    topic: topicsOf(identity.fleet).status(identity.agent),
    payload: sealEnvelope('status', payload, [signer]),
    retain: true,
  };
}
