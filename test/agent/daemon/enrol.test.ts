// Enrolment against a responder that checks everything a console checks.
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { openEnrolled } from '#agent/cli/enrolled.ts';
import { runCli } from '#agent/cli.ts';
import { loadPolicy } from '#agent/policy/policy.ts';
import { openAgentStore } from '#agent/store/open.ts';
import { encodeBase64 } from '#shared/trust/base64.ts';
import { encodeJoinToken } from '#shared/trust/enrolment.ts';
import { startFleet, type TestFleet } from './fleet.ts';
import { AGENT, FLEET, firstTrust, idOf, newKeys } from './parts.ts';

let fleet: TestFleet;
afterEach(() => fleet.dispose());

const uid = process.getuid?.() ?? -1;
const errorOf = (text: string): string => JSON.parse(text).error.code;

describe('muster-agent enrol', () => {
  it('stores trust, device document, credential, keys and policy, all for this user alone', async () => {
    fleet = await startFleet();
    const { code, out } = await fleet.enrol('--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ agent: AGENT, fleet: FLEET, data: fleet.data.root });
    const opened = openEnrolled(fleet.data);
    expect(opened).toMatchObject({
      ok: true,
      value: { identity: { credential: { username: AGENT, password: 'secret' } } },
    });
    const store = openAgentStore(fleet.data.database, { fleet: FLEET, agent: AGENT });
    expect(store.documents.heads().map(({ kind, revision }) => [kind, revision])).toEqual([
      ['device', 1],
      ['trust', 1],
    ]);
    store.close();
    for (const path of [fleet.data.signKey, fleet.data.sealKey, fleet.data.identity])
      expect(statSync(path).mode & 0o077).toBe(0);
    expect(loadPolicy(fleet.data.policy, uid).result).toMatchObject({
      ok: true,
      value: { shell: true, runAs: ['self'] },
    });
  });

  it('writes a locked policy when asked to', async () => {
    fleet = await startFleet();
    expect((await fleet.enrol('--policy', 'locked')).code).toBe(0);
    expect(loadPolicy(fleet.data.policy, uid).result).toMatchObject({
      ok: true,
      value: { shell: false, runAs: [], executables: [] },
    });
  });

  it('refuses a data directory that is enrolled already and leaves it as it is', async () => {
    fleet = await startFleet();
    await fleet.enrol();
    const before = readFileSync(fleet.data.identity, 'utf8');
    const again = await fleet.enrol('--json');
    expect(again.code).toBe(1);
    expect(errorOf(again.out)).toBe('ALREADY_ENROLLED');
    expect(readFileSync(fleet.data.identity, 'utf8')).toBe(before);
  });

  it('runs again after an interruption, with the same keys', async () => {
    fleet = await startFleet();
    fleet.memory.refuseSubscribe(['muster1/shops/enrol/tok-1/res']);
    expect((await fleet.enrol()).code).toBe(1);
    expect(existsSync(fleet.data.identity)).toBe(false);
    const key = readFileSync(fleet.data.signKey, 'utf8');
    // What a crash between the documents and identity.json leaves.
    openAgentStore(fleet.data.database, { fleet: FLEET, agent: 'other' }).close();
    const dir = fleet.data.root;
    const second = await startFleet();
    const code = await runCli(
      ['enrol', encodeJoinToken(second.token), '--name', AGENT, '--data', dir],
      { env: {}, out: () => undefined, err: () => undefined, isTerminal: false, uid },
    );
    expect(code).toBe(0);
    expect(readFileSync(fleet.data.signKey, 'utf8')).toBe(key);
    const opened = openEnrolled(fleet.data);
    expect(opened.ok && encodeBase64(opened.value.signer.publicRaw)).toBe(
      second.seen.enrolments[0],
    );
    await second.dispose();
  });

  it('refuses to throw away the log of a machine that lost its identity', async () => {
    fleet = await startFleet();
    await fleet.enrol();
    writeFileSync(fleet.data.marks, '{}');
    rmSync(fleet.data.identity);
    const again = await fleet.enrol('--json');
    expect(errorOf(again.out)).toBe('IDENTITY_BROKEN');
    expect(existsSync(fleet.data.database)).toBe(true);
  });

  it('refuses an expired token before it asks anybody (E1)', async () => {
    fleet = await startFleet();
    Object.assign(fleet.token, { expires: '2026-01-01T00:00:00Z' });
    const { code, out } = await fleet.enrol('--json');
    expect(code).toBe(1);
    expect(errorOf(out)).toBe('TOKEN_EXPIRED');
    expect(fleet.seen.enrolments).toEqual([]);
  });

  it('passes on that the console does not believe the token (E1)', async () => {
    fleet = await startFleet({ secret: 'another secret' });
    const { code, out } = await fleet.enrol('--json');
    expect(code).toBe(1);
    expect(errorOf(out)).toBe('TOKEN_PROOF');
    expect(existsSync(fleet.data.identity)).toBe(false);
  });

  it('refuses a root that the join token does not name (E2)', async () => {
    fleet = await startFleet();
    const foreign = firstTrust(newKeys());
    Object.assign(fleet.token, { rootFingerprint: idOf('trust', foreign) });
    const { code, out } = await fleet.enrol('--json');
    expect(code).toBe(1);
    expect(errorOf(out)).toBe('ROOT_PIN');
    expect(existsSync(fleet.data.identity)).toBe(false);
    expect(existsSync(fleet.data.database)).toBe(false);
  });

  it('says that the broker cannot be reached, and that nobody answers, with a hint', async () => {
    fleet = await startFleet();
    fleet.memory.goDown();
    const down = await fleet.enrol();
    expect(down.code).toBe(1);
    expect(down.err).toContain('BROKER_UNREACHABLE');
    // The console's connection is gone as well: the broker is up again, but nobody answers.
    fleet.memory.comeUp();
    const silent = await fleet.enrol('--timeout', '0.3');
    expect(silent.code).toBe(1);
    expect(silent.err).toContain('ENROL_TIMEOUT');
    expect(silent.err).toContain('muster serve');
  });

  it('wants a token and a name that is one: exit 2', async () => {
    fleet = await startFleet();
    expect((await fleet.enrol('--name', 'Till 7')).code).toBe(2);
    const world = { env: {}, out: () => undefined, err: () => undefined, isTerminal: false, uid };
    expect(await runCli(['enrol', '--name', 'till-1', '--data', fleet.data.root], world)).toBe(2);
    expect(await runCli(['enrol', 'muster1.xx', '--name', 'till-1'], world)).toBe(2);
  });
});
