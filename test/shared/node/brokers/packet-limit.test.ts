import fc from 'fast-check';
import { expect, test } from 'vitest';
import { packetLimit } from '#shared/node/brokers/packet-limit.ts';

/** A packet of MQTT: one byte of type, the length in 7-bit groups, the body. */
function packet(bodyBytes: number): Buffer {
  const head = [0x30];
  let rest = bodyBytes;
  do {
    head.push((rest % 128) | (rest >= 128 ? 0x80 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Buffer.concat([Buffer.from(head), Buffer.alloc(bodyBytes, 0xff)]);
}

test('packets within the limit pass however the stream is cut', () => {
  const lengths = fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 8 });
  const cuts = fc.array(fc.integer({ min: 1, max: 97 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(lengths, cuts, fc.boolean(), (sizes, steps, oversized) => {
      const all = [...sizes, ...(oversized ? [301] : [])].map(packet);
      const stream = Buffer.concat(all);
      const accepts = packetLimit(300);
      let fits = true;
      for (let at = 0, turn = 0; fits && at < stream.length; turn++) {
        const step = steps[turn % steps.length] as number;
        fits = accepts(stream.subarray(at, at + step));
        at += step;
      }
      expect(fits).toBe(!oversized);
    }),
  );
});

test('a length is refused from its head alone, and one that never ends too', () => {
  expect(packetLimit(1_000)(packet(1_001).subarray(0, 3))).toBe(false);
  expect(packetLimit(2 ** 31)(Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80, 0x01]))).toBe(false);
});
