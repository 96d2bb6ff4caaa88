// What is about to be signed, in words, from the very bytes: never from what the core says about them.
import { describeJob, jobCapability } from '#shared/jobs.ts';
import { err, ok, type Result } from '#shared/result.ts';
import type { Schedule } from '#shared/schedule/schedule.ts';
import type { Trigger } from '#shared/schedule/trigger.ts';
import { type CommandDocument, type PayloadKind, payloadSchemas } from '#shared/trust/documents.ts';
import { inert } from './inert.ts';

/** Lines for a confirmation. `only`: schedules to spell out, the others are counted. Fault: SCHEMA. */
export function describePayload(
  kind: PayloadKind,
  payload: string,
  only?: ReadonlySet<string>,
): Result<readonly string[]> {
  if (kind === 'schedule') {
    const document = payloadSchemas.schedule.safeParse(parse(payload));
    if (!document.success) return unreadable(kind);
    const { stream, revision, audience, schedules } = document.data;
    const shown = schedules.filter(({ id }) => only === undefined || only.has(id));
    const rest = schedules.length - shown.length;
    return ok([
      `stream ${stream}, revision ${revision}, for ${machines(audience)}`,
      ...(schedules.length === 0 ? ['  no schedules: removes what these machines have of it'] : []),
      ...shown.flatMap(scheduleLines),
      ...(rest > 0 ? [`  ${rest} other ${rest === 1 ? 'schedule' : 'schedules'} as before`] : []),
    ]);
  }
  if (kind === 'command') {
    const document = payloadSchemas.command.safeParse(parse(payload));
    if (!document.success) return unreadable(kind);
    return ok([`on ${document.data.agent}: ${commandWords(document.data.command)}`]);
  }
  return unreadable(kind);
}

const scheduleLines = (schedule: Schedule): readonly string[] => [
  `  ${schedule.id}: ${triggerWords(schedule.trigger)}${schedule.paused ? ', paused' : ''}`,
  `    ${jobCapability(schedule.job).slice('job-'.length)}: ${inert(describeJob(schedule.job))}`,
];

function triggerWords(trigger: Trigger): string {
  if (trigger.kind === 'at') return inert(`at ${trigger.time} ${trigger.zone ?? ''}`.trimEnd());
  if (trigger.kind === 'every') return inert(`every ${trigger.period} from ${trigger.anchor}`);
  return inert(`cron ${trigger.expression} (${trigger.zone})`);
}

function commandWords(command: CommandDocument['command']): string {
  if (command.verb === 'run') return `run ${inert(command.schedule)} now`;
  if (command.verb === 'cancel') return `cancel run ${command.run}`;
  return `${command.verb} ${command.schedule === null ? 'the whole machine' : inert(command.schedule)}`;
}

const SHOWN_MACHINES = 5;

export function machines(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN_MACHINES).join(', ');
  const more = names.length > SHOWN_MACHINES ? ', …' : '';
  return `${names.length} ${names.length === 1 ? 'machine' : 'machines'} (${shown}${more})`;
}

function parse(payload: string): unknown {
  try {
    return JSON.parse(payload);
  } catch {
    return undefined;
  }
}

const unreadable = (kind: string): Result<never> =>
  err('SCHEMA', `a ${kind} document this program cannot describe; nothing was signed`);
