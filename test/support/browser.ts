// A real Chromium for tests, driven by playwright-core, and pages of the console in it under the very policy the server sends.
import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Where a Chromium is; undefined where there is none. */
export function findChromium(): string | undefined {
  const given = process.env.CHROMIUM_PATH;
  if (given) return given;
  const usual = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
  const found = usual.find((path) => existsSync(path));
  if (found) return found;
  const own = chromium.executablePath();
  return own && existsSync(own) ? own : undefined;
}

/** False with a printed reason; throws under MUSTER_REQUIRE_ALL=1. */
export function requireChromium(): boolean {
  if (findChromium()) return true;
  const reason = 'no Chromium; get it with: apt-get install chromium, or set CHROMIUM_PATH';
  if (process.env.MUSTER_REQUIRE_ALL === '1') throw new Error(`MUSTER_REQUIRE_ALL: ${reason}`);
  console.warn(`SKIPPED: ${reason}`);
  return false;
}

export async function startBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  return chromium.launch({
    headless: true,
    args: FLAGS,
    ...(executablePath ? { executablePath } : {}),
  });
}

export interface ConsolePage {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Errors of scripts and refusals of the policy so far; a test that ends with one has failed. */
  readonly complaints: readonly string[];
}

export interface OpenOptions {
  readonly address: string;
  readonly token: string;
  readonly theme?: 'dark' | 'light';
  readonly width?: number;
  readonly height?: number;
  /** Path within the console: `/fleet?view=grid`. */
  readonly path?: string;
}

/** A new page with the console in it, past its token. */
export async function openConsole(browser: Browser, options: OpenOptions): Promise<ConsolePage> {
  const { address, token, theme = 'dark', width = 1_440, height = 900, path = '/fleet' } = options;
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: theme,
    reducedMotion: 'reduce',
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    const text = message.text();
    // A core that is pulled away makes the browser itself complain about its connection.
    if (message.type() === 'error' && !/WebSocket|ERR_CONNECTION|Failed to load/.test(text))
      complaints.push(text);
  });
  await page.goto(`${address}/#token=${token}`);
  await page.locator('.shell').waitFor();
  if (path !== '/fleet') await goTo(page, path);
  return { page, context, complaints };
}

/** To another screen by its address, as a person who types one. */
export async function goTo(page: Page, path: string): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(`#${path}`)}`);
}
