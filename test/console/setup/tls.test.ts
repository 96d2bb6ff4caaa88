// What a new machine is told of the way to the broker, and whom it is to trust on that way.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openCore } from '#console/core/core.ts';
import { type InitOptions, initHome } from '#console/setup/init.ts';
import { tlsSettings } from '#console/setup/own-names.ts';
import { createAuthority } from '#shared/node/certificate.ts';
import { systemClock } from '#shared/node/system-clock.ts';
import { describeFault, type Result } from '#shared/result.ts';
import { decodeJoinToken } from '#shared/trust/enrolment.ts';
import { PASSPHRASE, workDirectory } from '../run-muster.ts';

const { root } = workDirectory();
afterAll(() => rmSync(root, { recursive: true, force: true, maxRetries: 10 }));
const options = {
  fleet: 'shops',
  person: 'ada',
  passphrase: PASSPHRASE,
  clock: systemClock,
} satisfies Partial<InitOptions>;
const embedded = { url: 'mqtt://127.0.0.1:1883', embedded: true };

function must<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(describeFault(result.fault));
  return result.value;
}

async function brokerInToken(home: string, brokerUrl?: string) {
  const core = must(await openCore({ home, clock: systemClock, broker: null }));
  const request = { minutes: 5, uses: 1, labels: {}, ...(brokerUrl ? { brokerUrl } : {}) };
  const { text } = must(await core.call('tokens.create', request));
  await core.close();
  return must(decodeJoinToken(text)).broker;
}

describe('a join token', () => {
  it('names the TLS door of the embedded broker and pins its authority', async () => {
    const home = join(root, 'tls');
    const tls = must(
      tlsSettings({ names: 'ops.example,192.0.2.7', host: undefined, port: '8884' }),
    );
    const made = must(await initHome({ ...options, home, broker: embedded, tls }));
    expect(made.tlsUrl).toBe('mqtts://ops.example:8884');
    const ca = readFileSync(join(home, 'broker', 'tls', 'ca.pem'), 'utf8');
    expect(await brokerInToken(home)).toMatchObject({ url: made.tlsUrl, ca });
    expect(await brokerInToken(home, 'mqtts://192.0.2.7:9000')).toMatchObject({ ca });
    // Somebody else's certificate, and no TLS at all: nothing of ours to pin.
    for (const url of ['mqtts://proxy.example:8883', 'mqtt://ops.example:1883']) {
      expect((await brokerInToken(home, url)).ca).toBeUndefined();
    }
  });

  it("pins the authority kept for another's broker", async () => {
    const home = join(root, 'other');
    const { cert } = createAuthority('somebody');
    const broker = { url: 'mqtts://broker.example:8883', embedded: false };
    must(await initHome({ ...options, home, broker, brokerCa: cert }));
    expect(await brokerInToken(home)).toEqual({ url: broker.url, ca: cert });
  });

  it('has no authority where there is no TLS', async () => {
    const home = join(root, 'plain');
    must(await initHome({ ...options, home, broker: embedded }));
    expect(await brokerInToken(home)).toMatchObject({ url: embedded.url });
    expect((await brokerInToken(home)).ca).toBeUndefined();
  });
});

describe('TLS settings', () => {
  it("are this machine's own names unless told", () => {
    const own = must(tlsSettings({ names: true, host: undefined, port: undefined }));
    expect(own).toMatchObject({ host: '0.0.0.0', port: 8883 });
    expect(own.names).toContain('localhost');
  });

  it('refuse names and ports that are none', () => {
    for (const wish of [{ names: 'a b' }, { names: 'ok', port: '0' }, { names: '' }]) {
      const settings = tlsSettings({ host: undefined, port: undefined, ...wish });
      expect(settings).toMatchObject({ ok: false, fault: { code: 'USAGE' } });
    }
  });
});
