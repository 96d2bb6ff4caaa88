// Reasons of the ledger in words. Pure.
const WORDS: Readonly<Record<string, string>> = {
  overlap: 'the run before it was still going',
  paused: 'the schedule was paused',
  calendar: 'its calendar leaves this time out',
  'catch-up': 'found too late; the catch-up policy does not run it',
  limit: 'more were missed than catch-up may run',
  condition: 'its condition did not hold',
  held: 'the machine holds until it hears from its console',
  vetoed: 'the machine’s own policy does not allow it',
  lease: 'the schedule’s lease had ended',
  suspended: 'the machine slept',
  clock: 'the machine’s clock could not be trusted',
  lock: 'a lock was taken',
  'not-owner': 'another machine of the group runs it',
  deadline: 'it could not start before its deadline',
  revision: 'a newer schedule took its place',
};

/** A sentence without its end; a reason of a newer agent stays as it is. */
export function reasonWords(disposition: string, reason: string, detail: string | null): string {
  const words =
    disposition === 'coalesced'
      ? `made up for by one run, of ${reason}`
      : (WORDS[reason] ?? reason);
  return detail ? `${words} (${detail})` : words;
}
