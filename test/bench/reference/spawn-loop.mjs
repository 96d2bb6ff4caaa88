// Reference of P2, P3 and P5: a bare Node that waits for an instant and starts the jobs in a loop, output to files.
// Arguments: instant (epoch ms), how many, directory, the job's argv.
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const [dueAt, count, directory, ...argv] = process.argv.slice(2);
const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
let left = Number(count);

// Some time before the instant, for the first interval after a reset is not counted.
setTimeout(() => delay.reset(), Math.max(0, Number(dueAt) - Date.now() - 500));

function begin() {
  const wait = Number(dueAt) - Date.now();
  if (wait > 0) return void setTimeout(begin, wait);
  for (let n = 0; n < Number(count); n++) {
    const fd = openSync(join(directory, String(n)), 'w');
    spawn(argv[0], argv.slice(1), { stdio: ['ignore', fd, 'ignore'], env: {} }).once('exit', ended);
    closeSync(fd);
  }
}

function ended() {
  if (--left > 0) return;
  const fields = readFileSync('/proc/self/stat', 'latin1').split(') ').at(-1).split(' ');
  const cpuMs = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index]) * 10, 0);
  console.log(
    JSON.stringify({ endMs: Date.now() - Number(dueAt), blockedMs: delay.max / 1e6, cpuMs }),
  );
  delay.disable();
}

begin();
