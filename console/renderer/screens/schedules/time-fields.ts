// The fields of a schedule in a file that say when, as preview.next takes them.
import type { Params } from '#console/api.ts';

export type TimeFields = NonNullable<Params<'preview.next'>['schedule']>;

const KEYS = ['cron', 'every', 'at', 'zone', 'anchor'] as const;

/** Without what is not text (the fault list says so); undefined when nothing says when. */
export function timeFields(schedule: Readonly<Record<string, unknown>>): TimeFields | undefined {
  const fields: Record<string, string> = {};
  for (const key of KEYS) {
    const value = schedule[key];
    if (typeof value === 'string' && value !== '') fields[key] = value;
  }
  return 'cron' in fields || 'every' in fields || 'at' in fields ? fields : undefined;
}
