import { describe, expect, it } from 'vitest';
import type { Result } from '#shared/result.ts';
import type { Signer } from '#shared/trust/crypto.ts';
import type { Payload, PayloadKind } from '#shared/trust/documents.ts';
import { type Opened, openEnvelope, sealEnvelope } from '#shared/trust/envelope.ts';
import type { Mark } from '#shared/trust/marks.ts';
import { signingKeys } from '#shared/trust/trust-document.ts';
import {
  verifyAck,
  verifyCommand,
  verifyDevice,
  verifySchedule,
} from '#shared/trust/verify-down.ts';
import {
  AGENT,
  ackDocument,
  alice,
  atMs,
  codeOf,
  commandDocument,
  crypto,
  device,
  deviceDocument,
  enroller,
  entries,
  hashesOf,
  idOf,
  machine,
  otherDevice,
  receipt,
  relay,
  rootA,
  rootB,
  SESSION,
  scheduleDocument,
  trustWith,
  unwrap,
} from './fixtures.ts';

const trust = trustWith();

/** Through the wire: sealed, then opened with the keys of the trust. */
const carry = <K extends PayloadKind>(kind: K, payload: Payload<K>, signers: readonly Signer[]) =>
  unwrap(
    openEnvelope(sealEnvelope(kind, payload, signers), {
      expectKinds: [kind],
      keyOf: signingKeys(trust),
      crypto,
    }),
  ) as Opened<K>;

const base = { trust, agent: AGENT, floorAt: atMs };
const installed: Mark = { epoch: 0, revision: 3, docId: 'ab'.repeat(32) };
const scheduleContext = { ...base, machine, mark: installed, capabilities: ['job-exec'] };
const schedule = (
  changes: Partial<typeof scheduleDocument> = {},
  context: Partial<typeof scheduleContext> | { mark: Mark | undefined } = {},
  signers: readonly Signer[] = [alice],
) => {
  const opened = carry('schedule', { ...scheduleDocument, ...changes }, signers);
  return verifySchedule({ ...scheduleContext, ...context }, opened);
};
const idsOf = (result: Result<unknown>) => (result.ok ? {} : result.fault.ids);

describe('a schedule document on the machine', () => {
  it('is applied when everything is right', () => {
    expect(unwrap(schedule()).advance).toBe('apply');
    expect(unwrap(schedule({}, { mark: undefined })).advance).toBe('apply');
  });

  it("P1 refuses another fleet's and another agent's document", () => {
    expect(codeOf(schedule({ fleet: 'others' }))).toBe('FLEET');
    expect(codeOf(schedule({ audience: ['till-2'] }))).toBe('AUDIENCE');
  });

  it('P2 refuses an older revision', () => {
    expect(codeOf(schedule({ revision: 2 }))).toBe('REV_ROLLBACK');
  });

  it('P3 refuses the same revision with other bytes and keeps both digests', () => {
    const forked = schedule({ revision: 3 });
    expect(codeOf(forked)).toBe('REV_FORK');
    const docId = idOf('schedule', { ...scheduleDocument, revision: 3 });
    expect(idsOf(forked)).toEqual({ docId, installed: installed.docId });
  });

  it('P4 refuses a revision far ahead and an old epoch', () => {
    expect(codeOf(schedule({ revision: Number.MAX_SAFE_INTEGER }))).toBe('REV_JUMP');
    expect(codeOf(schedule({ revision: 1_000_004 }))).toBe('REV_JUMP');
    expect(codeOf(schedule({ revision: 1_000_003 }))).toBe('ok');
    expect(codeOf(schedule({ revision: 1_000_001 }, { mark: undefined }))).toBe('REV_JUMP');
    expect(codeOf(schedule({}, { mark: { ...installed, epoch: 1 } }))).toBe('EPOCH_OLD');
  });

  it('begins a new epoch only with the root beside the person (TR25)', () => {
    const fresh = { epoch: 1, revision: 1 };
    expect(idsOf(schedule(fresh))).toMatchObject({ dimension: 'epoch' });
    expect(codeOf(schedule(fresh, {}, [alice, rootA]))).toBe('SCOPE');
    expect(codeOf(schedule(fresh, {}, [rootA, rootB]))).toBe('SCOPE');
    expect(codeOf(schedule(fresh, {}, [alice, rootA, rootB]))).toBe('ok');
  });

  it('takes the document it has again, whatever the time (TR24)', () => {
    const docId = idOf('schedule', scheduleDocument);
    const mark = { epoch: 0, revision: 4, docId };
    const late = { mark, floorAt: Date.parse('2030-01-01T00:00:00Z') };
    expect(unwrap(schedule({}, late)).advance).toBe('same');
  });

  it('waits for a newer trust, and for an agent that can do it (TR22)', () => {
    const early = schedule({ minTrust: 2 });
    expect([codeOf(early), idsOf(early)]).toMatchObject(['MIN_TRUST', { expected: '2' }]);
    expect(codeOf(schedule({ capabilities: ['job-exec', 'job-http'] }))).toBe('CAPABILITY');
  });

  it('is late only by time that has certainly passed (TR23)', () => {
    const end = Date.parse(scheduleDocument.acceptUntil);
    expect(codeOf(schedule({}, { floorAt: end }))).toBe('ok');
    expect(codeOf(schedule({}, { floorAt: end + 1 }))).toBe('ACCEPT_UNTIL');
    expect(codeOf(schedule({}, { floorAt: 0 }))).toBe('ok');
    const afterTrust = { floorAt: Date.parse('2027-01-01T00:00:01Z') };
    expect(codeOf(schedule({ acceptUntil: '2029-01-01T00:00:00Z' }, afterTrust))).toBe(
      'TRUST_EXPIRED',
    );
  });

  it('reports the first failure in the order of the clauses (TR20)', () => {
    const all = {
      fleet: 'others',
      audience: ['till-2'],
      minTrust: 9,
      revision: 1,
      stream: 'tills',
    };
    const late = { floorAt: Date.parse('2030-01-01T00:00:00Z'), capabilities: [] };
    const { fleet, audience, minTrust, revision, stream } = scheduleDocument;
    const fixed = { ...all };
    const next = (change: object) =>
      codeOf(schedule(Object.assign(fixed, change), late, [enroller]));
    expect([next({}), next({ fleet }), next({ audience }), next({ minTrust })]).toEqual([
      'FLEET',
      'AUDIENCE',
      'MIN_TRUST',
      'CAPABILITY',
    ]);
    expect(next({ capabilities: [], stream })).toBe('SCOPE');
    expect(codeOf(schedule(fixed, late))).toBe('REV_ROLLBACK');
    expect(codeOf(schedule({ ...fixed, revision }, late))).toBe('TRUST_EXPIRED');
  });
});

describe('a device document on the machine', () => {
  const own = { signKey: deviceDocument.signKey, sealKey: deviceDocument.sealKey };
  const context = { ...base, current: undefined, mark: undefined, own };
  const verify = (changes: Partial<typeof deviceDocument>, mark?: Mark) =>
    verifyDevice(
      { ...context, mark },
      carry('device', { ...deviceDocument, ...changes }, [enroller]),
    );

  it('is applied when it names this machine and its keys', () => {
    expect(unwrap(verify({})).advance).toBe('apply');
    expect(codeOf(verify({ agent: 'till-2' }))).toBe('AUDIENCE');
    expect(codeOf(verify({ fleet: 'others' }))).toBe('FLEET');
  });

  it('is refused for other keys than the machine has (TR27)', () => {
    const other = Buffer.from(otherDevice.publicRaw).toString('base64');
    expect(codeOf(verify({ signKey: other }))).toBe('DEVICE_KEY');
    expect(codeOf(verify({ sealKey: other }))).toBe('DEVICE_KEY');
  });

  it('only moves on to later generations (TR27)', () => {
    const mark = { epoch: 0, revision: 2, docId: 'ab'.repeat(32) };
    expect(codeOf(verify({ generation: 1 }, mark))).toBe('REV_ROLLBACK');
    expect(codeOf(verify({ generation: 2 }, mark))).toBe('REV_FORK');
    expect(codeOf(verify({ generation: 3 }, mark))).toBe('ok');
  });
});

describe('a command on the machine', () => {
  const seen = new Set<string>();
  const context = {
    ...base,
    machine,
    session: SESSION,
    sessionMonoMs: 100_000,
    seenNonce: (nonce: string) => seen.has(nonce),
  };
  const verify = (
    changes: Partial<typeof commandDocument> = {},
    of: Partial<typeof context> = {},
  ) =>
    verifyCommand(
      { ...context, ...of },
      carry('command', { ...commandDocument, ...changes }, [alice]),
    );

  it('is taken once', () => {
    expect(codeOf(verify())).toBe('ok');
    expect(codeOf(verify({ agent: 'till-2' }))).toBe('AUDIENCE');
    expect(codeOf(verify({ fleet: 'others' }))).toBe('FLEET');
  });

  it('P11 is refused when replayed: in the session, after a restart, after the database is lost', () => {
    expect(codeOf(verify({}, { seenNonce: (nonce) => nonce === commandDocument.nonce }))).toBe(
      'REPLAY',
    );
    const restarted = { session: '7f'.repeat(16), sessionMonoMs: 0 };
    expect(codeOf(verify({}, restarted))).toBe('SESSION');
    expect(codeOf(verify({}, { ...restarted, seenNonce: () => false }))).toBe('SESSION');
  });

  it('P12 is refused past its end, and with a life of 30 days', () => {
    expect(codeOf(verify({}, { sessionMonoMs: 399_999 }))).toBe('ok');
    expect(codeOf(verify({}, { sessionMonoMs: 400_000 }))).toBe('EXPIRED');
    expect(codeOf(verify({ notAfterMs: 30 * 86_400_000 }))).toBe('EXPIRY_TOO_LONG');
    expect(codeOf(verify({ notAfterMs: 3_700_000 }))).toBe('ok');
    expect(codeOf(verify({ notAfterMs: 3_700_001 }))).toBe('EXPIRY_TOO_LONG');
  });
});

describe('an ack on the machine', () => {
  const hashes = hashesOf(entries);
  const context = {
    trust,
    agent: AGENT,
    deviceKey: device.publicRaw,
    head: { incarnation: 1, seq: 3 },
    hashAt: (seq: number) => hashes[seq],
  };
  const verify = (changes: Partial<typeof ackDocument> = {}, of: Partial<typeof context> = {}) =>
    verifyAck({ ...context, ...of }, carry('ack', { ...ackDocument, ...changes }, [relay]), crypto);

  it('confirms what the machine itself signed', () => {
    expect(unwrap(verify()).stored?.seq).toBe(3);
    expect(unwrap(verify({ receipt: null })).stored).toBeNull();
    expect(codeOf(verify({ agent: 'till-2' }))).toBe('AUDIENCE');
    expect(codeOf(verify({ fleet: 'others' }))).toBe('FLEET');
    expect(codeOf(verify({ collector: 'second' }))).toBe('SCOPE');
  });

  it('P13 refuses a log head that the relay invented', () => {
    const invented = receipt(9, 'aa'.repeat(32), relay);
    expect(codeOf(verify({ receipt: invented }))).toBe('ACK_PROOF');
    expect(codeOf(verify({ receipt: { ...receipt(2, hashes[2] as string), seq: 3 } }))).toBe(
      'ACK_PROOF',
    );
    expect(codeOf(verify({ receipt: receipt(3, hashes[3] as string, otherDevice) }))).toBe(
      'ACK_PROOF',
    );
  });

  it('knows a restored disk by a head it signed and no longer has (TR28)', () => {
    expect(codeOf(verify({}, { head: { incarnation: 1, seq: 2 } }))).toBe('STATE_ROLLBACK');
    expect(codeOf(verify({}, { head: { incarnation: 0, seq: 9 } }))).toBe('STATE_ROLLBACK');
    expect(codeOf(verify({}, { hashAt: () => 'aa'.repeat(32) }))).toBe('STATE_ROLLBACK');
    expect(codeOf(verify({}, { hashAt: () => undefined }))).toBe('ok');
    const stale = verify({}, { head: { incarnation: 2, seq: 1 } });
    expect(unwrap(stale).stored).toBeNull();
  });
});
