import { defineConfig } from 'vitest/config';

// One process per file: several suites start real brokers and agents, and the machine may have two cores.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // A booted systemd takes minutes and root: `npm run test:service`, which CI runs after the others.
    exclude: process.env.MUSTER_SERVICE === '1' ? [] : ['test/service/**'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ['default'],
  },
});
