// Who may talk to the HTTP server: the right Host (against DNS rebinding), no foreign Origin, the token. Pure.
import { err, ok, type Result } from '#shared/result.ts';
import { sameToken } from './token.ts';

/** What of a request decides; header names as Node gives them, in lower case. */
export interface Knock {
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly authorization: string | undefined;
  /** Sec-WebSocket-Protocol: a browser cannot send Authorization with a WebSocket. */
  readonly protocols: string | undefined;
}

/** The subprotocol both sides speak; a client offers it together with `bearer.<token>`. */
export const SUBPROTOCOL = 'muster.v1';
const TOKEN_PROTOCOL = 'bearer.';

/** Names under which a server on this address and port may be called. */
export function ownHosts(address: string, port: number): ReadonlySet<string> {
  const bound = address.includes(':') ? `[${address}]` : address;
  const names = [bound, '127.0.0.1', 'localhost', '[::1]'];
  const withPort = names.map((name) => `${name}:${port}`);
  // Browsers leave the default port out.
  return new Set(port === 80 ? [...withPort, ...names] : withPort);
}

/** Faults: HOST and ORIGIN (a page of another site asks), UNAUTHORIZED (no or a wrong token). */
export function checkPlace(knock: Knock, hosts: ReadonlySet<string>): Result<void> {
  if (!hosts.has(knock.host?.toLowerCase() ?? '')) {
    return err('HOST', 'this server is not called by that name', {
      hint: `use http://${[...hosts][0]}`,
    });
  }
  if (knock.origin === undefined) return ok(undefined);
  const origin = knock.origin.toLowerCase();
  if ([...hosts].some((host) => origin === `http://${host}`)) return ok(undefined);
  return err('ORIGIN', 'a page of another origin may not talk to this console');
}

export function checkToken(knock: Knock, token: string): Result<void> {
  const bearer = /^Bearer +(\S+)$/i.exec(knock.authorization ?? '')?.[1];
  const offered = (knock.protocols ?? '')
    .split(',')
    .map((name) => name.trim())
    .find((name) => name.startsWith(TOKEN_PROTOCOL))
    ?.slice(TOKEN_PROTOCOL.length);
  const given = bearer ?? offered;
  if (given !== undefined && sameToken(given, token)) return ok(undefined);
  return err('UNAUTHORIZED', 'the token is missing or wrong', {
    hint: 'send Authorization: Bearer and the content of http-token in the home of the console',
  });
}
