// Reference of P2, P3 and P5: a bare Node that waits for an instant and starts the jobs in a loop, output to files.
// Arguments: instant (epoch ms), how many, anonymous memory to grow to first (MB; 0: none), directory, the job's argv.
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const [dueAt, count, memoryMb, directory, ...argv] = process.argv.slice(2);
const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
let left = Number(count);

// Touched, so that a fork has to copy its page tables.
const ballast = [];
while (anonymousMb() < Number(memoryMb)) ballast.push(Buffer.alloc(2 ** 20, 1));

function anonymousMb() {
  return Number(/RssAnon:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'latin1'))[1]) / 1024;
}

// Both counts begin half a second before the instant; the first interval after a reset is not counted.
let before = 0;
setTimeout(
  () => {
    delay.reset();
    before = cpuMs();
  },
  Math.max(0, Number(dueAt) - Date.now() - 500),
);

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
  // The interval that measures the loop comes first: what it waited for is counted.
  if (--left === 0) setTimeout(tell, 20);
}

/** Of this process and its ended jobs. */
function cpuMs() {
  const fields = readFileSync('/proc/self/stat', 'latin1').split(') ').at(-1).split(' ');
  return [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index]) * 10, 0);
}

function tell() {
  console.log(JSON.stringify({ blockedMs: delay.max / 1e6, cpuMs: cpuMs() - before }));
  delay.disable();
  ballast.length = 0;
}

begin();
