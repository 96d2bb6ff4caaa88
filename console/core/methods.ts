// Every method of ConsoleApi and who answers it. The compiler refuses a missing one.
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Push } from '#console/api.ts';
import type { CoreStatus } from '#console/views.ts';
import type { Clock } from '#shared/clock.ts';
import { formatInstant } from '#shared/ids.ts';
import { ok, type Result } from '#shared/result.ts';
import type { TrustCrypto } from '#shared/trust/crypto.ts';
import type { Trust } from '#shared/trust/trust-document.ts';
import { checkLedger, whyOf } from './accounts.ts';
import type { Collector } from './collector/collector.ts';
import { faceHandlers, type Handlers } from './face-methods.ts';
import type { CredentialDesk, FleetFile } from './home.ts';
import { prepareCommand, unknownAgent } from './planner/command.ts';
import { needTrust, type PlanContext } from './planner/context.ts';
import { prepareRemoval } from './planner/plan.ts';
import type { ConsoleStore } from './ports.ts';
import {
  listAgents,
  listLedger,
  listRuns,
  listSchedules,
  type QueryContext,
  showAgent,
  showRun,
} from './queries.ts';
import type { Tails } from './tails.ts';
import { createToken, sweepTokens } from './tokens.ts';
import { verifyHistory } from './verify.ts';

export interface MethodContext {
  readonly fleet: FleetFile;
  readonly store: ConsoleStore;
  readonly desk: CredentialDesk;
  readonly clock: Clock;
  readonly crypto: TrustCrypto;
  readonly trust: () => Trust | undefined;
  readonly collector: Collector | undefined;
  readonly tails: Tails;
  /** For people, without credentials. */
  readonly brokerUrl: string;
  readonly push: (push: Push) => void;
  readonly startedAt: number;
}

export function handlersOf(context: MethodContext): Handlers {
  const { fleet, store, desk, clock, crypto, collector } = context;
  const nowAt = (): number => clock.now().wallAt;
  const query = (): QueryContext => ({
    store,
    trust: context.trust(),
    nowAt: nowAt(),
    online: collector?.link().online ?? false,
  });
  const planning = <T>(work: (plan: PlanContext) => Result<T>): Result<T> => {
    const trust = needTrust(context.trust());
    if (!trust.ok) return trust;
    const tzdata = process.versions.tz ?? 'unknown';
    return work({ fleet: fleet.fleet, store, trust: trust.value, nowAt: nowAt(), tzdata });
  };
  return {
    ...faceHandlers({ context, query, planning, nowAt }),
    'core.status': () => ok(statusOf(context, query())),
    'agents.list': ({ labels }) => ok(listAgents(query(), labels)),
    'agents.show': ({ agent }) => showAgent(query(), agent),
    'tokens.create': (params) => {
      sweepTokens(store, desk, nowAt());
      return createToken(store, fleet, desk, params, nowAt());
    },
    'plan.remove': ({ stream }) => planning((plan) => prepareRemoval(plan, stream)),
    'command.prepare': (params) => planning((plan) => prepareCommand(plan, params)),
    'schedules.list': (params) => ok(listSchedules(query(), params)),
    'runs.list': (params) => listRuns(query(), params),
    'runs.show': ({ run }) => showRun(query(), run),
    'ledger.list': (params) => listLedger(query(), params),
    'ledger.check': ({ agent }) => checkLedger(store, agent, nowAt()),
    why: (params) => whyOf(query(), params),
    verify: async ({ agent: name }) => {
      const named = name === undefined ? undefined : store.agents.byName(name);
      if (name !== undefined && !named) return unknownAgent(name);
      return ok(await verifyHistory(store, crypto, named ? [named] : store.agents.list()));
    },
  };
}

const packageSchema = z.object({ version: z.string() });
const VERSION = packageSchema.parse(
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')),
).version;

function statusOf(context: MethodContext, query: QueryContext): CoreStatus {
  const { fleet, collector, brokerUrl, store, startedAt } = context;
  const link = collector?.link() ?? { online: false, sinceAt: null, reason: 'no broker' };
  const agents = store.agents.list();
  return {
    fleet: fleet.fleet,
    collector: fleet.collector,
    version: VERSION,
    broker: {
      url: brokerUrl,
      online: link.online,
      since: link.sinceAt === null ? null : formatInstant(link.sinceAt),
      reason: link.reason,
    },
    agents: {
      total: agents.length,
      online: link.online ? agents.filter(({ online }) => online === true).length : 0,
    },
    trustVersion: query.trust?.document.version ?? 0,
    startedAt: formatInstant(startedAt),
  };
}
