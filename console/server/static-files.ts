// The built face of the console as files: read into memory once, so that no request ever names a path on the disk.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sha256Hex } from '#shared/node/sha256.ts';

/** Where `npm run build` puts it. */
export const RENDERER = fileURLToPath(new URL('../../dist/renderer', import.meta.url));

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
};

/** Nothing inline, nothing from elsewhere; WebSockets to this very origin count as `self`. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), usb=()',
};

const MISSING = `The face of the console is not built.
Build it with: npm run build
Everything else works: the command line, and the API below /api/.
`;

interface StaticFile {
  readonly body: Buffer;
  readonly type: string;
  readonly tag: string;
}

export interface StaticSite {
  /** Answers GET and HEAD for a page or a file. */
  readonly serve: (request: IncomingMessage, response: ServerResponse, path: string) => void;
}

/** Reads the bundle again when index.html changed, so that a new build needs no new start. */
export function staticSite(directory: string): StaticSite {
  let files = new Map<string, StaticFile>();
  let built = '';
  const refresh = (): void => {
    const index = join(directory, 'index.html');
    const now = existsSync(index) ? readFileSync(index, 'utf8') : '';
    if (now === built) return;
    built = now;
    files = now === '' ? new Map() : readAll(directory);
  };
  return {
    serve: (request, response, path) => {
      const exact = files.get(path);
      if (!exact) refresh();
      const asset = exact ?? files.get(path);
      // What looks like no file is an address inside the page, which finds its own way.
      const page = asset ?? (extname(path) === '' ? files.get('/index.html') : undefined);
      if (page) answer(request, response, 200, page);
      else if (files.size === 0) answer(request, response, 503, text(MISSING));
      else answer(request, response, 404, text('No such file.\n'));
    },
  };
}

/** By the path of the URL; links are not followed. */
function readAll(directory: string): Map<string, StaticFile> {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  return new Map(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => {
        const full = join(entry.parentPath, entry.name);
        const body = readFileSync(full);
        const type = TYPES[extname(entry.name)] ?? 'application/octet-stream';
        const path = `/${relative(directory, full).split(sep).join('/')}`;
        return [path, { body, type, tag: `"${sha256Hex(body).slice(0, 32)}"` }] as const;
      }),
  );
}

const text = (body: string): StaticFile => ({
  body: Buffer.from(body),
  type: 'text/plain; charset=utf-8',
  tag: '',
});

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  { body, type, tag }: StaticFile,
): void {
  const same = status === 200 && tag !== '' && request.headers['if-none-match'] === tag;
  response.writeHead(same ? 304 : status, {
    ...HEADERS,
    'content-type': type,
    // Always asked again: the tag makes it cheap, and nobody sees an old page with a new core.
    'cache-control': 'no-cache',
    ...(tag === '' ? {} : { etag: tag }),
    ...(same ? {} : { 'content-length': body.length }),
  });
  response.end(same || request.method === 'HEAD' ? undefined : body);
}
