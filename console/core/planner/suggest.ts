// Did you mean …? The nearest known word, or what the word is called here.

const CALLED_HERE: Readonly<Record<string, string>> = {
  command: 'exec',
  cmd: 'exec',
  args: 'exec',
  script: 'shell',
  run: 'shell',
  schedule: 'cron',
  interval: 'every',
  time: 'at',
  timezone: 'zone',
  tz: 'zone',
  environment: 'env',
  workdir: 'cwd',
  directory: 'cwd',
  jitter: 'splay',
  retries: 'retry',
  concurrency: 'overlap',
  enabled: 'paused',
  disabled: 'paused',
  jobs: 'schedules',
  targets: 'audience',
  hosts: 'audience',
  name: 'stream',
  misfire: 'catchUp',
  max_attempts: 'attempts',
};

/** A hint for an unknown word: `did you mean 'timeout'?`, or the list of what there is. */
export function suggest(word: string, known: readonly string[]): string {
  const called = CALLED_HERE[word.toLowerCase()];
  if (called !== undefined && known.includes(called)) return `here it is called '${called}'`;
  const plain = (text: string) => text.toLowerCase().replaceAll(/[_-]/g, '');
  const ranked = known
    .map((candidate) => ({ candidate, far: distance(plain(word), plain(candidate)) }))
    .sort((a, b) => a.far - b.far);
  const best = ranked[0];
  if (best && best.far <= Math.max(1, Math.floor(word.length / 3))) {
    return `did you mean '${best.candidate}'?`;
  }
  return known.length === 0 ? 'remove it' : `known here: ${known.join(', ')}`;
}

/** Levenshtein's distance; words are short. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substituted, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
