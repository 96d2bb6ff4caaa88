import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { createAuthority, issueServer } from '#shared/node/certificate.ts';
import { requireTool } from '#test/support/require-tool.ts';

const NAME = 'test authority';
const UNTIL_AT = Date.parse('2049-12-31T00:00:00Z');
const names = ['broker.example', '192.0.2.7', '2001:db8::7', '::1', 'localhost', '127.0.0.1'];
const authority = createAuthority(NAME);
const server = issueServer({ authority, authorityName: NAME, names, untilAt: UNTIL_AT });

describe('a server certificate', () => {
  const cert = new X509Certificate(server.cert);
  const ca = new X509Certificate(authority.cert);

  it('is signed by its authority, which signed itself', () => {
    expect(cert.verify(ca.publicKey)).toBe(true);
    expect(cert.checkIssued(ca)).toBe(true);
    expect(ca.verify(ca.publicKey)).toBe(true);
    expect([ca.ca, cert.ca]).toEqual([true, false]);
  });

  it('holds for its names and addresses and for no others', () => {
    expect(cert.checkHost('broker.example')).toBe('broker.example');
    expect(cert.checkHost('other.example')).toBeUndefined();
    for (const address of names.filter((name) => /^[\d:.a-f]+$/.test(name))) {
      expect(cert.checkIP(address)).toBeDefined();
    }
    expect(cert.checkIP('192.0.2.8')).toBeUndefined();
    expect(cert.checkIP('2001:db8::8')).toBeUndefined();
  });

  it('is good on a machine whose clock is in 1970, and ends when it was asked to', () => {
    expect(cert.validFromDate.getTime()).toBe(0);
    expect(cert.validToDate.getTime()).toBe(UNTIL_AT);
    expect(ca.validToDate.toISOString()).toBe('9999-12-31T23:59:59.000Z');
  });

  it('has a serial number of its own', () => {
    const other = issueServer({ authority, authorityName: NAME, names, untilAt: UNTIL_AT });
    expect(new X509Certificate(other.cert).serialNumber).not.toBe(cert.serialNumber);
    expect(cert.serialNumber).toMatch(/^[4-7][0-9A-F]{31}$/);
  });
});

it('carries a TLS handshake for whoever pins the authority, and for nobody else', async () => {
  const listening = createServer({ cert: server.cert, key: server.key }, (socket) => socket.end());
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  const { port } = listening.address() as AddressInfo;
  const dial = (ca: string, servername?: string): Promise<string> =>
    new Promise((resolve) => {
      const socket = connect(
        { host: '127.0.0.1', port, ca, ...(servername ? { servername } : {}) },
        () => resolve(socket.authorized ? 'trusted' : 'not trusted'),
      );
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
      socket.resume();
    });
  expect(await dial(authority.cert)).toBe('trusted');
  expect(await dial(authority.cert, 'broker.example')).toBe('trusted');
  expect(await dial(authority.cert, 'other.example')).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
  expect(await dial(createAuthority(NAME).cert)).not.toBe('trusted');
  await new Promise((resolve) => listening.close(resolve));
});

describe.runIf(requireTool('openssl', 'apt-get install openssl'))('openssl', () => {
  it('finds the chain good in its strictest mode, for a server and for nothing else', () => {
    const dir = mkdtempSync(join(tmpdir(), 'muster-cert-'));
    const [ca, leaf] = [join(dir, 'ca.pem'), join(dir, 'server.pem')];
    writeFileSync(ca, authority.cert);
    writeFileSync(leaf, server.cert);
    const verify = (purpose: string) =>
      spawnSync('openssl', ['verify', '-x509_strict', '-purpose', purpose, '-CAfile', ca, leaf], {
        encoding: 'utf8',
      });
    const asServer = verify('sslserver');
    expect(`${asServer.stdout}${asServer.stderr}`).toBe(`${leaf}: OK\n`);
    expect(verify('sslclient').status).not.toBe(0);
    rmSync(dir, { recursive: true });
  });
});
