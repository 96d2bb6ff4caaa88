// --label key=value, given any number of times.
import { InvalidArgumentError } from 'commander';
import { idSchema } from '#shared/ids.ts';

/** Commander's collector: adds one `key=value` to those before. */
export function collectLabels(
  text: string,
  before: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const at = text.indexOf('=');
  const key = text.slice(0, at);
  const value = text.slice(at + 1);
  if (at < 1 || !idSchema.safeParse(key).success || value === '') {
    throw new InvalidArgumentError('write it as key=value, the key of a-z 0-9 _ -');
  }
  return { ...before, [key]: value };
}

export const labelsText = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');
