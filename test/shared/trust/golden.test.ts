import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Signer } from '#shared/trust/crypto.ts';
import type { Payload, PayloadKind } from '#shared/trust/documents.ts';
import { payloadSchemas } from '#shared/trust/documents.ts';
import { openEnvelope, sealEnvelope } from '#shared/trust/envelope.ts';
import {
  ackDocument,
  alice,
  bob,
  commandDocument,
  crypto,
  device,
  deviceDocument,
  enrolDocument,
  enroller,
  entries,
  helloDocument,
  relay,
  reportOf,
  rootA,
  rootB,
  scheduleDocument,
  statusDocument,
  tailDocument,
  trustV1,
  unwrap,
} from './fixtures.ts';

const folder = new URL('../../golden/', import.meta.url);
const read = (name: string): Buffer => readFileSync(new URL(name, folder));
const docIds = JSON.parse(read('doc-ids.json').toString()) as Record<string, string>;

const samples: { readonly [K in PayloadKind]: readonly [Payload<K>, readonly Signer[]] } = {
  trust: [trustV1, [rootA, rootB]],
  device: [deviceDocument, [enroller]],
  schedule: [scheduleDocument, [alice, bob]],
  command: [commandDocument, [alice]],
  ack: [ackDocument, [relay]],
  enrol: [enrolDocument, [device]],
  hello: [helloDocument, [device]],
  status: [statusDocument, [device]],
  report: [reportOf(entries, 1, 3), [device]],
  tail: [tailDocument, [device]],
};
const keys = new Map(
  [rootA, rootB, alice, bob, enroller, relay, device].map((key) => [key.keyId, key.publicRaw]),
);

describe('documents of the past', () => {
  it('there is one of each kind', () => {
    const names = readdirSync(folder).filter((name) => name.endsWith('.envelope.json'));
    expect(names.sort()).toEqual(
      Object.keys(payloadSchemas)
        .map((kind) => `${kind}.envelope.json`)
        .sort(),
    );
  });

  for (const kind of Object.keys(payloadSchemas) as PayloadKind[]) {
    it(`an old ${kind} still opens, with the same identity, and would be written the same`, () => {
      const bytes = read(`${kind}.envelope.json`);
      const keyOf = (keyId: string) => keys.get(keyId);
      const opened = unwrap(openEnvelope(bytes, { expectKinds: [kind], keyOf, crypto }));
      const [payload, signers] = samples[kind];
      expect(opened.payload).toEqual(payload);
      expect(opened.docId).toBe(docIds[kind]);
      expect(opened.signers).toEqual(signers.map(({ keyId }) => keyId));
      expect(Buffer.from(sealEnvelope(kind, payload, signers)).equals(bytes)).toBe(true);
    });
  }
});
