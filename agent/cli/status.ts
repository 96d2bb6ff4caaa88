// `muster-agent status`: who this agent is, whether it runs, what it has, what is next and what waits to be reported.
import { CAPABILITIES, VERSION } from '#agent/config.ts';
import { readClockState } from '#agent/machine.ts';
import { loadPolicy } from '#agent/policy/policy.ts';
import { formatInstant } from '#shared/ids.ts';
import { type LinkView, type Look, lastRuns, linkOf, openLook } from './look.ts';
import { policyPath } from './policy-path.ts';
import { EXIT, fail, type Paint, paintOf, sayJson, table, type World } from './terminal.ts';

export interface StatusFlags {
  readonly data?: string;
  readonly json?: boolean;
}

const MAX_LISTED = 50;

export async function status(world: World, flags: StatusFlags): Promise<number> {
  const look = openLook(world, flags.data);
  if (!look.ok) return fail(world, look.fault, flags.json === true);
  try {
    const view = viewOf(look.value, world.uid);
    if (flags.json) sayJson(world, view);
    else world.out(textOf(view, paintOf(world)));
    return EXIT.ok;
  } finally {
    look.value.store.close();
  }
}

type View = ReturnType<typeof viewOf>;

function viewOf(look: Look, uid: number) {
  const { store, identity, data } = look;
  const policy = loadPolicy(policyPath(data), uid);
  const { incarnation, seq } = store.log.head();
  return {
    agent: identity.agent,
    fleet: identity.fleet,
    version: VERSION,
    data: data.root,
    enrolledAt: identity.enrolledAt,
    running: look.isRunning,
    link: linkOf(look),
    documents: store.documents.heads(),
    capabilities: CAPABILITIES,
    held: JSON.parse(store.meta.get('held') ?? '[]') as readonly string[],
    paused: store.pauses.list().map((scope) => scope || '*'),
    jobsRunning: store.runs.activeCount(),
    schedules: schedulesOf(look),
    outbox: { incarnation, seq, unacknowledged: seq - store.log.acknowledged().seq },
    clock: readClockState(),
    policy: {
      path: policyPath(data),
      owner: policy.owner,
      fault: policy.result.ok ? null : policy.result.fault,
    },
  };
}

function schedulesOf({ store }: Look) {
  const ended = lastRuns(store);
  return [...store.schedules.all()].map(({ key, nextAt, spec }) => {
    const last = ended.get(key);
    return {
      schedule: key,
      next: nextAt === null ? null : formatInstant(nextAt),
      paused: spec.paused || store.pauses.of(key) !== undefined,
      last: last ? { at: last.at, outcome: last.outcome, attempts: last.attempts } : null,
    };
  });
}

function textOf(view: View, paint: Paint): string {
  const { green, red, yellow } = paint;
  const facts = table([
    ['agent', `${view.agent} of fleet ${view.fleet}`],
    ['data', view.data],
    ['daemon', view.running ? `runs (${VERSION})` : 'does not run'],
    ['broker', linkText(view.link)],
    ['documents', view.documents.map(headText).join(', ') || 'none'],
    ['jobs running', String(view.jobsRunning)],
    ['to report', `${view.outbox.unacknowledged} of ${view.outbox.seq} events`],
    ['clock', view.clock],
    ['policy', view.policy.fault ? view.policy.fault.code : `${view.policy.owner}-owned`],
  ]);
  const warnings = [
    ...view.held.map((reason) => red(`held: ${reason}\n`)),
    ...(view.paused.includes('*') ? [yellow('the whole machine is paused\n')] : []),
    ...(view.policy.fault ? [red(`${view.policy.fault.message}\n`)] : []),
  ];
  const rows = view.schedules.slice(0, MAX_LISTED).map((row) => {
    const last = row.last ? `${row.last.outcome} at ${row.last.at}` : 'not run yet';
    const next = row.paused ? yellow('paused') : (row.next ?? 'no more');
    const mark = row.last?.outcome === 'succeeded' ? green('●') : row.last ? red('●') : '○';
    return `${mark} ${row.schedule}\n    next ${next}   last ${last}\n`;
  });
  const more = view.schedules.length - rows.length;
  return [
    facts,
    ...warnings,
    rows.length > 0 ? `\nschedules (${view.schedules.length})\n` : '\nno schedules\n',
    ...rows,
    more > 0 ? `… ${more} more, see --json\n` : '',
  ].join('');
}

function linkText(link: LinkView | null): string {
  if (!link) return 'never connected';
  if (link.state === 'stopped') return `not connected, last change ${link.at}: ${link.broker}`;
  const why = link.state === 'down' && link.reason ? ` (${link.reason})` : '';
  return `${link.state} since ${link.at}: ${link.broker}${why}`;
}

const headText = ({ kind, name, revision }: View['documents'][number]): string =>
  kind === 'schedule' ? `${name} r${revision}` : `${kind} ${revision}`;
