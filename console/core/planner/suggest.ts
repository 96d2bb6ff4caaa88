// A hint for an unknown key: the nearest known one, or what it is called here.
import { nearest } from '#console/core/fleet/nearest.ts';

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
  const near = nearest(word, known);
  if (near !== undefined) return `did you mean '${near}'?`;
  return known.length === 0 ? 'remove it' : `known here: ${known.join(', ')}`;
}
