// What a person signs is what was shown: built from the bytes, on this machine (U3).
import { describe, expect, it } from 'vitest';
import { describePayload } from '#console/signing/describe-payload.ts';
import { signDocuments } from '#console/signing/sign-documents.ts';
import type { PreparedDocument } from '#console/views.ts';
import { generateKey, nodeCrypto, signerOf } from '#shared/node/ed25519.ts';
import { sha256 } from '#shared/node/sha256.ts';
import { DEFAULT_CATCH_UP, DEFAULT_RETRY } from '#shared/schedule/policies.ts';
import { utf8 } from '#shared/trust/crypto.ts';
import { payloadType } from '#shared/trust/documents.ts';
import { documentId, openEnvelope } from '#shared/trust/envelope.ts';

const signer = signerOf(generateKey().seed);
const payloadWith = (argv: readonly string[]): string =>
  JSON.stringify({
    kind: 'schedule',
    fleet: 'shops',
    stream: 'backups',
    epoch: 0,
    revision: 7,
    previous: null,
    audience: ['till-1', 'till-2'],
    minTrust: 1,
    issuedAt: '2026-03-29T00:00:00Z',
    acceptUntil: '2027-03-29T00:00:00Z',
    capabilities: ['job-exec'],
    schedules: [
      {
        id: 'nightly',
        trigger: { kind: 'cron', expression: '30 2 * * *', zone: 'Europe/Berlin' },
        job: { kind: 'exec', argv },
        catchUp: DEFAULT_CATCH_UP,
        overlap: 'skip',
        retry: DEFAULT_RETRY,
        splayMs: 0,
        timeoutMs: 60_000,
        graceMs: 5_000,
        outputCapBytes: 65_536,
        onInterrupted: 'fail',
        paused: false,
      },
    ],
  });
const prepared = (payload: string): PreparedDocument => ({
  kind: 'schedule',
  payload,
  docId: documentId(payloadType('schedule'), utf8(payload), sha256),
  summary: ['removes nothing, really'],
  personsNeeded: 1,
});

describe('what is shown', () => {
  it('quotes argv, counts machines and escapes what would hide or reorder it', () => {
    const described = describePayload(
      'schedule',
      payloadWith(['rm', '-rf', '/tmp/a b', 'x\u202egpj']),
    );
    const text = described.ok ? described.value.join('\n') : '';
    expect(text).toContain("rm -rf '/tmp/a b'");
    expect(text).toContain('2 machines');
    expect(text).toContain('\\u{202e}');
    expect(text).not.toContain('\u202e');
  });

  it('is refused where the bytes are another kind of document, or none', () => {
    expect(describePayload('command', payloadWith(['true'])).ok).toBe(false);
    expect(describePayload('trust', payloadWith(['true'])).ok).toBe(false);
    expect(describePayload('schedule', '{').ok).toBe(false);
  });
});

describe('what is signed', () => {
  it('is exactly the bytes that were described', () => {
    const document = prepared(payloadWith(['true']));
    const signed = signDocuments([document], signer);
    const [envelope] = signed.ok ? signed.value : [];
    const opened = openEnvelope(utf8(envelope ?? ''), {
      expectKinds: ['schedule'],
      keyOf: (keyId) => (keyId === signer.keyId ? signer.publicRaw : undefined),
      crypto: nodeCrypto,
    });
    expect(opened).toMatchObject({ ok: true, value: { docId: document.docId } });
    expect(opened.ok && Buffer.from(opened.value.payloadBytes).toString()).toBe(document.payload);
  });

  it('is nothing at all when one id is not that of its bytes', () => {
    const good = prepared(payloadWith(['true']));
    const swapped = { ...prepared(payloadWith(['rm'])), docId: good.docId };
    expect(signDocuments([good, swapped], signer)).toMatchObject({
      ok: false,
      fault: { code: 'DIGEST' },
    });
  });

  it('is never larger than a broker takes', () => {
    const large = prepared(payloadWith(['echo', 'x'.repeat(32_000), 'y'.repeat(20_000)]));
    expect(signDocuments([large], signer)).toMatchObject({ ok: false, fault: { code: 'SIZE' } });
  });
});
