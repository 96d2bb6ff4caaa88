// Finds the system tools the scripts need, and says plainly when a machine lacks one.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Tools } from './batch.ts';

/** Throws with the missing tool's name: without it no job of this machine could run. */
export function findTools(): Tools {
  if (!existsSync('/proc/self/stat')) {
    throw new Error('the portable launcher needs /proc, which this system does not have');
  }
  const env = find('env');
  const probe = spawnSync(env, ['-i', '--default-signal', env], { env: {}, stdio: 'ignore' });
  return {
    // dash forks in a third of the time of a bigger shell, and says in words when a signal ended a job.
    shell: existsSync('/bin/dash') ? '/bin/dash' : '/bin/sh',
    setsid: find('setsid'),
    env,
    envResetsSignals: probe.status === 0,
    tee: find('tee'),
  };
}

function find(name: string): string {
  for (const place of ['/usr/bin', '/bin', '/usr/local/bin', '/sbin', '/usr/sbin']) {
    if (existsSync(`${place}/${name}`)) return `${place}/${name}`;
  }
  throw new Error(`the portable launcher needs the program ${name}, which this system lacks`);
}
