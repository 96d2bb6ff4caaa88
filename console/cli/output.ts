// How verbs speak: lines for people, one JSON value for scripts, faults on stderr (or in the JSON).
import { styleText } from 'node:util';
import type { Fault } from '#shared/result.ts';
import { inert } from './inert.ts';

export type Style = 'red' | 'green' | 'yellow' | 'dim' | 'bold';

/** Colours only on a terminal that wants them. */
export const paint = (style: Style, text: string): string =>
  process.stdout.isTTY && !process.env.NO_COLOR && process.env.TERM !== 'dumb'
    ? styleText(style, text, { validateStream: false })
    : text;

export const printLine = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

export const printJson = (value: unknown): void => printLine(JSON.stringify(value));

/** Progress and remarks: stderr, so that piped output stays data. */
export const printNote = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

/** `CODE message` and the hint below it; as {"error": …} on stdout with --json. */
export function printFault(fault: Fault, json: boolean): void {
  if (json) printJson({ error: fault });
  else printNote(faultText(fault));
}

export function faultText(fault: Fault): string {
  const where = fault.at === undefined ? '' : `${inert(fault.at)}: `;
  const hint = fault.hint === undefined ? '' : `\n  ${inert(fault.hint)}`;
  return `${where}${fault.code} ${inert(fault.message)}${hint}`;
}
