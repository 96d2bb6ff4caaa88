// Which key files of people are in a console's home.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { personKeyFile } from '#console/setup/home-files.ts';
import { err, ok, type Result } from '#shared/result.ts';

/** Names of the people whose keys are here, in order; none where the home or its keys are missing. */
export function personsWithKeys(home: string): readonly string[] {
  let files: readonly string[];
  try {
    files = readdirSync(join(home, 'keys'));
  } catch {
    return [];
  }
  return files.flatMap((file) => /^person-(.+)\.key$/.exec(file)?.[1] ?? []).sort();
}

/** The key of `person`, or the only one there is. Fault: KEY_NOT_FOUND. */
export function findPersonKey(home: string, person: string | undefined): Result<string> {
  const names = personsWithKeys(home);
  const wanted = person ?? (names.length === 1 ? names[0] : undefined);
  if (wanted !== undefined && names.includes(wanted)) return ok(personKeyFile(home, wanted));
  const message = wanted === undefined ? 'more than one key could sign' : `no key of ${wanted}`;
  const none = names.length === 0;
  return err(
    'KEY_NOT_FOUND',
    none ? `there is no person's key in ${join(home, 'keys')}` : message,
    {
      hint: none ? 'name one with --key FILE' : `--person ${names.join(' | ')}`,
    },
  );
}
