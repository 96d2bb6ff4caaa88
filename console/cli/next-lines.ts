// `muster next --stdin`: one JSON object a line in, one JSON line each out, in order; a bad line is answered, never fatal.
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { z } from 'zod';
import { formatInstant } from '#shared/ids.ts';
import { err, type Fault, ok, type Result } from '#shared/result.ts';
import { type Trigger, triggerSchema } from '#shared/schedule/trigger.ts';
import { compileTrigger, localTime, type Occurrence } from '#shared/time/occurrences.ts';
import { resolveTime } from '#shared/time/triggers/at.ts';

export const MAX_COUNT = 100_000;
const HINT =
  'write {"trigger":{"kind":"cron","expression":"30 2 * * *","zone":"Europe/Berlin"},"after":"2026-01-01T00:00:00Z","count":3}';

/** What a line leaves out. */
export interface LineDefaults {
  readonly zone: string;
  readonly afterAt: number;
  readonly count: number;
}

const questionSchema = z.strictObject({
  trigger: triggerSchema,
  after: z.string().max(40).optional(),
  count: z.int().min(1).max(MAX_COUNT).optional(),
});

/** Answers until the input ends or the reader of the output goes away. */
export async function answerLines(
  input: Readable,
  output: Writable,
  defaults: LineDefaults,
): Promise<void> {
  // stdout forgets its error right after telling it, so it is remembered here.
  let gone = false;
  let proceed = (): void => undefined;
  output.on('drain', () => proceed());
  output.on('error', () => {
    gone = true;
    proceed();
  });
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (gone) break;
    if (output.write(`${JSON.stringify(answerLine(line, defaults))}\n`)) continue;
    await new Promise<void>((resolve) => {
      proceed = resolve;
    });
  }
  if (gone) input.destroy();
}

/** One line's answer. */
export function answerLine(line: string, defaults: LineDefaults): unknown {
  const answer = answerQuestion(line, defaults);
  return answer.ok ? { occurrences: answer.value } : { error: errorOf(answer.fault) };
}

const errorOf = ({ code, message, hint }: Fault) => ({ code, message, hint: hint ?? '' });

function answerQuestion(line: string, defaults: LineDefaults): Result<readonly Presented[]> {
  const question = parseQuestion(line);
  if (!question.ok) return question;
  const { trigger, after, count = defaults.count } = question.value;
  const compiled = compileTrigger(trigger);
  if (!compiled.ok) return compiled;
  const zone = zoneOf(trigger, defaults.zone);
  const start = after === undefined ? ok({ at: defaults.afterAt }) : resolveTime(after, zone);
  if (!start.ok)
    return { ok: false, fault: { ...start.fault, message: `after: ${start.fault.message}` } };
  const occurrences = compiled.value.between(start.value.at, Number.POSITIVE_INFINITY, count);
  return ok(occurrences.map((occurrence) => presentOccurrence(occurrence, zone)));
}

function parseQuestion(line: string): Result<z.infer<typeof questionSchema>> {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return err('INPUT_INVALID', `not JSON: ${reason}`, { hint: HINT });
  }
  const question = questionSchema.safeParse(json);
  if (question.success) return ok(question.data);
  const issue = question.error.issues[0];
  const path = issue?.path.join('.') || 'line';
  return err('INPUT_INVALID', `${path}: ${issue?.message ?? 'not understood'}`, { hint: HINT });
}

const zoneOf = (trigger: Trigger, fallback: string): string =>
  (trigger.kind === 'every' ? undefined : trigger.zone) ?? fallback;

/** An occurrence as scripts get it. */
export interface Presented {
  readonly at: string;
  readonly local: string;
  readonly shift?: 'gap';
}

export const presentOccurrence = ({ at, shift }: Occurrence, zone: string): Presented => ({
  at: formatInstant(at),
  local: localTime(at, zone),
  ...(shift && { shift }),
});
