// The demo's last word: Muster's account, held against what the jobs themselves wrote down.
import { existsSync, readFileSync } from 'node:fs';
import type { LedgerAccount, LedgerEntry } from '#console/views.ts';
import { bold, green, red, table } from './terminal.ts';

/** Attempts that signed in more than once: a doubled execution, whatever any ledger says. */
export function doubledStarts(proofFile: string): readonly string[] {
  if (!existsSync(proofFile)) return [];
  const seen = new Set<string>();
  const doubled: string[] = [];
  for (const line of readFileSync(proofFile, 'utf8').split('\n')) {
    if (line === '') continue;
    if (seen.has(line)) doubled.push(line);
    seen.add(line);
  }
  return doubled;
}

export const startsIn = (proofFile: string): number =>
  existsSync(proofFile) ? readFileSync(proofFile, 'utf8').split('\n').length - 1 : 0;

/** Occurrences by disposition, skipped ones by reason. */
export function countByReason(entries: readonly LedgerEntry[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const entry of entries) {
    const name = entry.disposition === 'skipped' ? `skipped: ${entry.reason}` : entry.disposition;
    counts.set(name, (counts.get(name) ?? 0) + entry.count);
  }
  return counts;
}

export function printAccount(
  account: LedgerAccount,
  entries: readonly LedgerEntry[],
  proofFile: string,
): boolean {
  const counts = countByReason(entries);
  const of = (name: string): number => counts.get(name) ?? 0;
  const skipped = [...counts].filter(([name]) => name.startsWith('skipped')).sort();
  const doubled = doubledStarts(proofFile);
  console.log(`\n${bold('Every planned occurrence, accounted for')}`);
  console.log(
    table([
      ['planned', account.expected],
      ['ran', of('ran')],
      ['coalesced', of('coalesced')],
      ['expired', of('expired')],
      ...skipped,
      ['superseded', of('superseded')],
      ['pending or running now', account.open],
      ['not yet reported (unknown, not missed)', account.unknown],
      ['unaccounted', account.unaccounted],
      ['duplicates', account.duplicates],
      ['job starts the jobs themselves recorded', startsIn(proofFile)],
      ['of these started twice', doubled.length],
    ]),
  );
  const good =
    account.unaccounted === 0 &&
    account.duplicates === 0 &&
    account.unexpected === 0 &&
    doubled.length === 0;
  console.log(
    good
      ? green('\n  Nothing is missing, nothing ran twice.')
      : red('\n  Something is missing or doubled.'),
  );
  for (const finding of account.findings.slice(0, 10))
    console.log(red(`  ${JSON.stringify(finding)}`));
  for (const line of doubled.slice(0, 10)) console.log(red(`  started twice: ${line}`));
  return good;
}
