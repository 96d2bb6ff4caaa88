// Proposals over the real core: stored, shown from their bytes, signed by enough persons, published; or withdrawn, or overtaken.
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Push } from '#console/api.ts';
import type { ProposalDetail } from '#console/views/planning.ts';
import { sha256 } from '#shared/node/sha256.ts';
import { encodeBase64 } from '#shared/trust/base64.ts';
import type { Signer } from '#shared/trust/crypto.ts';
import { utf8 } from '#shared/trust/crypto.ts';
import { payloadType } from '#shared/trust/documents.ts';
import { popBytes } from '#shared/trust/enrolment.ts';
import { documentId, sealEnvelope } from '#shared/trust/envelope.ts';
import {
  FLEET,
  fault,
  newSigner,
  openFleet,
  type TestFleet,
  take,
  until,
} from '../support/fleet.ts';
import { TestMachine } from '../support/machine.ts';

const file = (cron: string, stream = 'backups') => [
  {
    name: `${stream}.yaml`,
    text: `stream: ${stream}\naudience: all\nschedules:\n  nightly:\n    cron: "${cron}"\n    exec: [/usr/bin/backup, "x\u202ey"]\n`,
  },
];

/** Publishes trust version 2: schedules need two persons, and bob is another one who may. */
async function needTwoPersons(): Promise<Signer> {
  const bob = newSigner();
  const db = new Database(join(fleet.home, 'console.db'), { readonly: true });
  const row = db.prepare("SELECT doc_id, payload FROM documents WHERE kind = 'trust'").get() as {
    readonly doc_id: string;
    readonly payload: string;
  };
  db.close();
  const old = JSON.parse(row.payload);
  const proof = encodeBase64(bob.sign(popBytes(FLEET, 'bob', bob.publicRaw)));
  const key = { public: encodeBase64(bob.publicRaw), proof };
  const trust = {
    ...old,
    version: 2,
    previous: row.doc_id,
    persons: [...old.persons, { id: 'bob', type: 'person', keys: [key] }],
    grants: [...old.grants, { person: 'bob', role: 'operator' }],
    thresholds: { ...old.thresholds, schedule: 2 },
  };
  const envelope = Buffer.from(sealEnvelope('trust', trust, [fleet.root])).toString();
  take(await core().call('documents.publish', { envelopes: [envelope] }));
  return bob;
}

let fleet: TestFleet;
let machine: TestMachine;
const pushes: Push[] = [];
const core = () => fleet.core();
const show = async (proposal: string) => take(await core().call('proposals.show', { proposal }));
const propose = async (params: object) =>
  take(await core().call('proposals.create', params)).proposal;
const seal = ({ documents }: ProposalDetail, signer: Signer): string[] =>
  documents.map(({ kind, payload }) =>
    Buffer.from(sealEnvelope(kind, utf8(payload), [signer])).toString(),
  );

beforeAll(async () => {
  fleet = await openFleet();
  machine = await new TestMachine(fleet, 'till-1').join();
  core().onPush((push) => pushes.push(push));
});
afterAll(() => fleet.close());

describe('proposals', () => {
  it('are shown from the very bytes, with their digest and nothing invisible (U3, U1)', async () => {
    const proposal = await propose({ files: file('30 2 * * *'), note: 'please' });
    expect(proposal).toBe('P-1');
    const shown = await show(proposal);
    expect(shown).toMatchObject({
      state: 'open',
      kind: 'schedule',
      note: 'please',
      command: 'muster sign P-1',
      personsNeeded: 1,
      signedBy: [],
      streams: ['backups'],
    });
    const [document] = shown.documents;
    const bytes = utf8(document?.payload ?? '');
    expect(document?.docId).toBe(documentId(payloadType('schedule'), bytes, sha256));
    expect(document?.summary.join('\n')).toContain('\\u{202e}');
    expect(pushes).toContainEqual({ kind: 'proposals', proposals: ['P-1'] });
    expect(take(await core().call('proposals.list', {})).map((one) => one.proposal)).toEqual([
      'P-1',
    ]);
  });

  it('are published by a signature that suffices, and by nobody else’s', async () => {
    const shown = await show('P-1');
    const stranger = await core().call('proposals.sign', {
      proposal: 'P-1',
      envelopes: seal(shown, newSigner()),
    });
    expect(fault(stranger)).toBe('KEY_UNKNOWN');
    const root = { proposal: 'P-1', envelopes: seal(shown, fleet.root) };
    expect(fault(await core().call('proposals.sign', root))).toBe('SCOPE');
    expect((await show('P-1')).signedBy).toEqual([]);
    const signed = take(
      await core().call('proposals.sign', {
        proposal: 'P-1',
        envelopes: seal(shown, fleet.operator),
      }),
    );
    expect(signed).toMatchObject({
      state: 'published',
      signedBy: ['ana'],
      published: [{ sent: true }],
    });
    expect(await show('P-1')).toMatchObject({ state: 'published' });
    await until(
      () => machine.received.has('muster1/shops/a/till-1/down/doc/schedule/backups'),
      'the document',
    );
    const again = { proposal: 'P-1', envelopes: seal(shown, fleet.operator) };
    expect(fault(await core().call('proposals.sign', again))).toBe('PROPOSAL_CLOSED');
    expect(take(await core().call('proposals.list', {}))).toEqual([]);
    expect(take(await core().call('proposals.list', { state: 'all' }))).toHaveLength(1);
    expect(take(await core().call('streams.yaml', { stream: 'backups' })).from).toBe('file');
  });

  it('take only the bytes that were proposed', async () => {
    const first = await propose({ files: file('0 3 * * *') });
    const other = await propose({ files: file('0 3 * * *', 'others') });
    const swapped = seal(await show(other), fleet.operator);
    const answer = await core().call('proposals.sign', { proposal: first, envelopes: swapped });
    expect(fault(answer)).toBe('PROPOSAL_MISMATCH');
    const junk = await core().call('proposals.sign', { proposal: first, envelopes: ['{}'] });
    expect(fault(junk)).toBe('ENVELOPE');
    take(await core().call('proposals.withdraw', { proposal: other }));
    expect(fault(await core().call('proposals.withdraw', { proposal: other }))).toBe(
      'PROPOSAL_CLOSED',
    );
  });

  it('are outdated once something newer was published', async () => {
    const [{ proposal } = { proposal: '' }] = take(await core().call('proposals.list', {}));
    const shown = await show(proposal);
    await fleet.apply(file('0 5 * * *')[0]?.text ?? '');
    expect((await show(proposal)).state).toBe('outdated');
    const late = { proposal, envelopes: seal(shown, fleet.operator) };
    expect(fault(await core().call('proposals.sign', late))).toBe('PROPOSAL_OUTDATED');
    take(await core().call('proposals.withdraw', { proposal }));
  });

  it('survive the core, and are known as published when somebody signed them elsewhere', async () => {
    const proposal = await propose({ remove: 'backups' });
    await fleet.reopen();
    await until(async () => (await core().call('core.status', {})).ok, 'the core');
    expect(await show(proposal)).toMatchObject({ state: 'open', title: 'remove backups' });
    take(await fleet.publish((await show(proposal)).documents));
    expect((await show(proposal)).state).toBe('published');
  });

  it('of a command live as long as the machine’s session', async () => {
    await fleet.apply(file('30 2 * * *')[0]?.text ?? '');
    await until(async () => (await machine.summary()).presence !== 'offline', 'the machine');
    await machine.hello();
    const command = {
      agent: 'till-1',
      command: { verb: 'pause' as const, schedule: null },
      ttlMs: 60_000,
    };
    const proposal = await propose({ command });
    const shown = await show(proposal);
    expect(shown).toMatchObject({ kind: 'command', title: 'on machine till-1: pause everything' });
    fleet.clock.set(fleet.clock.now().wallAt + 61_000);
    expect((await show(proposal)).state).toBe('outdated');
    fleet.clock.set(fleet.clock.now().wallAt - 61_000);
    const signed = await core().call('proposals.sign', {
      proposal,
      envelopes: seal(shown, fleet.operator),
    });
    expect(take(signed)).toMatchObject({ state: 'published', published: [{ kind: 'command' }] });
  });

  it('wait until enough persons signed, and count nobody twice (C7)', async () => {
    const second = await needTwoPersons();
    const proposal = await propose({ files: file('0 6 * * *') });
    const shown = await show(proposal);
    expect(shown.personsNeeded).toBe(2);
    const sign = async (signer: Signer) =>
      take(await core().call('proposals.sign', { proposal, envelopes: seal(shown, signer) }));
    expect(await sign(fleet.operator)).toMatchObject({
      state: 'open',
      signedBy: ['ana'],
      published: [],
    });
    expect(await sign(fleet.operator)).toMatchObject({ state: 'open', signedBy: ['ana'] });
    await fleet.reopen();
    const { state, signedBy } = await sign(second);
    expect([state, [...signedBy].sort()]).toEqual(['published', ['ana', 'bob']]);
    const [document] = (await show(proposal)).documents;
    expect(document?.signatures.map(({ person }) => person).sort()).toEqual(['ana', 'bob']);
  });

  it('answer nonsense with a fault', async () => {
    const nothing = await core().call('proposals.create', {});
    const both = await core().call('proposals.create', { remove: 'a', files: file('x') });
    const bad = await core().call('proposals.create', { files: file('61 * * * *') });
    const same = await core().call('proposals.create', { files: file('0 6 * * *') });
    expect([nothing, both, bad, same].map(fault)).toEqual([
      'PARAMS',
      'PARAMS',
      'PLAN_FAULTS',
      'NOTHING_TO_SIGN',
    ]);
    expect(fault(await core().call('proposals.show', { proposal: 'P-999' }))).toBe(
      'PROPOSAL_UNKNOWN',
    );
    expect(fault(await core().call('proposals.show', { proposal: 'P-0; DROP' }))).toBe('PARAMS');
  });
});
