// An agent whose broker is dead, killed with -9 again and again: nothing is lost, nothing doubled, every outcome is the job's own.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunSummary } from '#console/views.ts';
import { howMany } from '#test/support/long.ts';
import { eventually, startTestFleet, type TestFleet } from '#test/support/test-fleet.ts';

const KILLS = howMany('kills -9 of an agent whose broker is dead', 12, 100);

/** Each job writes what it is and how it will end before it ends so. */
const yaml = (proof: string) => `stream: chaos
audience: all
defaults: { timeout: 20s, catchUp: { policy: all, limit: 1000 }, overlap: allow }
schedules:
  quick:
    every: 1s
    shell: echo "$MUSTER_RUN_ID $MUSTER_ATTEMPT end 0" >> ${proof}
  careful:
    every: 2s
    shell: |
      echo "$MUSTER_RUN_ID $MUSTER_ATTEMPT begin" >> ${proof}
      sleep 1.3
      code=$(( ( $(od -An -N1 -tu1 /dev/urandom) % 5 ) * 7 ))
      echo "$MUSTER_RUN_ID $MUSTER_ATTEMPT end $code" >> ${proof}
      exit $code
  latest:
    every: 3s
    catchUp: latest
    overlap: skip
    shell: |
      echo "$MUSTER_RUN_ID $MUSTER_ATTEMPT begin" >> ${proof}
      sleep 2
      echo "$MUSTER_RUN_ID $MUSTER_ATTEMPT end 3" >> ${proof}
      exit 3
`;

describe(`an agent without a broker, killed ${KILLS} times`, () => {
  let fleet: TestFleet;
  let proof: string;

  beforeAll(async () => {
    fleet = await startTestFleet('embedded');
    proof = join(fleet.root, 'proof.log');
    const data = await fleet.enrol('ship-1');
    const agent = await fleet.start(data);
    const applied = await fleet.apply(yaml(proof), '--wait', '30');
    expect(applied, applied.stderr).toMatchObject({ code: 0 });
    await fleet.stopServing();
    await fleet.broker.kill();
    await agent.kill();
    for (let kill = 0; kill < KILLS; kill++) {
      const life = await fleet.start(data);
      await new Promise((resolve) => setTimeout(resolve, 100 + Math.random() * 1_400));
      await life.kill();
    }
    await fleet.start(data);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    await fleet.broker.restart();
    await fleet.serve();
    await eventually(
      'everything is reported',
      async () => {
        const { unknown, accounted } = await fleet.call('ledger.check', {});
        return accounted > 0 && unknown <= 12;
      },
      60,
    );
  }, 600_000);
  afterAll(async () => {
    await fleet?.close();
  });

  it('accounts for every occurrence exactly once', async () => {
    const account = await fleet.call('ledger.check', {});
    expect(account).toMatchObject({
      unaccounted: 0,
      duplicates: 0,
      unexpected: 0,
      lossRecorded: 0,
      findings: [],
    });
    expect(account.expected).toBeGreaterThan(KILLS);
    expect((await fleet.muster('verify')).code).toBe(0);
  });

  it('starts no attempt twice, and records as outcome what each job itself wrote', async () => {
    const lines = readFileSync(proof, 'utf8').trim().split('\n');
    const begun = lines.filter((line) => line.endsWith('begin'));
    expect(new Set(begun).size).toBe(begun.length);
    const written = new Map<string, number>();
    for (const line of lines) {
      const [run, attempt, word, code] = line.split(' ');
      if (word !== 'end') continue;
      expect(written.has(`${run} ${attempt}`), `${line} twice`).toBe(false);
      written.set(`${run} ${attempt}`, Number(code));
    }
    const runs = await allRuns(fleet);
    const finished = runs.filter((run) => run.finishedAt !== null);
    expect(finished.length).toBeGreaterThan(KILLS);
    // A job's line says what its process ended with; nothing may claim otherwise, and nothing may call it lost.
    for (const run of finished) {
      expect(run.state, JSON.stringify(run)).not.toBe('lost');
      expect(run.exitCode, JSON.stringify(run)).toBe(written.get(`${run.run} ${run.attempts}`));
    }
    const known = new Set(runs.map((run) => run.run));
    for (const key of written.keys())
      expect(known.has(key.split(' ')[0] as string), key).toBe(true);
  });
});

async function allRuns(fleet: TestFleet): Promise<readonly RunSummary[]> {
  const all: RunSummary[] = [];
  let before: string | undefined;
  for (;;) {
    const page = await fleet.call('runs.list', { limit: 1_000, ...(before ? { before } : {}) });
    all.push(...page);
    const last = page.at(-1);
    if (page.length < 1_000 || !last) return all;
    before = last.run;
  }
}
