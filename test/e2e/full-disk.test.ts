// A disk that takes no more: the agent waits for room, holds its link, and its account is whole afterwards (S4).
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AgentProcess } from '#test/support/agent-process.ts';
import { requireTool } from '#test/support/require-tool.ts';
import { eventually, startTestFleet, type TestFleet } from '#test/support/test-fleet.ts';

const present = requireTool('prlimit', 'apt-get install util-linux');
const YAML = `stream: shop
audience: all
schedules:
  tick:
    every: 1s
    shell: "true"
`;

describe.skipIf(!present)('a full disk', () => {
  let fleet: TestFleet;
  let agent: AgentProcess;

  beforeAll(async () => {
    fleet = await startTestFleet('embedded');
    agent = await fleet.start(await fleet.enrol('till-1'));
    expect(await fleet.apply(YAML, '--wait', '30')).toMatchObject({ code: 0 });
  }, 60_000);
  afterAll(() => fleet?.close());

  /** While 0, every write of the agent to a file fails, as it does on a full disk. */
  const room = (bytes: 0 | 'unlimited') =>
    execFileSync('prlimit', ['--pid', String(agent.pid), `--fsize=${bytes}:unlimited`]);
  const ran = async () => (await fleet.call('ledger.check', {})).byDisposition.ran ?? 0;
  const isAlive = () => {
    process.kill(agent.pid, 0);
    return true;
  };

  it('ends neither the agent nor its account, also when the link is cut meanwhile', async () => {
    await eventually('it runs', async () => (await ran()) > 1);
    room(0);
    await eventually('it says so', async () =>
      agent.lines().some(({ code }) => code === 'TICK_FAILED'),
    );
    await fleet.broker.kill();
    await agent.sees('no connection');
    await fleet.broker.restart();
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect(isAlive()).toBe(true);
    const before = await ran();
    room('unlimited');
    await eventually('it goes on', async () => (await ran()) > before + 1, 60);
    expect(await fleet.call('ledger.check', {})).toMatchObject({ unaccounted: 0, duplicates: 0 });
    expect((await fleet.muster('verify')).code).toBe(0);
  }, 120_000);
});
