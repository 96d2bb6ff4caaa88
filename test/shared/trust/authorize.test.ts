import { describe, expect, it } from 'vitest';
import type { Fault, Result } from '#shared/result.ts';
import {
  authorizeAck,
  authorizeCommand,
  authorizeDevice,
  authorizeSchedule,
  isProtected,
} from '#shared/trust/authorize.ts';
import type { Signer } from '#shared/trust/crypto.ts';
import type { CommandDocument, TrustDocument } from '#shared/trust/documents.ts';
import {
  ackDocument,
  alice,
  aliceSpare,
  bob,
  codeOf,
  commandDocument,
  deviceDocument,
  enroller,
  machine,
  relay,
  rootA,
  rootB,
  scheduleDocument,
  shellSchedule,
  trustV1,
  trustWith,
} from './fixtures.ts';

const trust = trustWith();
const withThresholds = (changes: Partial<TrustDocument['thresholds']>) =>
  trustWith({ thresholds: { ...trustV1.thresholds, ...changes } });
const ids = (signers: readonly Signer[]) => signers.map(({ keyId }) => keyId);
const faultOf = (result: Result<unknown>): Fault | undefined =>
  result.ok ? undefined : result.fault;
const dimensionOf = (result: Result<unknown>) => [codeOf(result), faultOf(result)?.ids?.dimension];

const schedule = (
  signers: readonly Signer[],
  changes: Partial<typeof scheduleDocument> = {},
  on = machine,
  by = trust,
) => authorizeSchedule(by, { ...scheduleDocument, ...changes }, ids(signers), on);

describe('who may sign a schedule', () => {
  it('one person inside the role is enough when the threshold is one', () => {
    expect(codeOf(schedule([alice]))).toBe('ok');
    expect(codeOf(schedule([bob]))).toBe('ok');
    expect(codeOf(schedule([bob], { schedules: [] }))).toBe('ok');
  });

  it('P9 refuses what is outside a role and names the dimension', () => {
    const elsewhere = { ...machine, labels: { site: 'nice' } };
    expect(dimensionOf(schedule([bob], { stream: 'tills' }))).toEqual(['SCOPE', 'streams']);
    expect(dimensionOf(schedule([bob], {}, elsewhere))).toEqual(['SCOPE', 'labels']);
    expect(dimensionOf(schedule([bob], {}, { ...machine, labels: {} }))).toEqual([
      'SCOPE',
      'labels',
    ]);
    const shell = { schedules: [shellSchedule] };
    expect(dimensionOf(schedule([bob], shell))).toEqual(['SCOPE', 'jobKinds']);
    const both = { schedules: [...scheduleDocument.schedules, shellSchedule] };
    expect(dimensionOf(schedule([bob], both))).toEqual(['SCOPE', 'jobKinds']);
    const roles = trustV1.roles.map((role) => ({ ...role, runAs: ['backup'] }));
    expect(dimensionOf(schedule([bob], {}, machine, trustWith({ roles })))).toEqual([
      'SCOPE',
      'runAs',
    ]);
    expect(dimensionOf(schedule([enroller]))).toEqual(['SCOPE', 'may']);
    expect(dimensionOf(schedule([rootA, rootB]))).toEqual(['SCOPE', 'may']);
  });

  it('counts no revoked key, should one come this far (TR37)', () => {
    const at = '2026-01-02T00:00:00Z';
    const revoked = [{ key: alice.keyId, reason: 'retired' as const, at }];
    const after = trustWith({ revoked });
    expect(dimensionOf(schedule([alice], {}, machine, after))).toEqual(['SCOPE', 'may']);
    expect(codeOf(schedule([aliceSpare], {}, machine, after))).toBe('ok');
  });

  it('P13 a relay key signs no schedule', () => {
    expect(dimensionOf(schedule([relay]))).toEqual(['SCOPE', 'may']);
  });

  it('C7 counts two keys of one person once', () => {
    const two = withThresholds({ schedule: 2 });
    expect(codeOf(schedule([alice, aliceSpare], {}, machine, two))).toBe('SIG_THRESHOLD');
    expect(codeOf(schedule([alice, bob], {}, machine, two))).toBe('ok');
  });

  it('C8 counts only persons who hold the whole grant alone', () => {
    const two = withThresholds({ schedule: 2 });
    const shell = { schedules: [...scheduleDocument.schedules, shellSchedule] };
    expect(codeOf(schedule([alice, bob], shell, machine, two))).toBe('SIG_THRESHOLD');
    expect(codeOf(schedule([alice, enroller], {}, machine, two))).toBe('SIG_THRESHOLD');
  });

  it('P10 reads the risk from the content, whatever the document claims', () => {
    const asRoot = { ...machine, selfIsRoot: true };
    const claim = { x: { risk: 'low', runAs: 'nobody' } };
    expect(codeOf(schedule([alice], claim, asRoot))).toBe('SIG_THRESHOLD');
    expect(codeOf(schedule([alice, bob], claim, asRoot))).toBe('ok');
    expect(codeOf(schedule([alice], { ...claim, schedules: [] }, asRoot))).toBe('ok');
    const vault = { ...machine, labels: { site: 'lyon', role: 'vault' } };
    expect(codeOf(schedule([alice], claim, vault))).toBe('SIG_THRESHOLD');
    expect(codeOf(schedule([alice, bob], claim, vault))).toBe('ok');
  });

  it('knows protected labels by key and by key and value (TR44)', () => {
    expect(isProtected(trustV1, { role: 'till' })).toBe(false);
    expect(isProtected(trustV1, { role: 'vault' })).toBe(true);
    expect(isProtected(trustV1, { secret: 'anything' })).toBe(true);
  });
});

describe('who may sign a command', () => {
  const command = (
    signers: readonly Signer[],
    verb: CommandDocument['command'] = commandDocument.command,
    selfIsRoot = false,
  ) => {
    const document = { ...commandDocument, command: verb };
    return authorizeCommand(trust, document, ids(signers), { ...machine, selfIsRoot });
  };

  it('keeps a command inside the stream of its schedule (TR45)', () => {
    expect(codeOf(command([bob]))).toBe('ok');
    const other = command([bob], { verb: 'pause', schedule: 'tills/close' });
    expect(dimensionOf(other)).toEqual(['SCOPE', 'streams']);
  });

  it('asks all streams for the whole machine and for a run nobody can place (TR45)', () => {
    for (const verb of [
      { verb: 'pause', schedule: null },
      { verb: 'cancel', run: 'aa'.repeat(16) },
    ] as const) {
      expect(dimensionOf(command([bob], verb))).toEqual(['SCOPE', 'streams']);
      expect(codeOf(command([alice], verb))).toBe('ok');
    }
    const cancel = {
      ...commandDocument,
      command: { verb: 'cancel', run: 'aa'.repeat(16) },
    } as const;
    const target = { stream: 'backup' };
    expect(codeOf(authorizeCommand(trust, cancel, [bob.keyId], machine, target))).toBe('ok');
  });

  it('asks the kind of the job that a run would start', () => {
    const target = { stream: 'backup', jobKind: 'shell' };
    const result = authorizeCommand(trust, commandDocument, [bob.keyId], machine, target);
    expect(dimensionOf(result)).toEqual(['SCOPE', 'jobKinds']);
  });

  it('P10 starting a job as root needs as many persons as scheduling it', () => {
    expect(codeOf(command([alice], undefined, true))).toBe('SIG_THRESHOLD');
    expect(codeOf(command([alice, bob], undefined, true))).toBe('ok');
    expect(codeOf(command([alice], { verb: 'pause', schedule: null }, true))).toBe('ok');
  });
});

describe('who may sign a device document', () => {
  const enrol = (signers: readonly Signer[], labels = {}, current?: Record<string, string>) =>
    codeOf(
      authorizeDevice(
        trust,
        { ...deviceDocument, labels },
        ids(signers),
        current && { ...deviceDocument, labels: current },
      ),
    );

  it('a program may enrol machines nobody protects, and no others (TR43)', () => {
    expect(enrol([enroller])).toBe('ok');
    expect(enrol([enroller], { role: 'vault' })).toBe('SCOPE');
    expect(enrol([enroller, alice], { role: 'vault' })).toBe('SIG_THRESHOLD');
    expect(enrol([bob])).toBe('SCOPE');
  });

  it('taking a protected label away needs the same persons as giving it (TR46)', () => {
    expect(enrol([alice], {}, { role: 'vault' })).toBe('SIG_THRESHOLD');
    expect(enrol([enroller], {}, { role: 'vault' })).toBe('SCOPE');
    expect(enrol([alice], {}, { role: 'till' })).toBe('ok');
  });

  it('a role bound to labels neither takes machines over nor gives them away (TR46)', () => {
    const roles = trustV1.roles.map((role) => ({ ...role, labels: { site: 'lyon' } }));
    const bound = trustWith({ roles });
    const at = (site: string) => ({ ...deviceDocument, labels: { site } });
    const move = (from: string, to: string) =>
      codeOf(authorizeDevice(bound, at(to), [alice.keyId], at(from)));
    expect([move('lyon', 'lyon'), move('lyon', 'nice'), move('nice', 'lyon')]).toEqual([
      'ok',
      'SCOPE',
      'SCOPE',
    ]);
  });
});

describe('who may sign an ack', () => {
  it('P13 only a relay key of the collector that the ack names (TR47)', () => {
    expect(codeOf(authorizeAck(trust, ackDocument, [relay.keyId]))).toBe('ok');
    expect(codeOf(authorizeAck(trust, ackDocument, [alice.keyId, rootA.keyId]))).toBe('SCOPE');
    expect(codeOf(authorizeAck(trust, { ...ackDocument, collector: 'x' }, [relay.keyId]))).toBe(
      'SCOPE',
    );
  });
});
