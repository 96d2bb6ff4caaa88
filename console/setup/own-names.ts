// Names and addresses under which other machines can reach this one: what a server certificate is made for.
import { hostname, networkInterfaces } from 'node:os';
import { isName, type TlsSettings } from '#shared/node/brokers/embedded/tls.ts';
import { err, ok, type Result } from '#shared/result.ts';

const TLS_PORT = 8883;

export interface TlsWish {
  /** `true` or nothing: this machine's own; else separated by commas. */
  readonly names: string | true | undefined;
  /** Address to listen on; every IPv4 address unless told. */
  readonly host: string | undefined;
  readonly port: string | undefined;
}

/** What was asked on the command line, made whole. Fault: USAGE. */
export function tlsSettings({ names, host, port }: TlsWish): Result<TlsSettings> {
  const all = typeof names === 'string' ? names.split(',').map((name) => name.trim()) : ownNames();
  const number = Number(port ?? TLS_PORT);
  if (!Number.isInteger(number) || number < 1 || number > 65_535) {
    return err('USAGE', `${port} is not a port`, { hint: '--tls-port takes 1 to 65535' });
  }
  const bad = all.find((name) => !isName(name));
  if (bad !== undefined || all.length === 0) {
    return err('USAGE', `--tls: ${JSON.stringify(bad ?? '')} is no name or address`, {
      hint: 'host names in lower case or IP addresses, separated by commas',
    });
  }
  return ok({ host: host ?? '0.0.0.0', port: number, names: all });
}

/** Addresses first: they need no name service on the other side. */
function ownNames(): string[] {
  const addresses = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ internal, family }) => !internal && family === 'IPv4')
    .map(({ address }) => address);
  const name = hostname().toLowerCase();
  return [...new Set([...addresses, ...(isName(name) ? [name] : []), 'localhost'])];
}
