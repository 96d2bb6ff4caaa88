// The small pure pieces of the command line: times, tables, inert text, exit codes.
import { describe, expect, it } from 'vitest';
import { exitOfFault } from '#console/cli/exit.ts';
import { inert, inertLines } from '#console/cli/inert.ts';
import { machines } from '#console/cli/machines.ts';
import { tableLines } from '#console/cli/table.ts';
import { parseWhen } from '#console/cli/when.ts';
import { parseBrokerAddress } from '#console/setup/broker-address.ts';

const NOW = Date.parse('2026-03-29T12:00:00Z');

describe('times on the command line', () => {
  it.each([
    ['2026-03-29T01:00:00Z', '2026-03-29T01:00:00Z'],
    ['2026-03-29T03:00:00+02:00', '2026-03-29T01:00:00Z'],
    ['2026-03-29T01:00:00.250Z', '2026-03-29T01:00:00.250Z'],
    ['2026-03-29', '2026-03-29T00:00:00Z'],
    ['90m', '2026-03-29T10:30:00Z'],
    ['7d', '2026-03-22T12:00:00Z'],
  ])('%s is %s', (text, expected) => {
    expect(parseWhen(text, NOW)).toEqual({ ok: true, value: expected });
  });

  it.each(['yesterday', '2026-02-30T00:00:00Z x', '2026-13-01', '2026-02-30', '03:00', '', '12'])(
    'refuses %s instead of guessing',
    (text) => {
      expect(parseWhen(text, NOW)).toMatchObject({ ok: false, fault: { code: 'USAGE' } });
    },
  );
});

describe('tables', () => {
  const head = ['NAME', 'DETAIL'];
  const rows = [['till-1', 'a'.repeat(300)]];

  it('are never cut when piped', () => {
    expect(tableLines(head, rows, undefined)[1]).toContain('a'.repeat(300));
  });

  it('fit the terminal', () => {
    for (const line of tableLines(head, rows, 40)) expect(line.length).toBeLessThanOrEqual(40);
  });

  it('show escape sequences and bidi marks of machines as text (U1)', () => {
    const [, line] = tableLines(head, [['till\u001b[31m', 'x\u202egpj.exe']], undefined);
    expect(line).toContain('\\u{1b}[31m');
    expect(line).toContain('x\\u{202e}gpj.exe');
  });
});

describe('inert text', () => {
  it('leaves what can be seen alone', () => {
    expect(inert('Größe 12 µm — 東京 🙂')).toBe('Größe 12 µm — 東京 🙂');
  });

  it('keeps line ends and tabs of output, and nothing else that moves a cursor', () => {
    expect(inertLines('a\tb\nc\rd\u0007')).toBe('a\tb\nc\\u{d}d\\u{7}');
  });
});

describe('exit codes', () => {
  it.each([
    ['USAGE', 2],
    ['CONFIRM', 2],
    ['CORE_NOT_RUNNING', 3],
    ['AGENT_OFFLINE', 3],
    ['NO_ANSWER', 3],
    ['AGENT_UNKNOWN', 4],
    ['HOME_MISSING', 4],
    ['KEY_UNKNOWN', 1],
    ['POLICY_MISSING', 1],
    ['SIG_INVALID', 1],
  ])('%s is %i', (code, exit) => {
    expect(exitOfFault({ code, message: '' })).toBe(exit);
  });
});

it('names a few machines and counts all', () => {
  expect(machines(['a'])).toBe('1 machine (a)');
  expect(machines(['a', 'b', 'c', 'd', 'e', 'f'])).toBe('6 machines (a, b, c, d, e, …)');
});

describe('broker addresses', () => {
  it('embedded is a port of this machine', () => {
    expect(parseBrokerAddress('embedded:2883')).toEqual({
      ok: true,
      value: { url: 'mqtt://127.0.0.1:2883', embedded: true },
    });
  });

  it('credentials leave the URL, which is printed and handed to machines', () => {
    expect(parseBrokerAddress('mqtts://ada:s%40crt@broker.example:8883')).toEqual({
      ok: true,
      value: {
        url: 'mqtts://broker.example:8883',
        embedded: false,
        credentials: { username: 'ada', password: 's@crt' },
      },
    });
  });

  it.each(['http://broker.example', 'broker.example', 'mqtt://', 'embedded:x'])(
    'refuses %s',
    (text) => {
      expect(parseBrokerAddress(text)).toMatchObject({ ok: false, fault: { code: 'USAGE' } });
    },
  );
});
