// Who may talk to the HTTP server, and how a stream of bytes becomes requests.
import { describe, expect, it } from 'vitest';
import { checkPlace, checkToken, type Knock, ownHosts } from '#console/server/doorman.ts';
import { lineReader } from '#console/server/lines.ts';

const TOKEN = 'a'.repeat(43);
const hosts = ownHosts('127.0.0.1', 8470);
const knock = (more: Partial<Knock>): Knock => ({
  host: '127.0.0.1:8470',
  origin: undefined,
  authorization: undefined,
  protocols: undefined,
  ...more,
});
const codeOf = (result: ReturnType<typeof checkPlace>) => (result.ok ? 'ok' : result.fault.code);

describe('the doorman', () => {
  it.each([
    [{}, 'ok'],
    [{ host: 'localhost:8470' }, 'ok'],
    [{ host: '[::1]:8470' }, 'ok'],
    [{ origin: 'http://127.0.0.1:8470' }, 'ok'],
    [{ host: 'evil.example:8470' }, 'HOST'],
    [{ host: '127.0.0.1' }, 'HOST'],
    [{ host: '127.0.0.1:9999' }, 'HOST'],
    [{ host: undefined }, 'HOST'],
    [{ origin: 'http://evil.example' }, 'ORIGIN'],
    [{ origin: 'null' }, 'ORIGIN'],
    [{ origin: 'https://127.0.0.1:8470' }, 'ORIGIN'],
    [{ origin: 'http://127.0.0.1:8471' }, 'ORIGIN'],
  ])('%o → %s', (more, expected) => {
    expect(codeOf(checkPlace(knock(more), hosts))).toBe(expected);
  });

  it.each([
    [{ authorization: `Bearer ${TOKEN}` }, 'ok'],
    [{ protocols: `muster.v1, bearer.${TOKEN}` }, 'ok'],
    [{}, 'UNAUTHORIZED'],
    [{ authorization: `Bearer ${TOKEN}x` }, 'UNAUTHORIZED'],
    [{ authorization: `Basic ${TOKEN}` }, 'UNAUTHORIZED'],
    [{ protocols: 'muster.v1, bearer.' }, 'UNAUTHORIZED'],
    // What Authorization says is not made good by what the subprotocol says.
    [{ authorization: 'Bearer no', protocols: `bearer.${TOKEN}` }, 'UNAUTHORIZED'],
  ])('token %o → %s', (more, expected) => {
    expect(codeOf(checkToken(knock(more), TOKEN))).toBe(expected);
  });
});

describe('lines', () => {
  it('come whole however the bytes are cut', () => {
    const lines: string[] = [];
    const reader = lineReader(1_000, (line) => lines.push(line));
    for (const byte of Buffer.from('{"a":"ä"}\n\n{"b":2}\r\n{"c"'))
      reader.take(Buffer.from([byte]));
    expect(lines).toEqual(['{"a":"ä"}', '{"b":2}']);
  });

  it('a line that never ends is refused at the limit', () => {
    const reader = lineReader(10, () => undefined);
    expect(reader.take(Buffer.from('12345'))).toBe(true);
    expect(reader.take(Buffer.from('678901'))).toBe(false);
  });
});
