// The page over real HTTP: what is served and how, what is not, and how it says that it was not built.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveHttp } from '#console/server/http.ts';
import type { Listening } from '#console/server/socket.ts';
import { openFleet, type TestFleet, take } from '../core/support/fleet.ts';

const TOKEN = 'x'.repeat(43);
const root = mkdtempSync(join(tmpdir(), 'muster-page-'));
const renderer = join(root, 'renderer');
let fleet: TestFleet;
let web: Listening;

interface Got {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** A raw request: fetch would tidy the path up. */
function get(
  path: string,
  options: { method?: string; headers?: Record<string, string> } = {},
): Promise<Got> {
  const { hostname, port } = new URL(web.where);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, ...options });
    sent.on('error', reject).on('response', async (response) => {
      let body = '';
      for await (const part of response) body += String(part);
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
    });
    sent.end();
  });
}

function build(page: string): void {
  mkdirSync(join(renderer, 'assets'), { recursive: true });
  writeFileSync(join(renderer, 'assets', 'app-1.js'), 'export {};');
  writeFileSync(join(renderer, 'assets', 'app-1.css'), 'a{}');
  writeFileSync(join(renderer, 'assets', 'inter.woff2'), 'font');
  writeFileSync(join(renderer, 'index.html'), page);
}

beforeAll(async () => {
  fleet = await openFleet();
  writeFileSync(join(root, 'secret.txt'), 'secret');
  web = take(
    await serveHttp({ core: fleet.core(), listen: '127.0.0.1:0', token: TOKEN, renderer }),
  );
});
afterAll(async () => {
  await web.close();
  await fleet.close();
  rmSync(root, { recursive: true, force: true });
});

describe('the page', () => {
  it('says how to build it while it is not built, and is there once it is', async () => {
    const missing = await get('/');
    expect([missing.status, missing.body]).toEqual([503, expect.stringContaining('npm run build')]);
    build('<!doctype html>one');
    symlinkSync(join(root, 'secret.txt'), join(renderer, 'link.txt'));
    expect(await get('/')).toMatchObject({ status: 200, body: '<!doctype html>one' });
  });

  it('allows nothing inline and nothing from elsewhere', async () => {
    const { headers } = await get('/');
    const policy = String(headers['content-security-policy']);
    for (const rule of [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' data:",
      "font-src 'self'",
      "connect-src 'self'",
      "frame-ancestors 'none'",
    ]) {
      expect(policy.split('; ')).toContain(rule);
    }
    expect(policy).not.toContain('unsafe');
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    });
  });

  it('gives files their types, and addresses inside the page the page', async () => {
    const type = async (path: string) => (await get(path)).headers['content-type'];
    expect(await type('/assets/app-1.js')).toBe('text/javascript; charset=utf-8');
    expect(await type('/assets/app-1.css')).toBe('text/css; charset=utf-8');
    expect(await type('/assets/inter.woff2')).toBe('font/woff2');
    expect(await get('/fleet?status=failed')).toMatchObject({
      status: 200,
      body: '<!doctype html>one',
    });
    expect(await get('/runs/abcd')).toMatchObject({ status: 200 });
    expect(await get('/assets/app-2.js')).toMatchObject({ status: 404 });
  });

  it('gives nothing from outside its directory', async () => {
    for (const path of [
      '/../secret.txt',
      '/%2e%2e/secret.txt',
      '/..%2fsecret.txt',
      '/assets/../../secret.txt',
      '/assets/..\\..\\secret.txt',
      '//secret.txt',
      '/link.txt',
      `/${join(root, 'secret.txt')}`,
      '/%00.txt',
    ]) {
      const got = await get(path);
      expect([path, got.status, got.body.includes('secret')]).toEqual([path, 404, false]);
    }
  });

  it('is asked for by GET and HEAD, and not sent again while it is the same', async () => {
    const first = await get('/');
    const tag = String(first.headers.etag);
    expect(await get('/', { headers: { 'if-none-match': tag } })).toMatchObject({
      status: 304,
      body: '',
    });
    expect(await get('/', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
    expect((await get('/', { method: 'POST' })).status).toBe(404);
    expect((await get('/', { method: 'DELETE' })).status).toBe(404);
    build('<!doctype html>two');
    expect(await get('/', { headers: { 'if-none-match': tag } })).toMatchObject({
      status: 200,
      body: '<!doctype html>two',
    });
  });

  it('is not for pages of other sites, nor under another name (DNS rebinding)', async () => {
    expect((await get('/', { headers: { host: 'evil.example' } })).status).toBe(403);
    expect((await get('/', { headers: { origin: 'https://evil.example' } })).status).toBe(403);
  });

  it('shows nothing of the fleet without the token', async () => {
    expect((await get('/api/fleet.page', { method: 'POST' })).status).toBe(401);
  });
});
