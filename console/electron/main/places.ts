// Which core this console speaks to: this machine's, or a server a person chose in a dialog of the main process.
import { hostname } from 'node:os';
import type { Place, Target } from '#console/electron/channels.ts';
import { err, ok, type Result } from '#shared/result.ts';
import type { SecretCache } from './secret-cache.ts';
import type { Settings } from './settings.ts';

type Chosen = Settings['place'];

/** What people see of a choice. */
export const placeOf = (chosen: Chosen): Place =>
  chosen.kind === 'this-machine'
    ? { kind: 'this-machine', name: hostname() }
    : { kind: 'server', name: new URL(chosen.url).host };

/** The token comes from the cache; without one the server refuses, and says so. */
export async function targetOf(chosen: Chosen, secrets: SecretCache): Promise<Target> {
  if (chosen.kind === 'this-machine') return chosen;
  return { ...chosen, token: (await secrets.load(chosen.url)) ?? '' };
}

/** The origin of a server; plain http only to this machine, so that no token crosses a network in the clear. Fault: SERVER_URL. */
export function serverUrl(text: string): Result<string> {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const loopback = ['127.0.0.1', 'localhost', '[::1]'].includes(url?.hostname ?? '');
  if (url && (url.protocol === 'https:' || (url.protocol === 'http:' && loopback))) {
    if (url.username === '' && url.password === '') return ok(url.origin);
  }
  return err('SERVER_URL', 'that is not the address of a server', {
    hint: 'https://host:port, or http://127.0.0.1:8470 through a tunnel',
  });
}
