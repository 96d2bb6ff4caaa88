// Watching machines take a change: until each has applied or refused it, or patience ends.
import type { CoreLink } from '#console/server/client.ts';
import type { AgentSummary, Coverage } from '#console/views.ts';
import { ok, type Result } from '#shared/result.ts';
import type { DocumentHead } from '#shared/trust/documents.ts';
import { machines } from './machines.ts';
import { watch } from './watch.ts';

export interface CoverageSeen extends Readonly<Record<Coverage, readonly string[]>> {
  readonly lines: readonly string[];
  /** 1: refused somewhere; 3: some have not said. */
  readonly exit: 0 | 1 | 3;
}

export interface Awaited {
  readonly audience: readonly string[];
  readonly streams: readonly string[];
}

/** Shows progress on stderr unless `quiet`. Ctrl-C ends the watching, nothing else. */
export async function waitForCoverage(
  core: CoreLink,
  { audience, streams }: Awaited,
  timeoutMs: number,
  quiet: boolean,
): Promise<Result<CoverageSeen>> {
  const wanted = new Set(audience);
  const seen = await watch(core, timeoutMs, quiet, async () => {
    const agents = await core.call('agents.list', {});
    if (!agents.ok) return agents;
    const concerned = agents.value.filter(({ agent }) => wanted.has(agent));
    const groups = await groupByCoverage(core, concerned, new Set(streams));
    const open = groups.pending.length + groups.unknown.length;
    const progress = `applied ${groups.applied.length}/${wanted.size}, refused ${groups.refused.length}, open ${open}`;
    return ok({ value: groups, done: open === 0, progress });
  });
  if (!seen.ok) return seen;
  const { applied, refused, pending, unknown } = seen.value.value;
  const open = [...pending, ...unknown];
  const lines = [
    ...(applied.length > 0 ? [`Applied by ${machines(applied)}.`] : []),
    ...(refused.length > 0
      ? [`Refused by ${machines(refused)}: \`muster agents show AGENT\` says why.`]
      : []),
    ...(open.length > 0
      ? [`Not yet heard from ${machines(open)}; they get it when they are back.`]
      : []),
  ];
  const exit = refused.length > 0 ? 1 : open.length > 0 ? 3 : 0;
  return ok({ ...seen.value.value, lines, exit });
}

/** A machine counts as what it says of these streams; another stream's trouble is not this change's. */
async function groupByCoverage(
  core: CoreLink,
  agents: readonly AgentSummary[],
  streams: ReadonlySet<string>,
): Promise<Readonly<Record<Coverage, readonly string[]>>> {
  const groups: Record<Coverage, string[]> = { applied: [], refused: [], pending: [], unknown: [] };
  const open = agents.filter(({ coverage }) => coverage !== 'applied').length;
  for (const { agent, coverage } of agents) {
    const told = coverage === 'applied' || open > LOOKED_INTO;
    const detail = told ? undefined : await core.call('agents.show', { agent });
    const own = detail?.ok
      ? detail.value.documents.filter(({ desired }) => isOf(desired, streams))
      : [];
    const worst = WORST_FIRST.find((state) => own.some((document) => document.coverage === state));
    groups[worst ?? coverage].push(agent);
  }
  return groups;
}

/** With more open than this, looking into each every second would cost more than it tells. */
const LOOKED_INTO = 100;
const WORST_FIRST: readonly Coverage[] = ['refused', 'unknown', 'pending', 'applied'];

const isOf = ({ kind, name }: DocumentHead, streams: ReadonlySet<string>): boolean =>
  kind === 'schedule' && streams.has(name);
