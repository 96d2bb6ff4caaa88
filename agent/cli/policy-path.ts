// Which policy file counts: the machine owner's own where there is one, else the data directory's.
import { existsSync, lstatSync } from 'node:fs';
import { type DataDirectory, SYSTEM_POLICY } from '#agent/config.ts';

/** A dangling link at the owner's place counts as well: it is refused, not stepped over. */
export function policyPath(data: DataDirectory): string {
  return existsSync(SYSTEM_POLICY) || isLink(SYSTEM_POLICY) ? SYSTEM_POLICY : data.policy;
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}
