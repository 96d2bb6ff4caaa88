// Births, deaths and status reports. Presence is a hint: only the signed hello inside a birth is believed, and only as words.
import type { AgentRecord } from '#console/core/ports.ts';
import { stateMessageSchema } from '#shared/protocol/messages.ts';
import { utf8 } from '#shared/trust/crypto.ts';
import type { HelloDocument } from '#shared/trust/documents.ts';
import { parseStrictJson } from '#shared/trust/strict-json.ts';
import { verifyHello, verifyStatus, verifyTail } from '#shared/trust/verify-up.ts';
import type { CollectorContext, Effects } from './context.ts';

const MAX_STATE_BYTES = 32_768;

/** up/state. `retained`: kept by the broker from before, so nobody knows how old it is. Inside the group's transaction. */
export function takeState(
  context: CollectorContext,
  agent: AgentRecord,
  payload: Uint8Array,
  retained: boolean,
  effects: Effects,
): void {
  const json = parseStrictJson(payload, { maxBytes: MAX_STATE_BYTES });
  const message = json.ok ? stateMessageSchema.safeParse(json.value) : undefined;
  if (!message?.success) return;
  if (!message.data.online) {
    // A will that was delivered late, or by a clone's takeover, must not undo a newer birth.
    if (message.data.epoch < agent.birthEpoch) return;
    context.store.agents.setPresence(agent.id, message.data.epoch, false);
    effects.agents.add(agent.agent);
    return;
  }
  const bytes = utf8(JSON.stringify(message.data.hello));
  const opened = verifyHello(bytes, agent.device, context.crypto);
  if (!opened.ok) {
    raise(context, agent, opened.fault.code, opened.fault.message);
    return;
  }
  takeHello(context, agent, opened.value.payload, retained, effects);
}

function takeHello(
  context: CollectorContext,
  agent: AgentRecord,
  hello: HelloDocument,
  retained: boolean,
  effects: Effects,
): void {
  const { store, clock } = context;
  if (hello.epoch < agent.birthEpoch) {
    const other = agent.hello?.session !== hello.session;
    if (!retained && other) {
      raise(context, agent, 'CLONE_OR_FORK', `connection ${hello.epoch} after ${agent.birthEpoch}`);
    }
    return;
  }
  if (agent.binding !== null && agent.binding !== hello.binding) {
    raise(context, agent, 'CLONE_OR_FORK', 'the machine is not the one that was enrolled');
  }
  // A hello found retained says nothing about how its session's clock stands now; one heard live before does.
  const heard = agent.hello?.session === hello.session && agent.helloAt !== null;
  if (!retained) store.agents.setHello(agent.id, hello, clock.now().wallAt);
  else if (!heard) store.agents.setHello(agent.id, hello, null);
  store.agents.setPresence(agent.id, hello.epoch, true);
  effects.agents.add(agent.agent);
  // The echo of its session tells the machine that this collector hears it.
  if (agent.hello?.session !== hello.session || !retained) effects.ack.add(agent.id);
}

/** up/rep: what the machine has applied and refused. Inside the group's transaction. */
export function takeStatus(
  context: CollectorContext,
  agent: AgentRecord,
  payload: Uint8Array,
  retained: boolean,
  effects: Effects,
): void {
  const opened = verifyStatus(payload, agent.device, context.crypto);
  if (!opened.ok) {
    raise(context, agent, opened.fault.code, opened.fault.message);
    return;
  }
  const status = opened.value.payload;
  const known = agent.status;
  const older =
    known !== null &&
    (status.incarnation < known.incarnation ||
      (status.incarnation === known.incarnation && status.seq < known.seq));
  // A broker may replay: what is older than what is known is no news, unless the machine says it right now.
  if (older && retained) return;
  context.store.agents.setStatus(agent.id, status, context.clock.now().wallAt);
  effects.agents.add(agent.agent);
}

/** up/tail: nothing of it is stored, so a forged one needs no record either. */
export function takeTail(
  { crypto, onTail }: CollectorContext,
  agent: AgentRecord,
  payload: Uint8Array,
): void {
  const opened = verifyTail(payload, agent.device, crypto);
  if (opened.ok) onTail(opened.value.payload);
}

export function raise(
  { store, clock, log }: CollectorContext,
  agent: AgentRecord,
  code: string,
  detail: string,
): void {
  const times = store.alarms.raise(agent.id, code, detail, clock.now().wallAt);
  // Anybody at the broker can send junk as fast as it goes: the 1st, 10th, 100th … of a kind have a line.
  if (/^10*$/.test(String(times))) {
    log(`${agent.agent}: ${code} ${detail}${times === 1 ? '' : ` (${times} times)`}`);
  }
}
