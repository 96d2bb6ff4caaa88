// The account is held against the plan all the time, while everything around it is killed: it must never accuse anybody, not even for a moment.
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LedgerAccount } from '#console/views.ts';
import type { AgentProcess } from '#test/support/agent-process.ts';
import { howMany } from '#test/support/long.ts';
import { eventually, startTestFleet, type TestFleet } from '#test/support/test-fleet.ts';

const DISTURBANCES = howMany(
  'kills of agents, broker and core, revisions, under a steady check',
  8,
  120,
);

/** Every revision changes triggers, and takes a schedule away or brings it back. */
const yaml = (n: number) => `stream: busy
audience: all
schedules:
  latest: { every: 1s, shell: "true" }
  all: { every: ${2 + (n % 3)}s, shell: "true", catchUp: all }
  none: { every: ${1 + (n % 2)}s, shell: "exit 1", catchUp: none }
  long: { every: 2s, shell: "sleep 3" }
  late: { cron: "*/3 * * * * *", zone: Europe/Berlin, splay: 20s, shell: "echo ${n}" }
${n % 2 === 1 ? '' : '  gone: { every: 1s, shell: "true" }\n'}`;

describe('while everything is killed in turn', () => {
  let fleet: TestFleet;
  const agents: { readonly data: string; process: AgentProcess }[] = [];

  beforeAll(async () => {
    fleet = await startTestFleet('embedded');
    for (const name of ['m1', 'm2']) {
      const data = await fleet.enrol(name);
      agents.push({ data, process: await fleet.start(data) });
    }
    expect((await fleet.apply(yaml(0))).code).toBe(0);
  }, 90_000);
  afterAll(() => fleet?.close());

  const wrong = ({ unaccounted, duplicates, unexpected, unknown }: LedgerAccount) =>
    unaccounted > 0 || duplicates > 0 || unexpected > 0 || unknown < 0;

  /** SIGKILL for the core: found among this process's own children. */
  const killCore = async () => {
    const found = execFileSync('pgrep', ['-P', String(process.pid), '-f', 'serve --no-http']);
    for (const pid of found.toString().trim().split('\n')) process.kill(Number(pid), 'SIGKILL');
    await fleet.serve();
  };
  const disturb: readonly ((n: number) => Promise<unknown>)[] = [
    async () => {
      const agent = agents[0] as (typeof agents)[number];
      await agent.process.kill();
      agent.process = await fleet.start(agent.data);
    },
    async (n) => expect((await fleet.apply(yaml(n))).code).toBe(0),
    async () => {
      await fleet.broker.kill();
      await fleet.broker.restart();
    },
    killCore,
    async () => {
      const agent = agents[1] as (typeof agents)[number];
      await agent.process.stop();
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      agent.process = await fleet.start(agent.data);
    },
  ];

  it(
    'the check never finds anything unaccounted, doubled or unexpected',
    async () => {
      const accused: LedgerAccount[] = [];
      let checks = 0;
      let going = true;
      const checking = (async () => {
        while (going) {
          // A core that was just killed answers nothing.
          const account = await fleet.call('ledger.check', {}).catch(() => undefined);
          if (account) checks++;
          if (account && wrong(account)) accused.push(account);
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      })();
      try {
        for (let n = 1; n <= DISTURBANCES; n++) await disturb[(n - 1) % disturb.length]?.(n);
        await eventually('both have reported', async () => {
          const { unknown, expected } = await fleet.call('ledger.check', {});
          return unknown < 20 && expected > 50;
        });
      } finally {
        going = false;
        await checking;
      }
      expect(accused.slice(0, 3)).toEqual([]);
      expect(checks).toBeGreaterThan(DISTURBANCES);
      expect((await fleet.muster('verify')).code).toBe(0);
    },
    180_000 + DISTURBANCES * 10_000,
  );
});
