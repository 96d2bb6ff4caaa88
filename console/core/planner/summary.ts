// What the bytes to be signed say, in words: made by parsing those very bytes, with nothing invisible in them.
import { describeJob } from '#shared/jobs.ts';
import type { ScheduleDocument } from '#shared/schedule/document.ts';
import type { Schedule } from '#shared/schedule/schedule.ts';
import { describeTrigger } from '#shared/time/occurrences.ts';
import { type CommandDocument, payloadSchemas } from '#shared/trust/documents.ts';
import { parseStrictJson } from '#shared/trust/strict-json.ts';

const NAMED_MACHINES = 8;
// Controls, formats (bidi marks, zero width), unassigned, private use, surrogates, separators other than a plain space.
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu;

/** Escapes what a reader cannot see or what would reorder the line: `\u{202e}`. */
export const inert = (text: string): string =>
  text.replaceAll(UNSEEN, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);

/** One line per thing a signer should read. Throws when the bytes are no schedule or command: the caller made them. */
export function summarize(payload: Uint8Array): readonly string[] {
  const json = parseStrictJson(payload, { maxBytes: payload.length });
  if (!json.ok) throw new Error(`payload does not parse: ${json.fault.message}`);
  const schedule = payloadSchemas.schedule.safeParse(json.value);
  if (schedule.success) return scheduleLines(schedule.data).map(inert);
  return commandLines(payloadSchemas.command.parse(json.value)).map(inert);
}

function scheduleLines(document: ScheduleDocument): readonly string[] {
  const { stream, epoch, revision, audience, schedules, acceptUntil } = document;
  const machines = audience.length === 1 ? '1 machine' : `${audience.length} machines`;
  const more = audience.length > NAMED_MACHINES ? ', …' : '';
  const who = `${machines}: ${audience.slice(0, NAMED_MACHINES).join(', ')}${more}`;
  const head = `stream ${stream}, revision ${epoch}.${revision}, for ${who}`;
  const until = `to be accepted until ${acceptUntil}`;
  if (schedules.length === 0) return [head, until, 'removes every schedule of the stream there'];
  return [head, until, ...schedules.flatMap(linesOf)];
}

function linesOf(schedule: Schedule): readonly string[] {
  const { id, trigger, job, paused, overlap, catchUp, retry, timeoutMs } = schedule;
  const policies = [
    `timeout ${timeoutMs / 1_000} s`,
    `catch-up ${catchUp.policy}`,
    `overlap ${overlap}`,
    ...(retry.maxAttempts > 1 ? [`up to ${retry.maxAttempts} attempts`] : []),
    ...(schedule.onInterrupted === 'retry' ? ['runs again after a crash'] : []),
    ...(schedule.splayMs > 0 ? [`spread over ${schedule.splayMs / 1_000} s`] : []),
  ];
  const env = Object.entries(job.env ?? {}).map(
    ([name, value]) => `${name}=${JSON.stringify(value)}`,
  );
  return [
    `${id}${paused ? ' (paused)' : ''}: ${describeTrigger(trigger)}`,
    `  runs ${describeJob(job)}`,
    ...(job.cwd === undefined ? [] : [`  in ${job.cwd}`]),
    ...(env.length === 0 ? [] : [`  with ${env.join(' ')}`]),
    `  ${policies.join(', ')}`,
  ];
}

function commandLines({ agent, command, notAfterMs, session }: CommandDocument): readonly string[] {
  const what =
    command.verb === 'cancel'
      ? `cancel run ${command.run}`
      : `${command.verb} ${command.schedule ?? 'everything'}`;
  return [
    `on machine ${agent}: ${what}`,
    `valid in session ${session} until ${Math.round(notAfterMs / 1_000)} s after it began`,
  ];
}
