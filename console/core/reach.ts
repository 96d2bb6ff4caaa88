// How machines reach the broker, as their join token says it: the address, and the authority they are to pin.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BrokerTls, readBrokerTls } from '#shared/node/brokers/embedded/tls.ts';
import { ok, type Result } from '#shared/result.ts';

/** PEM of the authority behind a broker that is not ours and has no public certificate. */
export const brokerCaFile = (home: string): string => join(home, 'broker-ca.pem');

/** The authority the console itself pins for the home's broker, where one is kept. */
export function readBrokerCa(home: string): string | undefined {
  const path = brokerCaFile(home);
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

export interface Reach {
  readonly url: string;
  readonly ca?: string;
}

/** `named` is what the operator asked for, `own` the console's own way. Fault: TLS_INVALID. */
export function reachOf(home: string, own: string, named: string | undefined): Result<Reach> {
  const embedded = readBrokerTls(join(home, 'broker'));
  if (!embedded.ok) return embedded;
  const url = named ?? embedded.value?.url ?? own;
  const ca = isSecure(url) ? (embeddedCa(embedded.value, url) ?? readBrokerCa(home)) : undefined;
  return ok({ url, ...(ca === undefined ? {} : { ca }) });
}

const isSecure = (url: string): boolean => /^(mqtts|wss):/.test(url);

/** Only for the names our certificate holds for: another address has another certificate. */
function embeddedCa(tls: BrokerTls | undefined, url: string): string | undefined {
  const host = URL.parse(url)?.hostname.replace(/^\[(.*)\]$/, '$1');
  return tls?.names.some((name) => name === host) ? tls.ca : undefined;
}
