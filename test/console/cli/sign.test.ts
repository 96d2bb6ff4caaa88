// A proposal from a browser's side of the API, signed on the command line, run on a real machine, watched as it writes.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, startTestFleet, type TestFleet } from '#test/support/test-fleet.ts';

const YAML = `# Written in a browser.
stream: work
audience: all
schedules:
  slow:
    at: 2090-01-01T00:00:00Z
    shell: "echo first; sleep 4; echo last"
`;
let fleet: TestFleet;

beforeAll(async () => {
  fleet = await startTestFleet('embedded');
  await fleet.start(await fleet.enrol('till-1', ['site=kiel']));
});
afterAll(() => fleet?.close());

describe('muster sign', () => {
  it('shows the bytes, signs and publishes what a browser proposed', async () => {
    const files = [{ name: 'work.yaml', text: YAML }];
    const { proposal } = await fleet.call('proposals.create', { files, note: 'for tonight' });
    const listed = await fleet.muster('proposals');
    expect(listed.stdout).toContain(proposal);
    expect(listed.stdout).toContain('0 of 1');
    const shown = await fleet.muster('proposals', proposal);
    expect(shown.stdout).toContain('1 machine: till-1');
    expect(shown.stdout).toContain(`muster sign ${proposal}`);
    const unasked = await fleet.muster('sign', proposal);
    expect(unasked.code).not.toBe(0);
    expect(unasked.stderr).toContain('CONFIRM');
    const signed = await fleet.muster('sign', proposal, '--yes');
    expect(signed.stderr).toContain('sleep 4');
    expect(signed.stderr).toMatch(/digest [0-9a-f]{64}/);
    expect([signed.code, signed.stdout]).toEqual([0, 'Signed and sent.\n']);
    const again = await fleet.muster('sign', proposal, '--yes');
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('PROPOSAL_CLOSED')]);
    expect((await fleet.muster('sign', 'P-99', '--yes')).code).toBe(4);
    expect((await fleet.muster('sign', 'nonsense', '--yes')).code).not.toBe(0);
    await eventually('the machine has it', async () => {
      const { counts } = await fleet.call('coverage.show', { stream: 'work' });
      return counts.applied === 1;
    });
  });

  it('lists what was published, and gives the file back', async () => {
    const list = await fleet.muster('schedules');
    expect(list.stdout).toContain('work/slow');
    const one = await fleet.muster('schedules', 'slow', '--json');
    expect(JSON.parse(one.stdout)).toMatchObject({ schedule: 'work/slow', agentCount: 1 });
    expect((await fleet.muster('schedules', '--yaml', 'work')).stdout).toBe(YAML);
    expect((await fleet.muster('schedules', '--yaml', 'nothing')).code).toBe(4);
  });

  it('tells the output of a run while it goes on', async () => {
    const command = { agent: 'till-1', command: { verb: 'run' as const, schedule: 'slow' } };
    const { proposal } = await fleet.call('proposals.create', { command });
    expect((await fleet.muster('sign', proposal, '--yes')).code).toBe(0);
    let run = '';
    await eventually('the run is known', async () => {
      run = (await fleet.call('runs.list', { agent: 'till-1' }))[0]?.run ?? '';
      return run !== '';
    });
    await eventually('its first line', async () => {
      const { text, source, running } = await fleet.call('runs.tail', { run });
      return running && source === 'live' && text === 'first\n';
    });
    await eventually('its end', async () => {
      const { text, source, running } = await fleet.call('runs.tail', { run });
      return !running && source === 'log' && text === 'first\nlast\n';
    });
  });
});
