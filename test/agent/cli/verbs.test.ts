// The verbs as scripts and people use them, and the daemon as a process of its own.
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { World } from '#agent/cli/terminal.ts';
import { runCli } from '#agent/cli.ts';
import { startFleet, type TestFleet } from '#test/agent/daemon/fleet.ts';
import { AGENT, schedule, until } from '#test/agent/daemon/parts.ts';
import { type AgentProcess, runAgentCli, startAgent } from '#test/support/agent-process.ts';

let fleet: TestFleet;
let out: string;
let err: string;
beforeEach(async () => {
  fleet = await startFleet();
  await fleet.enrol();
  out = '';
  err = '';
});
afterEach(() => fleet.dispose());

const world = (more: Partial<World> = {}): World => ({
  env: {},
  out: (text) => {
    out += text;
  },
  err: (text) => {
    err += text;
  },
  isTerminal: false,
  uid: process.getuid?.() ?? -1,
  ...more,
});
const cli = (...args: string[]): Promise<number> => {
  out = '';
  err = '';
  return runCli([...args, '--data', fleet.data.root], world());
};

async function withSchedules(): Promise<void> {
  const daemon = await fleet.start();
  await fleet.publishSchedule([
    schedule('a'),
    schedule('s', { job: { kind: 'shell', script: 'echo hi' } }),
  ]);
  await until('the document', () =>
    fleet.seen.events.some(({ kind }) => kind === 'document-applied'),
  );
  await fleet.command({ verb: 'run', schedule: 'shop/a' });
  await until('a run', () => fleet.seen.events.some(({ kind }) => kind === 'run-finished'));
  await daemon.close();
}

describe('status', () => {
  it('tells identity, documents, schedules with their last run, and the outbox, also when stopped', async () => {
    await withSchedules();
    expect(await cli('status', '--json')).toBe(0);
    const view = JSON.parse(out);
    expect(view).toMatchObject({
      agent: AGENT,
      running: false,
      link: { state: 'stopped' },
      held: [],
      paused: [],
      jobsRunning: 0,
      policy: { fault: null },
    });
    expect(view.schedules).toMatchObject([
      { schedule: 'shop/a', last: { outcome: 'succeeded' } },
      { schedule: 'shop/s', last: null },
    ]);
    // At least the farewell, which is written after the link is closed.
    expect(view.outbox.unacknowledged).toBeGreaterThanOrEqual(1);
    expect(await cli('status')).toBe(0);
    expect(out).toContain('shop/a');
    expect(out).not.toContain('\x1b');
  });

  it('has colours on a terminal, unless NO_COLOR is set', async () => {
    await withSchedules();
    const args = ['status', '--data', fleet.data.root];
    await runCli(args, world({ isTerminal: true }));
    expect(out).toContain('\x1b[32m');
    out = '';
    await runCli(args, world({ isTerminal: true, env: { NO_COLOR: '1' } }));
    expect(out).not.toContain('\x1b');
  });

  it('of a directory that is not enrolled is exit 1 with a hint, and makes nothing', async () => {
    rmSync(fleet.data.root, { recursive: true });
    expect(await cli('status')).toBe(1);
    expect(err).toContain('NOT_ENROLLED');
    expect(err).toContain('muster-agent enrol');
  });
});

describe('explain', () => {
  it('names the rule that vetoes a job: exit 1, and the rules that allow it: exit 0', async () => {
    await withSchedules();
    expect(await cli('explain', 'shop/s', '--json')).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      allowed: true,
      rules: expect.arrayContaining([{ rule: 'shell', value: 'true' }]),
    });
    const text = readFileSync(fleet.data.policy, 'utf8').replace('shell: true', 'shell: false');
    writeFileSync(fleet.data.policy, text);
    expect(await cli('explain', 'shop/s')).toBe(1);
    expect(out).toContain('POLICY_SHELL');
    expect(await cli('explain', 'shop/a')).toBe(0);
    expect(await cli('explain', 'shop/none')).toBe(1);
    expect(err).toContain('shop/a');
  });
});

describe('doctor', () => {
  it('finds what is wrong, each with a hint, and ends with exit 1', async () => {
    rmSync(fleet.data.policy);
    chmodSync(fleet.data.root, 0o755);
    expect(await cli('doctor', '--json')).toBe(1);
    const { ok, checks } = JSON.parse(out) as {
      ok: boolean;
      checks: { check: string; is: string; hint?: string }[];
    };
    expect(ok).toBe(false);
    const bad = checks.filter(({ is }) => is === 'bad');
    expect(bad.map(({ check }) => check)).toEqual(['data', 'policy', 'broker']);
    expect(bad.every(({ hint }) => hint)).toBe(true);
    expect(checks.find(({ check }) => check === 'launcher')?.is).toBe('good');
  });
});

describe('help and usage', () => {
  it('every verb shows examples and exit codes; unknown ones are exit 2', async () => {
    for (const verb of ['enrol', 'run', 'status', 'doctor', 'explain']) {
      out = '';
      expect(await runCli([verb, '--help'], world())).toBe(0);
      expect(out).toContain(`muster-agent ${verb}`);
      expect(out).toContain('Exit codes');
    }
    expect(await cli('dance')).toBe(2);
    expect(await cli('status', '--colour')).toBe(2);
  });
});

describe('run', () => {
  let agent: AgentProcess | undefined;
  afterEach(async () => {
    await agent?.stop();
    agent = undefined;
  });

  it('is one per data directory, survives kill -9, and ends with exit 0 on SIGTERM', async () => {
    agent = await startAgent(fleet.data.root);
    const second = await runAgentCli(['run', '--data', fleet.data.root]);
    expect(second.code).toBe(1);
    expect(second.stderr).toContain('ALREADY_RUNNING');
    const status = await runAgentCli(['status', '--data', fleet.data.root, '--json']);
    expect(JSON.parse(status.stdout)).toMatchObject({ running: true });
    await agent.kill();
    agent = await startAgent(fleet.data.root);
    expect(await agent.stop()).toBe(0);
    agent = undefined;
    const after = await runAgentCli(['status', '--data', fleet.data.root, '--json']);
    expect(JSON.parse(after.stdout)).toMatchObject({ running: false });
  });
});
