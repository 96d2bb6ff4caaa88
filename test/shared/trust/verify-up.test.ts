import { describe, expect, it } from 'vitest';
import { encodeBase64 } from '#shared/trust/base64.ts';
import { sealEnvelope } from '#shared/trust/envelope.ts';
import { openEnrol, verifyHello, verifyReport, verifyStatus } from '#shared/trust/verify-up.ts';
import {
  alice,
  codeOf,
  crypto,
  device,
  deviceDocument,
  enrolDocument,
  entries,
  helloDocument,
  otherDevice,
  receipt,
  reportOf,
  statusDocument,
  unwrap,
} from './fixtures.ts';

const report = reportOf(entries, 1, 3);
const revoked = { ...deviceDocument, revoked: true };

describe('what a machine says', () => {
  it('is believed under its own key (TR56)', () => {
    const hello = sealEnvelope('hello', helloDocument, [device]);
    expect(unwrap(verifyHello(hello, deviceDocument, crypto)).payload).toEqual(helloDocument);
    const status = sealEnvelope('status', statusDocument, [device]);
    expect(unwrap(verifyStatus(status, deviceDocument, crypto)).payload).toEqual(statusDocument);
    const sealed = sealEnvelope('report', report, [device]);
    expect(unwrap(verifyReport(sealed, deviceDocument, crypto)).payload).toEqual(report);
  });

  it('E3 is refused from another device, from an operator and from a revoked device', () => {
    for (const signer of [otherDevice, alice]) {
      const forged = sealEnvelope('report', report, [signer]);
      expect(codeOf(verifyReport(forged, deviceDocument, crypto))).toBe('DEVICE_KEY');
    }
    const sealed = sealEnvelope('report', report, [device]);
    expect(codeOf(verifyReport(sealed, revoked, crypto))).toBe('DEVICE_REVOKED');
  });

  it('E3 is refused when it speaks for another machine or fleet', () => {
    const other = sealEnvelope('hello', { ...helloDocument, agent: 'till-2' }, [device]);
    expect(codeOf(verifyHello(other, deviceDocument, crypto))).toBe('DEVICE_KEY');
    const elsewhere = sealEnvelope('status', { ...statusDocument, fleet: 'others' }, [device]);
    expect(codeOf(verifyStatus(elsewhere, deviceDocument, crypto))).toBe('FLEET');
  });

  it('must carry a head that can be given back as a receipt', () => {
    const foreign = receipt(3, report.head.hash, otherDevice);
    const sealed = sealEnvelope('report', { ...report, head: foreign }, [device]);
    expect(codeOf(verifyReport(sealed, deviceDocument, crypto))).toBe('SIG_INVALID');
    const moved = { ...report.head, seq: 2 };
    const shifted = sealEnvelope('report', { ...report, head: moved }, [device]);
    expect(codeOf(verifyReport(shifted, deviceDocument, crypto))).toBe('SIG_INVALID');
  });
});

describe('a request to enrol', () => {
  it('is signed by the key it presents (TR62)', () => {
    const sealed = sealEnvelope('enrol', enrolDocument, [device]);
    expect(unwrap(openEnrol(sealed, crypto)).payload).toEqual(enrolDocument);
    const foreign = sealEnvelope('enrol', enrolDocument, [otherDevice]);
    expect(codeOf(openEnrol(foreign, crypto))).toBe('DEVICE_KEY');
    const stolen = { ...otherDevice, keyId: device.keyId };
    expect(codeOf(openEnrol(sealEnvelope('enrol', enrolDocument, [stolen]), crypto))).toBe(
      'SIG_INVALID',
    );
  });

  it('C9 presents no weak key', () => {
    const signKey = encodeBase64(Uint8Array.of(1, ...new Uint8Array(31)));
    const weak = sealEnvelope('enrol', { ...enrolDocument, signKey }, [device]);
    expect(codeOf(openEnrol(weak, crypto))).toBe('KEY_WEAK');
  });
});
