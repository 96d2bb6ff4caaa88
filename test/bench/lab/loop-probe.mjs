// Loaded into an agent with --import: tells how long its loop stood still. The agent itself is unchanged.
import { appendFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const file = process.env.BENCH_LOOP_FILE;
if (file !== undefined) {
  // A timer of 1 ms inside Node, with no JavaScript in it; 1 ms of each value is the interval itself.
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  process.on('SIGUSR2', () => {
    appendFileSync(file, `${delay.max / 1e6}\n`);
    delay.reset();
  });
}
