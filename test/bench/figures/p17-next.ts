// P17: the next occurrence of frequent patterns in zones, beside croner's own.
import { Cron } from 'croner';
import { compileTrigger } from '#shared/time/occurrences.ts';
import type { Figure } from '../figure.ts';
import { interleave } from '../measure.ts';

const PATTERNS = [
  ['* * * * *', 'Europe/Berlin'],
  ['*/5 * * * *', 'America/New_York'],
  ['*/15 9-17 * * 1-5', 'Asia/Kolkata'],
  ['7 * * * *', 'Australia/Sydney'],
] as const;
const FROM_AT = Date.parse('2026-03-20T00:00:00Z');
const STEPS = 4_000;
/** Each repeat asks for another stretch of time, so that nothing found before helps. */
const APART_MS = 400 * 86_400_000;

export const p17: Figure = {
  id: 'P17',
  name: '`next` of frequent patterns in zones',
  unit: '/s',
  goal: { kind: 'ratio', atLeast: 3 },
  reference: "croner's nextRun with the same zones",
  how: `${STEPS} occurrences of each of ${PATTERNS.length} patterns, each asked for after the one before, from compiled triggers and from croner objects; both give the same instants, checked here.`,
  ifShort: 'the search walks more segments than it needs for these patterns',
  measure: async (lab) => {
    const steps = lab.quick ? STEPS / 4 : STEPS;
    const ours = PATTERNS.map(([expression, zone]) => compiledNext(expression, zone));
    const theirs = PATTERNS.map(([expression, zone]) => cronerNext(expression, zone));
    const differ = PATTERNS.filter((_, n) => {
      const [a, b] = [ours[n], theirs[n]];
      return !a || !b || last(a, 500) !== last(b, 500);
    });
    const samples = await interleave(
      lab.repeats,
      (repeat) => {
        lab.say(`next occurrences, ${repeat + 1} of ${lab.repeats}`);
        return rate(ours, steps, FROM_AT + repeat * APART_MS);
      },
      (repeat) => rate(theirs, steps, FROM_AT + repeat * APART_MS),
    );
    const broken = differ.map(([expression, zone]) => `croner differs on ${expression} in ${zone}`);
    return { samples, notes: [], broken };
  },
};

type Next = (afterAt: number) => number;

function compiledNext(expression: string, zone: string): Next {
  const compiled = compileTrigger({ kind: 'cron', expression, zone });
  if (!compiled.ok) throw new Error(compiled.fault.message);
  return (afterAt) => compiled.value.next(afterAt)?.at ?? 0;
}

function cronerNext(expression: string, zone: string): Next {
  const cron = new Cron(expression, { timezone: zone });
  return (afterAt) => cron.nextRun(new Date(afterAt))?.getTime() ?? 0;
}

function last(next: Next, steps: number, fromAt = FROM_AT): number {
  let at = fromAt;
  for (let step = 0; step < steps; step++) at = next(at);
  return at;
}

function rate(all: readonly Next[], steps: number, fromAt: number): number {
  const beganMs = performance.now();
  for (const next of all) last(next, steps, fromAt);
  return (all.length * steps * 1_000) / (performance.now() - beganMs);
}
