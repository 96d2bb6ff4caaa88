// Live output on the agent's side: told only when asked, once a second, signed, and never more than it may.
import { describe, expect, it } from 'vitest';
import type { Context } from '#agent/daemon/context.ts';
import { type LiveOutput, openTails } from '#agent/daemon/tail.ts';
import { generateKey, nodeCrypto, signerOf } from '#shared/node/ed25519.ts';
import { ok } from '#shared/result.ts';
import { MAX_TAIL_BYTES, type TailDocument } from '#shared/trust/documents.ts';
import { openEnvelope } from '#shared/trust/envelope.ts';

const RUN = 'ab'.repeat(16);
const signer = signerOf(generateKey().seed);

/** A clock that is moved by hand, output that is written by hand, and what was published. */
function lab() {
  let monoMs = 0;
  let timers: { readonly atMs: number; readonly wake: () => void }[] = [];
  let output = Buffer.alloc(0);
  let attempt: number | undefined = 1;
  const told: TailDocument[] = [];
  const clock = {
    now: () => ({ wallAt: 0, monoMs }),
    after: (delayMs: number, wake: () => void) => {
      const timer = { atMs: monoMs + delayMs, wake };
      timers.push(timer);
      return {
        cancel: () => {
          timers = timers.filter((one) => one !== timer);
        },
      };
    },
  };
  const log = { debug: () => undefined };
  const identity = { fleet: 'shops', agent: 'till-1' };
  const live: LiveOutput = {
    attemptOf: (run) => (run === RUN ? attempt : undefined),
    read: (_, from, max) => ({
      bytes: output.subarray(from, from + max),
      total: output.length,
    }),
  };
  const tails = openTails({ clock, log, identity, signer } as unknown as Context, live);
  tails.start(async (payload) => {
    const opened = openEnvelope(payload, {
      expectKinds: ['tail'],
      keyOf: (keyId) => (keyId === signer.keyId ? signer.publicRaw : undefined),
      crypto: nodeCrypto,
    });
    if (!opened.ok) throw new Error(opened.fault.code);
    told.push(opened.value.payload);
    return ok(undefined);
  });
  return {
    tails,
    told,
    write: (bytes: string | Buffer) => {
      output = Buffer.concat([output, Buffer.from(bytes as string)]);
    },
    setAttempt: (next: number | undefined, text = '') => {
      attempt = next;
      output = Buffer.from(text);
    },
    ask: (hint: unknown) => tails.receive(Buffer.from(JSON.stringify(hint))),
    pass: async (ms: number) => {
      for (const endMs = monoMs + ms; monoMs < endMs; ) {
        monoMs = Math.min(endMs, monoMs + 100);
        const due = timers.filter(({ atMs }) => atMs <= monoMs);
        timers = timers.filter(({ atMs }) => atMs > monoMs);
        for (const { wake } of due) wake();
        await Promise.resolve();
        await Promise.resolve();
      }
    },
    pending: () => timers.length,
  };
}

describe('tails', () => {
  it('tell what is new once a second, from where they were', async () => {
    const { ask, told, write, pass } = lab();
    write('one\n');
    ask({ run: RUN, ms: 60_000 });
    expect(told).toMatchObject([{ run: RUN, attempt: 1, from: 0, to: 4, total: 4, text: 'one\n' }]);
    for (const line of ['two\n', 'three\n', 'four\n']) {
      write(line);
      await pass(200);
    }
    await pass(400);
    expect(told.slice(1)).toMatchObject([{ from: 4, to: 19, text: 'two\nthree\nfour\n' }]);
    await pass(5_000);
    expect(told).toHaveLength(2);
  });

  it('end with the time asked for, the run, or the link', async () => {
    const { ask, told, write, pass, pending, setAttempt, tails } = lab();
    ask({ run: RUN, ms: 2_000 });
    await pass(3_000);
    expect(pending()).toBe(0);
    write('unseen');
    await pass(3_000);
    expect(told.map(({ text }) => text)).toEqual(['']);
    ask({ run: RUN, ms: 60_000 });
    setAttempt(undefined);
    await pass(2_000);
    expect(pending()).toBe(0);
    setAttempt(1, 'x');
    ask({ run: RUN, ms: 60_000 });
    tails.stop();
    expect(pending()).toBe(0);
    ask({ run: RUN, ms: 60_000 });
    expect(pending()).toBe(0);
  });

  it('begin anew with the next attempt', async () => {
    const { ask, told, pass, setAttempt, write } = lab();
    write('first attempt');
    ask({ run: RUN, ms: 60_000 });
    setAttempt(2, 'second');
    await pass(1_100);
    expect(told.at(-1)).toMatchObject({ attempt: 2, from: 0, text: 'second' });
  });

  it('skip the middle of what is written too fast, never cut a character, and keep to 8 KiB', async () => {
    const { ask, told, write, pass } = lab();
    write('ä'.repeat(3));
    write(Buffer.from('ä').subarray(0, 1));
    ask({ run: RUN, ms: 60_000 });
    expect(told[0]).toMatchObject({ from: 0, to: 6, total: 7, text: 'äää' });
    write(Buffer.concat([Buffer.from('ä').subarray(1), Buffer.alloc(100_000, 0x78)]));
    await pass(1_100);
    expect(told[1]?.to).toBe(100_008);
    expect(Buffer.byteLength(told[1]?.text ?? '')).toBe(MAX_TAIL_BYTES);
    write(Buffer.from([0xff, 0xfe, 0x41]));
    await pass(1_100);
    expect(told[2]).toMatchObject({ from: 100_008, to: 100_011, text: '\ufffd\ufffdA' });
  });

  it('pass over junk, unknown runs, long watches and floods', async () => {
    const { ask, told, tails, pass } = lab();
    for (const junk of [
      '',
      '{',
      '[]',
      '"x"',
      `{"run":"${RUN}"}`,
      `{"run":"${RUN}","ms":1,"x":1}`,
    ]) {
      tails.receive(Buffer.from(junk));
    }
    ask({ run: 'cd'.repeat(16), ms: 1_000 });
    ask({ run: RUN, ms: 300_001 });
    await pass(1_100);
    for (let n = 0; n < 11; n++) ask({ run: 'ee'.repeat(16), ms: 1_000 });
    ask({ run: RUN, ms: 1_000 });
    expect(told).toEqual([]);
    await pass(1_100);
    ask({ run: RUN, ms: 1_000 });
    expect(told).toHaveLength(1);
  });
});
