// Letting machines in by join token.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { brokerCredentials } from '#shared/node/brokers/embedded/credentials.ts';
import { keyId } from '#shared/node/ed25519.ts';
import { openSealed, sealKeyOf } from '#shared/node/seal.ts';
import { credentialContext, credentialSchema } from '#shared/trust/credential.ts';
import { decodeJoinToken } from '#shared/trust/enrolment.ts';
import { NOON, openFleet, type TestFleet, take, until } from '#test/console/core/support/fleet.ts';
import { TestMachine } from '#test/console/core/support/machine.ts';

let fleet: TestFleet;
beforeEach(async () => {
  fleet = await openFleet();
});
afterEach(() => fleet.close());

const token = async (params = {}) => take(await fleet.core().call('tokens.create', params));
const codeOf = (answer: object): string => ('code' in answer ? String(answer.code) : 'accepted');

describe('enrolment', () => {
  it('answers a proven request with trust, a device document and the labels of the token', async () => {
    const machine = new TestMachine(fleet, 'till-1');
    await machine.connect();
    const { text, token: id } = await token({ labels: { site: 'north' } });
    expect(take(decodeJoinToken(text))).toMatchObject({
      token: id,
      rootFingerprint: fleet.rootFingerprint,
    });
    const answer = await machine.enrol(text);
    expect(codeOf(answer)).toBe('accepted');
    expect(answer).toMatchObject({ agent: 'till-1', collector: 'hq', credential: null });
    expect(await machine.detail()).toMatchObject({ labels: { site: 'north' }, revoked: false });
  });

  it('gives a machine that asks again with the same keys the same answer, counting one use', async () => {
    const machine = new TestMachine(fleet, 'till-1');
    await machine.connect();
    const { text } = await token();
    const first = await machine.enrol(text);
    const again = await machine.enrol(text);
    expect(codeOf(again)).toBe('accepted');
    expect({ ...again, nonce: '' }).toEqual({ ...first, nonce: '' });
    const other = new TestMachine(fleet, 'till-2');
    await other.connect();
    expect(codeOf(await other.enrol(text))).toBe('TOKEN_USED');
  });

  it('refuses a token that expired, and one proved with another secret (E1)', async () => {
    const machine = new TestMachine(fleet, 'till-1');
    await machine.connect();
    const { text } = await token({ minutes: 5 });
    expect(codeOf(await machine.enrol(text, { secret: 'x'.repeat(43) }))).toBe('TOKEN_PROOF');
    fleet.clock.set(NOON + 5 * 60_000);
    expect(codeOf(await machine.enrol(text))).toBe('TOKEN_EXPIRED');
  });

  it('seals to the machine its own way into the embedded broker, and gives the token one, too', async () => {
    const directory = join(fleet.home, 'broker');
    mkdirSync(directory);
    await fleet.reopen();
    const machine = new TestMachine(fleet, 'till-1');
    await machine.connect();
    const { text, token: id } = await token();
    const { username, password } = take(decodeJoinToken(text)).broker;
    const answer = await machine.enrol(text);
    const jwe = 'credential' in answer ? answer.credential : null;
    const key = sealKeyOf(machine.seal.seed);
    const about = credentialContext('shops', 'till-1', keyId(key.publicRaw));
    const opened = take(await openSealed(key.privateKey, about, jwe ?? ''));
    const own = credentialSchema.parse(JSON.parse(Buffer.from(opened).toString()));
    const credentials = brokerCredentials(directory);
    try {
      expect(credentials.verify(own.username, own.password)).toMatchObject({ role: 'agent' });
      expect(username).toBe(`enrol_${id}`);
      expect(credentials.verify(`enrol_${id}`, password ?? '')).toMatchObject({ role: 'enrol' });
    } finally {
      credentials.close();
    }
  });

  it('notices a machine that is not the one that was enrolled (S6)', async () => {
    const machine = await new TestMachine(fleet, 'till-1').join();
    machine.binding = 'b'.repeat(64);
    await machine.connect();
    await machine.hello(2_000);
    await until(async () => (await machine.alarms()).includes('CLONE_OR_FORK'), 'the alarm');
  });

  it('refuses a name that other keys have', async () => {
    await new TestMachine(fleet, 'till-1').join();
    const thief = new TestMachine(fleet, 'till-1');
    await thief.connect();
    const { text } = await token();
    expect(codeOf(await thief.enrol(text))).toBe('NAME_TAKEN');
    const honest = new TestMachine(fleet, 'till-2');
    await honest.connect();
    expect(codeOf(await honest.enrol(text))).toBe('accepted');
  });
});
