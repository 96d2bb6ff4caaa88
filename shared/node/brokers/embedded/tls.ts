// TLS of the embedded broker: where it listens, under which names, its own authority and server certificate, in files beside it.
import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { z } from 'zod';
import { replaceFile } from '#shared/node/atomic-file.ts';
import { type CertifiedKey, createAuthority, issueServer } from '#shared/node/certificate.ts';
import { err, ok, type Result } from '#shared/result.ts';

const HOST_NAME =
  /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?)*$/;

const settingsSchema = z.strictObject({
  /** Address to listen on. */
  host: z.string().min(1).max(253),
  port: z.int().min(1).max(65_535),
  /** Names and addresses in the certificate; machines are told the first. */
  names: z.array(z.string().refine(isName)).min(1).max(32),
});
export type TlsSettings = z.infer<typeof settingsSchema>;

export interface BrokerTls extends TlsSettings {
  /** What machines connect to. */
  readonly url: string;
  /** PEM of the authority, which the join token pins. */
  readonly ca: string;
}

export interface ServingTls extends BrokerTls, CertifiedKey {}

const AUTHORITY = 'muster broker authority';
const YEAR_MS = 365.25 * 86_400_000;
const VALID_MS = 10 * YEAR_MS;
/** Renewed at a start of the broker once less than this is left. */
const RENEW_MS = YEAR_MS;

const filesOf = (directory: string) => {
  const at = (name: string): string => join(directory, 'tls', name);
  return {
    settings: at('tls.json'),
    authorityCert: at('ca.pem'),
    authorityKey: at('ca.key'),
    serverCert: at('server.pem'),
    serverKey: at('server.key'),
  };
};

/** True for a host name in lower case or an IP address. */
export function isName(text: string): boolean {
  return isIP(text) !== 0 || HOST_NAME.test(text);
}

/** What machines are told; undefined where the broker in `directory` has no TLS. Fault: TLS_INVALID. */
export function readBrokerTls(directory: string): Result<BrokerTls | undefined> {
  const files = filesOf(directory);
  if (!existsSync(files.settings)) return ok(undefined);
  try {
    const settings = settingsSchema.parse(JSON.parse(readFileSync(files.settings, 'utf8')));
    return ok(describe(settings, readFileSync(files.authorityCert, 'utf8')));
  } catch (error) {
    return err('TLS_INVALID', (error as Error).message, {
      at: join(directory, 'tls'),
      hint: 'restore it from a backup; a new authority would ask every machine to enrol again',
    });
  }
}

/** Makes or changes the settings, and what is missing of authority and certificate. Faults: USAGE, TLS_INVALID. */
export function setBrokerTls(
  directory: string,
  settings: TlsSettings,
  nowAt: number,
): Result<ServingTls> {
  const bad = settings.names.find((name) => !isName(name));
  if (bad !== undefined || settings.names.length === 0) {
    return err('USAGE', `${bad ?? 'nothing'} is no name or address for a certificate`, {
      hint: 'give host names in lower case or IP addresses, separated by commas',
    });
  }
  const files = filesOf(directory);
  mkdirSync(join(directory, 'tls'), { recursive: true, mode: 0o700 });
  if (!existsSync(files.authorityKey)) {
    const made = createAuthority(AUTHORITY);
    replaceFile(files.authorityKey, made.key);
    replaceFile(files.authorityCert, made.cert);
  }
  replaceFile(files.settings, `${JSON.stringify(settings, null, 2)}\n`);
  const opened = openBrokerTls(directory, nowAt);
  if (!opened.ok) return opened;
  return opened.value ? ok(opened.value) : err('TLS_INVALID', 'the settings are gone again');
}

/** For the broker: settings with a server certificate that fits them, renewed when needed. Fault: TLS_INVALID. */
export function openBrokerTls(directory: string, nowAt: number): Result<ServingTls | undefined> {
  const tls = readBrokerTls(directory);
  if (!tls.ok || tls.value === undefined) return tls as Result<undefined>;
  const files = filesOf(directory);
  if (!isGood(files.serverCert, tls.value, nowAt)) {
    const server = issueServer({
      authority: { cert: tls.value.ca, key: readFileSync(files.authorityKey, 'utf8') },
      authorityName: AUTHORITY,
      names: namesOf(tls.value),
      untilAt: nowAt + VALID_MS,
    });
    // The key first: a certificate without its key would look good at the next start.
    replaceFile(files.serverKey, server.key);
    replaceFile(files.serverCert, server.cert);
  }
  return ok({
    ...tls.value,
    cert: readFileSync(files.serverCert, 'utf8'),
    key: readFileSync(files.serverKey, 'utf8'),
  });
}

function isGood(path: string, tls: BrokerTls, nowAt: number): boolean {
  if (!existsSync(path)) return false;
  const cert = new X509Certificate(readFileSync(path));
  const covers = namesOf(tls).every((name) =>
    isIP(name) === 0 ? cert.checkHost(name) : cert.checkIP(name),
  );
  const left = cert.validToDate.getTime() - nowAt;
  return covers && left > RENEW_MS && cert.checkIssued(new X509Certificate(tls.ca));
}

/** This machine reaches it by loopback, whatever the others call it. */
const namesOf = ({ names }: TlsSettings): readonly string[] => [
  ...new Set([...names, 'localhost', '127.0.0.1', '::1']),
];

function describe(settings: TlsSettings, ca: string): BrokerTls {
  const [first = ''] = settings.names;
  const host = isIP(first) === 6 ? `[${first}]` : first;
  return { ...settings, ca, url: `mqtts://${host}:${settings.port}` };
}
