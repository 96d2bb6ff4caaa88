// Reading an attempt's record: only whole lines count (SPEC.md L1, L10).
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { capBlocks } from '#agent/launch/batch.ts';
import { parseStat } from '#agent/launch/identity.ts';
import { parseRecord } from '#agent/launch/record.ts';

const stat = '41 (a) b (sh) S 1 40 40 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 208774 2654208 233';
const claim = `C 1700000000000 60000 5000 1000 boot-id ${stat}\n`;

describe('a record', () => {
  it('gives claim and exit (L1)', () => {
    const { claim: read, exit } = parseRecord(`${claim}X 3\n`);
    expect(read).toMatchObject({
      requestedAt: 1_700_000_000_000,
      timeoutMs: 60_000,
      graceMs: 5_000,
      capBytes: 1_000,
      supervisor: { pid: 41, startTicks: 208_774, bootId: 'boot-id' },
      stat,
    });
    expect(exit).toEqual({ exitCode: 3, signal: null, startFailed: false });
  });

  it.each([
    ['X 143\n', { exitCode: 143, signal: null }],
    ['Terminated\nX 143\n', { exitCode: null, signal: 'SIGTERM' }],
    ['Segmentation fault (core dumped)\nX 139\n', { exitCode: null, signal: 'SIGSEGV' }],
    ['X 130\n', { exitCode: null, signal: 'SIGINT' }],
    ['Terminated\nX 3\n', { exitCode: 3, signal: null }],
    ['F\nX 127\n', { exitCode: 127, startFailed: true }],
  ])('with %j tells signals from exit codes by the words of the shell (L1)', (lines, exit) => {
    expect(parseRecord(claim + lines).exit).toMatchObject(exit);
  });

  it('cut anywhere before its last byte is no exit (L10)', () => {
    const whole = `${claim}Terminated\nX 143\n`;
    fc.assert(
      fc.property(fc.nat(whole.length - 1), (length) => {
        expect(parseRecord(whole.slice(0, length)).exit).toBeUndefined();
      }),
    );
  });

  it('of arbitrary bytes never throws and is no exit without a claim (L10)', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(parseRecord(`?${text}\nX 0\n`).exit).toBeUndefined();
      }),
    );
  });

  it('made void says so (L8)', () => {
    expect(parseRecord('N\n')).toEqual({ void: true, claim: undefined, exit: undefined });
  });
});

describe('a stat line', () => {
  it('is read past any name, and refused when it is none (L10)', () => {
    expect(parseStat(stat)).toEqual({ pid: 41, startTicks: 208_774, state: 'S' });
    for (const text of ['', 'x', '41 (sh)', '41 (sh) S 1 2'])
      expect(parseStat(text)).toBeUndefined();
  });
});

it('the file limit always leaves room to see that there was more than the cap (L3)', () => {
  fc.assert(
    fc.property(fc.nat(1e9), (cap) => {
      expect(capBlocks(cap) * 512).toBeGreaterThan(cap);
      expect(capBlocks(cap) * 512 - cap).toBeLessThanOrEqual(512);
    }),
  );
});
