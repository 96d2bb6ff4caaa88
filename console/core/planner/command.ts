// A command for one live machine: bound to its session and to that session's own clock.
import { randomBytes } from 'node:crypto';
import { resolveSchedule } from '#console/core/fleet/names.ts';
import type { AgentRecord } from '#console/core/ports.ts';
import type { PreparedDocument } from '#console/views.ts';
import { formatInstant, scheduleKey } from '#shared/ids.ts';
import { err, ok, type Result } from '#shared/result.ts';
import { isProtected } from '#shared/trust/authorize.ts';
import type { CommandDocument } from '#shared/trust/documents.ts';
import { encodePayload } from '#shared/trust/envelope.ts';
import { preparedOf } from './build.ts';
import type { PlanContext } from './context.ts';
import { scheduleOf } from './current.ts';

type Verb =
  | { readonly verb: 'run'; readonly schedule: string }
  | { readonly verb: 'cancel'; readonly run: string }
  | { readonly verb: 'pause' | 'resume'; readonly schedule: string | null };

/** Faults: AGENT_UNKNOWN, AGENT_REVOKED, AGENT_OFFLINE, SCHEDULE_UNKNOWN, AMBIGUOUS, RUN_UNKNOWN, RUN_OVER. */
export function prepareCommand(
  context: PlanContext,
  asked: { readonly agent: string; readonly command: Verb; readonly ttlMs: number },
): Result<PreparedDocument> {
  const { store, fleet, trust, nowAt } = context;
  const agent = store.agents.byName(asked.agent);
  if (!agent) return unknownAgent(asked.agent);
  const live = liveHello(agent);
  if (!live.ok) return live;
  const command = resolve(context, agent, asked.command);
  if (!command.ok) return command;
  const { session, monoMs, receivedAt } = live.value;
  const document: CommandDocument = {
    kind: 'command',
    fleet,
    agent: agent.agent,
    session,
    nonce: randomBytes(16).toString('hex'),
    notAfterMs: Math.round(monoMs + Math.max(0, nowAt - receivedAt) + asked.ttlMs),
    issuedAt: formatInstant(nowAt),
    command: command.value,
  };
  const { thresholds } = trust.document;
  const guarded = isProtected(trust.document, agent.labels);
  const persons = Math.max(thresholds.command, guarded ? thresholds.protected : 1);
  return ok(preparedOf('command', encodePayload<'command'>(document), persons));
}

export const unknownAgent = (agent: string) =>
  err('AGENT_UNKNOWN', `no machine '${agent}' is enrolled`, { hint: '`muster agents` lists them' });

function liveHello(agent: AgentRecord) {
  const { hello, helloAt, online, revoked } = agent;
  if (revoked) return err('AGENT_REVOKED', `${agent.agent} is revoked`);
  if (!hello || helloAt === null || online !== true) {
    return err('AGENT_OFFLINE', `${agent.agent} is not connected now`, {
      hint: 'commands are for live machines; what may wait is a schedule: change it and apply',
    });
  }
  return ok({ session: hello.session, monoMs: hello.monoMs, receivedAt: helloAt });
}

function resolve(
  { store }: PlanContext,
  agent: AgentRecord,
  command: Verb,
): Result<CommandDocument['command']> {
  if (command.verb === 'cancel') {
    const run = store.accounts.findRun(command.run);
    if (run === 'many') {
      return err('AMBIGUOUS', `several runs begin with ${command.run}`, {
        hint: 'give more of it',
      });
    }
    if (!run || run.agent !== agent.agent) {
      return err('RUN_UNKNOWN', `${agent.agent} has reported no run ${command.run}`, {
        hint: '`muster runs` lists them',
      });
    }
    if (run.state !== 'running' && run.state !== 'starting' && run.state !== 'retrying') {
      return err('RUN_OVER', `run ${run.run} is over: ${run.state}`);
    }
    return ok({ verb: 'cancel', run: run.run });
  }
  if (command.schedule === null) return ok({ verb: command.verb as 'pause', schedule: null });
  const key = resolveSchedule(command.schedule, schedulesOf(store, agent.id));
  return key.ok ? ok({ verb: command.verb, schedule: key.value }) : key;
}

/** Keys of all schedules a machine should have. */
export function schedulesOf(store: PlanContext['store'], agentId: number): readonly string[] {
  return store.documents.desired(agentId).flatMap(({ kind, name, docId }) => {
    const document = kind === 'schedule' ? store.documents.byDocId(docId) : undefined;
    if (!document) return [];
    return scheduleOf(document).schedules.map(({ id }) => scheduleKey(name, id));
  });
}
