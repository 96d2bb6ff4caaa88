// A new home: its keys, its trust document, its modes; whole or not at all.
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { firstTrust } from '#console/setup/first-trust.ts';
import { type Initialised, type InitOptions, initHome } from '#console/setup/init.ts';
import { brokerCredentials } from '#shared/node/brokers/embedded/credentials.ts';
import { generateKey, nodeCrypto, signerOf } from '#shared/node/ed25519.ts';
import { openKeyFile, openMachineKey } from '#shared/node/key-file.ts';
import { systemClock } from '#shared/node/system-clock.ts';
import type { Result } from '#shared/result.ts';
import { decodeBase64 } from '#shared/trust/base64.ts';
import { trustDocumentSchema } from '#shared/trust/documents.ts';
import { popBytes } from '#shared/trust/enrolment.ts';
import { PASSPHRASE, workDirectory } from '../run-muster.ts';

const { root } = workDirectory();
const home = join(root, 'home');
const options: InitOptions = {
  home,
  fleet: 'shops',
  person: 'ada',
  broker: { url: 'mqtt://127.0.0.1:1883', embedded: true },
  passphrase: PASSPHRASE,
  clock: systemClock,
};
let made: Result<Initialised>;
const modeOf = (...path: string[]): number => statSync(join(home, ...path)).mode & 0o777;

beforeAll(async () => {
  made = await initHome(options);
});
afterAll(() => rmSync(root, { recursive: true, force: true, maxRetries: 10 }));

describe('a new home', () => {
  it('is for its owner alone, every file in it', () => {
    expect(made).toMatchObject({ ok: true, value: { fleet: 'shops', collector: 'main' } });
    expect(modeOf()).toBe(0o700);
    expect(modeOf('keys')).toBe(0o700);
    for (const file of readdirSync(join(home, 'keys'))) expect(modeOf('keys', file)).toBe(0o600);
    expect(modeOf('fleet.json')).toBe(0o600);
  });

  it("keeps people's keys under the passphrase, and programs' keys open to programs", () => {
    const root = openKeyFile(join(home, 'keys', 'root.key'), PASSPHRASE);
    const wrong = openKeyFile(join(home, 'keys', 'person-ada.key'), 'guess');
    expect(root.ok).toBe(true);
    expect(wrong).toMatchObject({ ok: false, fault: { code: 'KEY_PASSPHRASE' } });
    expect(openMachineKey(join(home, 'keys', 'relay.key')).ok).toBe(true);
    expect(openMachineKey(join(home, 'keys', 'enroller.key')).ok).toBe(true);
    for (const file of readdirSync(join(home, 'keys'))) {
      expect(readFileSync(join(home, 'keys', file), 'utf8')).not.toContain(PASSPHRASE);
    }
  });

  it('has a credential for the embedded broker, of which the broker keeps only a hash', () => {
    const kept = JSON.parse(readFileSync(join(home, 'keys', 'broker.json'), 'utf8'));
    const credentials = brokerCredentials(join(home, 'broker'));
    expect(credentials.verify(kept.username, kept.password)).toEqual({
      username: 'console',
      role: 'console',
    });
    credentials.close();
  });

  it('is never made over another one', async () => {
    const before = readFileSync(join(home, 'fleet.json'), 'utf8');
    const again = await initHome(options);
    expect(again).toMatchObject({ ok: false, fault: { code: 'HOME_EXISTS' } });
    expect(readFileSync(join(home, 'fleet.json'), 'utf8')).toBe(before);
    expect(readdirSync(root).filter((name) => name.includes('.new'))).toEqual([]);
  });

  it('leaves nothing behind where it cannot be made', async () => {
    const taken = join(root, 'taken');
    mkdirSync(taken);
    writeFileSync(join(taken, 'note'), 'mine');
    expect(await initHome({ ...options, home: taken })).toMatchObject({ ok: false });
    expect(readdirSync(taken)).toEqual(['note']);
    expect(readdirSync(root).filter((name) => name.includes('.new'))).toEqual([]);
  });
});

describe('the first trust document', () => {
  const signer = () => signerOf(generateKey().seed);
  const document = firstTrust({
    fleet: 'shops',
    person: 'ada',
    collector: 'main',
    root: signer(),
    operator: signer(),
    relay: signer(),
    enroller: signer(),
    nowAt: Date.parse('2026-02-28T10:00:00Z'),
  });

  it('fits its schema, is valid for five years and proves each key', () => {
    expect(trustDocumentSchema.safeParse(document).success).toBe(true);
    expect(document.notAfter).toBe('2031-02-28T10:00:00Z');
    const keys = [
      ...document.root.keys.map((key) => ['root', key] as const),
      ...document.persons.flatMap(({ id, keys }) => keys.map((key) => [id, key] as const)),
      ...document.collectors.flatMap(({ id, relayKeys }) =>
        relayKeys.map((key) => [id, key] as const),
      ),
    ];
    expect(keys).toHaveLength(4);
    for (const [owner, key] of keys) {
      const raw = decodeBase64(key.public) ?? new Uint8Array();
      const proof = decodeBase64(key.proof) ?? new Uint8Array();
      expect(nodeCrypto.verify(raw, popBytes('shops', owner, raw), proof)).toBe(true);
    }
  });

  it('lets the enroller admit machines and do nothing else', () => {
    const roles = document.grants
      .filter(({ person }) => person === 'enroller')
      .map(({ role }) => role);
    const may = document.roles.filter(({ id }) => roles.includes(id)).flatMap((role) => role.may);
    expect(may).toEqual(['enrol']);
    expect(document.persons.find(({ id }) => id === 'enroller')?.type).toBe('service');
  });
});
