// Which file an app:// address names, and the headers it goes out with. Pure: nothing outside a host's own directory, ever.
import { extname, join, relative } from 'node:path';

/** No inline script or style, no eval, no network: what a page may load comes from beside it. */
export const CONTENT_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};

/** Each host of app:// and the directory it shows. */
export type Roots = Readonly<Record<string, string>>;

export interface Asset {
  readonly file: string;
  readonly type: string;
}

/** The file of an address; undefined when it names none, or one that is not to be shown. */
export function assetOf(address: string, roots: Roots): Asset | undefined {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol !== 'app:' || url.username !== '' || url.port !== '') return undefined;
  const root = Object.hasOwn(roots, url.host) ? roots[url.host] : undefined;
  const path = decoded(url.pathname);
  if (root === undefined || path === undefined) return undefined;
  const file = join(root, path.endsWith('/') ? `${path}index.html` : path);
  const inside = relative(root, file);
  const safe = !/[\0\\:]/.test(path) && path.split('/').every((name) => !name.startsWith('.'));
  if (!safe || inside.startsWith('..')) return undefined;
  const type = TYPES[extname(file)];
  return type === undefined ? undefined : { file, type };
}

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

export const headersOf = (type: string): Readonly<Record<string, string>> => ({
  'content-type': type,
  'content-security-policy': CONTENT_POLICY,
  'x-content-type-options': 'nosniff',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-cache',
});
