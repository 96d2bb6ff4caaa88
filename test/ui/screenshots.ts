// npm run screenshots: every screen and state in both themes, from a real fleet. With --docs the chosen few go to docs/screenshots; --many takes only the large fleet.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { openCore } from '#console/core/core.ts';
import { serveHttp } from '#console/server/http.ts';
import { RENDERER } from '#console/server/static-files.ts';
import { systemClock } from '#shared/node/system-clock.ts';
import { makeBigFleet } from '#test/support/big-fleet.ts';
import { goTo, openConsole, startBrowser } from '#test/support/browser.ts';
import { type App, startApp, untilRan } from './app.ts';
import { builtRenderer } from './build.ts';

const YAML = `stream: shop
audience: all
schedules:
  sync-prices:
    every: 10s
    exec: [sh, -c, "sleep 1; echo 412 prices are up to date"]
  day-close:
    cron: "* * * * *"
    zone: Europe/Berlin
    exec: [sh, -c, "for n in 1 2 3 4 5 6; do echo till $n closed; sleep 2; done"]
  import-orders:
    every: 25s
    exec: [sh, -c, "echo cannot reach the till >&2; exit 3"]
  nightly-backup:
    cron: "30 2 * * *"
    zone: Europe/Berlin
    exec: [sh, -c, "echo saved"]
`;
const SIZES = { wide: [1_440, 900], small: [1_024, 700] } as const;

interface Shot {
  readonly name: string;
  readonly path: string;
  /** Something to do before the picture. */
  readonly act?: (page: Page) => Promise<unknown>;
}

const SHOTS: readonly Shot[] = [
  { name: 'fleet', path: '/fleet' },
  { name: 'fleet-grouped', path: '/fleet?view=grid&group=site' },
  { name: 'fleet-nothing-fits', path: '/fleet?q=nowhere' },
  { name: 'machine', path: '/fleet/shop-1?window=15m' },
  { name: 'machine-ledger', path: '/fleet/shop-1?tab=ledger' },
  { name: 'machine-documents', path: '/fleet/shop-1?tab=documents' },
  { name: 'machine-unknown', path: '/fleet/nobody' },
  {
    name: 'machine-pause',
    path: '/fleet/shop-1',
    act: async (page) => {
      await page.getByRole('button', { name: 'Pause machine' }).click();
      await page.getByRole('button', { name: 'Propose' }).click();
      await page.getByText(/^muster sign/).waitFor();
    },
  },
  { name: 'schedules', path: '/schedules' },
  { name: 'schedule', path: '/schedules/shop/nightly-backup' },
  { name: 'changes', path: '/change' },
  { name: 'runs', path: '/runs' },
  { name: 'first-run', path: '/start' },
  {
    name: 'run',
    path: '/runs',
    act: (page) =>
      page
        .getByRole('row', { name: /day-close/ })
        .first()
        .click(),
  },
  { name: 'palette', path: '/fleet', act: (page) => page.keyboard.press('Control+k') },
  { name: 'shortcuts', path: '/fleet', act: (page) => page.keyboard.press('?') },
];
/** What README and docs/design.md show. */
const DOCS = new Set(['fleet-10000-dark', 'fleet-10000-light', 'machine-dark', 'machine-light']);

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      out: { type: 'string' },
      docs: { type: 'boolean', default: false },
      many: { type: 'boolean', default: false },
    },
  });
  const docs = fileURLToPath(new URL('../../docs/screenshots', import.meta.url));
  const out = values.docs ? docs : resolve(values.out ?? join(tmpdir(), 'muster-screenshots'));
  mkdirSync(out, { recursive: true });
  const keep = (name: string): boolean => !values.docs || DOCS.has(name);
  if (values.many) {
    await builtRenderer();
    const browser = await startBrowser();
    await takeMany(browser, out, keep);
    return browser.close();
  }
  const app = await startApp(
    {
      'shop-1': ['site=berlin', 'role=till'],
      'shop-2': ['site=hamburg', 'role=till'],
      'lab-1': ['site=berlin', 'role=lab'],
    },
    YAML,
  );
  try {
    await untilRan(app.ui, ['shop/sync-prices', 'shop/day-close', 'shop/import-orders'], 120);
    if (values.docs) await new Promise((done) => setTimeout(done, 90_000));
    for (const shot of SHOTS) await take(app, out, shot, keep);
    await takeOffline(app, out, keep);
    await takeMany(app.browser, out, keep);
  } finally {
    await app.close();
  }
  console.log(`screenshots are in ${out}`);
}

/** Ten thousand machines with a history, behind a core of this process. */
async function takeMany(
  browser: Browser,
  out: string,
  keep: (name: string) => boolean,
): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'muster-many-'));
  makeBigFleet(home, { machines: 10_000, runs: 60_000, nowAt: Date.now() });
  const core = await openCore({ home, clock: systemClock, broker: null });
  if (!core.ok) throw new Error(core.fault.message);
  const token = 'a'.repeat(43);
  const web = await serveHttp({
    core: core.value,
    listen: '127.0.0.1:0',
    token,
    renderer: RENDERER,
  });
  if (!web.ok) throw new Error(web.fault.message);
  try {
    const place = { browser, ui: { address: web.value.where, token } };
    await take(place, out, { name: 'fleet-10000', path: '/fleet?group=site' }, keep);
    await take(place, out, { name: 'fleet-10000-table', path: '/fleet?view=table' }, keep);
  } finally {
    await web.value.close();
    await core.value.close();
    rmSync(home, { recursive: true, force: true });
  }
}

interface Place {
  readonly browser: Browser;
  readonly ui: { readonly address: string; readonly token: string };
}

async function take(
  app: Place,
  out: string,
  { name, path, act }: Shot,
  keep: (name: string) => boolean,
): Promise<void> {
  for (const theme of ['dark', 'light'] as const) {
    if (!keep(`${name}-${theme}`)) continue;
    for (const [size, [width, height]] of Object.entries(SIZES)) {
      if (size === 'small' && !keep(`${name}-${theme}-small`)) continue;
      const { page, context } = await openConsole(app.browser, {
        address: app.ui.address,
        token: app.ui.token,
        theme,
        width,
        height,
      });
      await goTo(page, path);
      await page.waitForTimeout(1_200);
      await page.locator('.skeleton').first().waitFor({ state: 'detached', timeout: 60_000 });
      await act?.(page);
      await page.waitForTimeout(600);
      const suffix = size === 'small' ? '-small' : '';
      await page.screenshot({ path: join(out, `${name}-${theme}${suffix}.png`) });
      await context.close();
    }
  }
}

/** The core is pulled away under an open screen; it stays stopped. */
async function takeOffline(app: App, out: string, keep: (name: string) => boolean): Promise<void> {
  const pages = await Promise.all(
    (['dark', 'light'] as const).map(async (theme) => ({
      theme,
      ...(await openConsole(app.browser, { address: app.ui.address, token: app.ui.token, theme })),
    })),
  );
  for (const { page } of pages) await page.getByRole('row', { name: /shop-1/ }).waitFor();
  await app.ui.stopCore();
  for (const { page, context, theme } of pages) {
    await page.getByText('No answer from the console core').waitFor();
    if (keep(`offline-${theme}`)) {
      await page.screenshot({ path: join(out, `offline-${theme}.png`) });
    }
    await context.close();
  }
}

await main();
