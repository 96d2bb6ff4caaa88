// Reference of P1: a bare Node with one timer that starts one job at each instant, output to a file.
// Arguments: first instant (epoch ms), period (ms), how many, directory, the job's argv.
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';

const [firstAt, periodMs, count, directory, ...argv] = process.argv.slice(2);
let next = 0;
let left = Number(count);

function wake() {
  if (next === Number(count)) return;
  // A timer may be early by a fraction: looked at again, as the agent does.
  const wait = Number(firstAt) + next * Number(periodMs) - Date.now();
  if (wait > 0) return void setTimeout(wake, wait);
  const fd = openSync(join(directory, String(next++)), 'w');
  spawn(argv[0], argv.slice(1), { stdio: ['ignore', fd, 'ignore'], env: {} }).once('exit', ended);
  closeSync(fd);
  wake();
}

function ended() {
  if (--left === 0) console.log('{}');
}

wake();
