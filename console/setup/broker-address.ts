// What --broker means: the broker inside Muster, or a URL whose credentials are kept apart from it.
import { err, ok, type Result } from '#shared/result.ts';

const DEFAULT_PORT = 1883;
const LOOPBACK = /^(127\.[\d.]+|localhost|\[::1\])$/;
const SCHEMES = new Set(['mqtt:', 'mqtts:', 'ws:', 'wss:']);

export interface BrokerAddress {
  /** Without user name and password. */
  readonly url: string;
  /** On this machine and without a user named: taken for Muster's own, which gets a credential for the console. */
  readonly embedded: boolean;
  readonly credentials?: { readonly username: string; readonly password: string };
}

/** `embedded`, `embedded:PORT` (on this machine alone), or mqtt:, mqtts:, ws:, wss: URLs. Fault: USAGE. */
export function parseBrokerAddress(text: string): Result<BrokerAddress> {
  const embedded = /^embedded(?::(\d{1,5}))?$/.exec(text);
  if (embedded) {
    const port = Number(embedded[1] ?? DEFAULT_PORT);
    return ok({ url: `mqtt://127.0.0.1:${port}`, embedded: true });
  }
  if (/^memory:\/\/[a-z0-9_-]+$/.test(text)) return ok({ url: text, embedded: false });
  const url = URL.parse(text);
  if (!url || !SCHEMES.has(url.protocol) || url.hostname === '') {
    return err('USAGE', `not a broker: ${text}`, {
      hint: 'give embedded, embedded:PORT, or a URL like mqtts://broker.example:8883',
    });
  }
  const [username, password] = [url.username, url.password].map(decodeURIComponent);
  url.username = '';
  url.password = '';
  return ok({
    url: url.href.replace(/\/$/, ''),
    embedded: !username && url.protocol === 'mqtt:' && LOOPBACK.test(url.hostname),
    ...(username ? { credentials: { username, password: password ?? '' } } : {}),
  });
}
