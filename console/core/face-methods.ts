// The methods behind the face of the console: the fleet at a glance, editing, proposals, live output.

import type { z } from 'zod';
import type { ConsoleApi, MethodName, Returns } from '#console/api.ts';
import type { Plan } from '#console/views.ts';
import { parseInstant } from '#shared/ids.ts';
import { err, ok, type Result } from '#shared/result.ts';
import { fleetAttention, fleetGrid, fleetPage } from './fleet-queries.ts';
import type { MethodContext } from './methods.ts';
import { prepareCommand } from './planner/command.ts';
import type { PlanContext } from './planner/context.ts';
import { diffOccurrences } from './planner/occurrence-diff.ts';
import { preparePlan, prepareRemoval } from './planner/plan.ts';
import { previewTrigger } from './preview.ts';
import {
  createProposal,
  listProposals,
  type ProposalContext,
  showProposal,
  signProposal,
  titleOf,
  withdrawProposal,
} from './proposals.ts';
import { publishDocuments } from './publishing.ts';
import { type QueryContext, showRun } from './queries.ts';
import { sourceBook, sourcesOf } from './sources.ts';
import { listStreams, showCoverage, showSchedule, streamYaml } from './streams.ts';
import type { Watch } from './tails.ts';
import { agentTimeline } from './timeline.ts';

type Parsed<M extends MethodName> = z.output<ConsoleApi[M]['params']>;
type Answer<M extends MethodName> = Result<Returns<M>> | Promise<Result<Returns<M>>>;
export type Handlers = { readonly [M in MethodName]: (params: Parsed<M>) => Answer<M> };

type FaceMethod = Extract<
  MethodName,
  | `fleet.${string}`
  | `streams.${string}`
  | `proposals.${string}`
  | 'agents.timeline'
  | 'schedules.show'
  | 'preview.next'
  | 'plan.prepare'
  | 'plan.occurrences'
  | 'coverage.show'
  | 'documents.publish'
  | 'runs.tail'
>;

export interface FaceContext {
  readonly context: MethodContext;
  readonly query: () => QueryContext;
  readonly planning: <T>(work: (plan: PlanContext) => Result<T>) => Result<T>;
  readonly nowAt: () => number;
}

export function faceHandlers(face: FaceContext): Pick<Handlers, FaceMethod> {
  const { context, query, planning, nowAt } = face;
  const { rootFingerprint } = context.fleet;
  const sources = sourceBook(context.store);
  const proposing = (): ProposalContext => ({
    ...context,
    rootFingerprint,
    trust: context.trust(),
    nowAt: nowAt(),
  });
  const publish = async (envelopes: readonly string[]) => {
    const published = await publishDocuments({ ...context, rootFingerprint }, envelopes);
    if (published.ok) sources.keep(published.value.map(({ docId }) => docId));
    return published;
  };
  return {
    'fleet.page': (params) => fleetPage(query(), params),
    'fleet.grid': async (params) => ok(await fleetGrid(query(), params)),
    'fleet.attention': async () => ok(await fleetAttention(query())),
    'agents.timeline': (params) => agentTimeline(query(), params),
    'schedules.show': (params) => showSchedule(query(), params),
    'streams.list': () => ok(listStreams(query())),
    'streams.yaml': ({ stream }) => streamYaml(query(), stream),
    'preview.next': ({ after, ...asked }) =>
      previewTrigger({ ...asked, afterAt: after === undefined ? nowAt() : parseInstant(after) }),
    'plan.prepare': ({ files }) =>
      planning((plan) => {
        const prepared = preparePlan(plan, files);
        sources.remember(prepared, files);
        return ok(prepared);
      }),
    'plan.occurrences': ({ days, ...asked }) =>
      planning((plan) => {
        const wanted = planOf(plan, asked);
        return wanted.ok ? ok(diffOccurrences(plan, wanted.value, days)) : wanted;
      }),
    'coverage.show': (params) => showCoverage(query(), params),
    'documents.publish': ({ envelopes }) => publish(envelopes),
    'proposals.create': ({ command, note, ...asked }) =>
      planning((plan) => propose(proposing(), plan, { command, note, ...asked })),
    'proposals.list': (params) => ok(listProposals(proposing(), params)),
    'proposals.show': ({ proposal }) => showProposal(proposing(), proposal),
    'proposals.withdraw': ({ proposal }) => withdrawProposal(proposing(), proposal),
    'proposals.sign': ({ proposal, envelopes }) =>
      signProposal(proposing(), proposal, envelopes, publish),
    'runs.tail': ({ run: name, attempt, from }) => {
      const run = showRun(query(), name);
      if (!run.ok) return run;
      return context.tails.read(run.value, { attempt, from }, watchOf(context, run.value.agent));
    },
  };
}

type Wanted = Pick<Parsed<'proposals.create'>, 'files' | 'remove'>;

/** Faults: PARAMS, STREAM_UNKNOWN. */
function planOf(context: PlanContext, { files, remove }: Wanted): Result<Plan> {
  if ((files === undefined) === (remove === undefined)) {
    return err('PARAMS', 'give files, or a stream to remove');
  }
  if (files) return ok(preparePlan(context, files));
  return prepareRemoval(context, remove ?? '');
}

function propose(
  context: ProposalContext,
  plan: PlanContext,
  { files, remove, command, note }: Parsed<'proposals.create'>,
): Result<{ readonly proposal: string }> {
  if (command) {
    if (files ?? remove) return err('PARAMS', 'give one of files, remove and command');
    const prepared = prepareCommand(plan, command);
    if (!prepared.ok) return prepared;
    const title = prepared.value.summary[0] ?? 'a command';
    return createProposal(context, [prepared.value], { title, note: note ?? null }, {});
  }
  const wanted = planOf(plan, { files, remove });
  if (!wanted.ok) return wanted;
  const [fault, ...others] = wanted.value.faults;
  if (fault) {
    const more = others.length === 0 ? '' : `, and ${others.length} more`;
    return err('PLAN_FAULTS', `${fault.message}${more}`, {
      ...(fault.at === undefined ? {} : { at: fault.at }),
      hint: fault.hint ?? 'plan.prepare lists all faults',
    });
  }
  const about = { title: titleOf(wanted.value), note: note ?? null };
  return createProposal(
    context,
    wanted.value.documents,
    about,
    sourcesOf(wanted.value, files ?? []),
  );
}

function watchOf({ store, collector }: MethodContext, name: string): Watch | undefined {
  const agent = store.agents.byName(name);
  if (!collector?.link().online || !agent?.hello?.capabilities.includes('tail')) return undefined;
  return (run, ms) => collector.watch(name, run, ms);
}
