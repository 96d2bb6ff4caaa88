// One field of a policy as the file has it: own or inherited, in its short form or as a map. Pure.
import type { PolicyField } from './form-fields.ts';
import { textOf } from './form-part.ts';
import { isRecord, type Path, valueAt, type YamlValue } from './yaml-edit.ts';

/** `catchUp: all` and `retry: 3` are short for these inner keys. */
const SHORT: Readonly<Record<string, string>> = { catchUp: 'policy', retry: 'attempts' };

/** '' where `outer` says nothing of it. */
export function readPolicy({ key, inner }: PolicyField, outer: unknown): string {
  if (inner === undefined) return textOf(outer);
  if (isRecord(outer)) return textOf(outer[inner]);
  return SHORT[key] === inner ? textOf(outer) : '';
}

export interface PolicyWrite {
  /** Below the schedule. */
  readonly path: Path;
  readonly value: YamlValue | undefined;
}

/** What to set in the schedule for what was typed; undefined: nothing. `own`: the schedule's value of the key. */
export function writePolicy(
  field: PolicyField,
  own: unknown,
  typed: string,
  defaults: unknown,
): PolicyWrite | undefined {
  const { key, inner, kind } = field;
  const number = kind === 'number' && typed !== '' && !Number.isNaN(Number(typed));
  const value = typed === '' ? undefined : number ? Number(typed) : typed;
  if (inner === undefined) return { path: [key], value };
  if (isRecord(own)) {
    const alone = Object.keys(own).every((it) => it === inner);
    return value === undefined && alone
      ? { path: [key], value: undefined }
      : { path: [key, inner], value };
  }
  if (SHORT[key] === inner) return { path: [key], value };
  if (value === undefined) return undefined;
  // A map of its own replaces the default's as a whole, so what was in force is said again in it.
  const inherited = own === undefined ? valueAt(defaults, [key]) : undefined;
  const short = SHORT[key] ?? '';
  const before = isRecord(inherited)
    ? inherited
    : { [short]: own ?? inherited ?? (key === 'catchUp' ? 'latest' : 1) };
  return { path: [key], value: { ...before, [inner]: value } };
}
