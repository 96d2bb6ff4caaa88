// app://: the only source of content. A file of the bundle or a plain 404, never file:// and never the network.
import { readFile } from 'node:fs/promises';
import { protocol, type Session } from 'electron';
import { assetOf, headersOf, type Roots } from './assets.ts';

/** Must be called before the app is ready. */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
}

export function serveApp(session: Session, roots: Roots): void {
  session.protocol.handle('app', async ({ url, method }) => {
    const asset = method === 'GET' ? assetOf(url, roots) : undefined;
    const bytes = asset && (await readFile(asset.file).catch(() => undefined));
    if (!asset || !bytes) {
      return new Response('not found', { status: 404, headers: headersOf('text/plain') });
    }
    return new Response(new Uint8Array(bytes), { headers: headersOf(asset.type) });
  });
}
