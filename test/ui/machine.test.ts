// The machine screen in a real Chromium: what ran and what did not, facts, documents, and a pause signed by the CLI.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requireChromium } from '#test/support/browser.ts';
import { type App, seriousFaults, startApp, untilRan } from './app.ts';

const YAML = `stream: shop
audience: all
schedules:
  fails:
    every: 3s
    exec: [sh, -c, "exit 3"]
  works:
    every: 3s
    exec: ["true"]
  yearly:
    cron: "30 2 1 1 *"
    zone: Europe/Berlin
    exec: ["true"]
`;
const PATH = '/fleet/shop-1?window=15m';

describe.skipIf(!requireChromium())('machine screen', () => {
  let app: App;
  beforeAll(async () => {
    app = await startApp({ 'shop-1': ['site=berlin'] }, YAML);
    await untilRan(app.ui, ['shop/fails', 'shop/works']);
  });
  afterAll(() => app?.close());

  it('shows schedules with last and next runs, a timeline, facts and the log', async () => {
    const { page, context, complaints } = await app.open({ path: PATH });
    const schedules = page.getByRole('grid', { name: 'Schedules of this machine' });
    await schedules.getByRole('row', { name: /shop\/fails.*Every 3 seconds.*failed/ }).waitFor();
    await schedules.getByRole('row', { name: /shop\/yearly.*none yet/ }).waitFor();
    const runs = page.getByRole('grid', { name: 'Newest runs of this machine' });
    await runs
      .getByRole('row', { name: /failed shop\/fails/ })
      .first()
      .waitFor();
    const timeline = page.getByRole('group', { name: 'Timeline' });
    await timeline.locator('.mark-run.tone-bad').first().waitFor();
    await timeline.locator('.mark-run.tone-ok').first().waitFor();
    await timeline.locator('.mark-coming').first().waitFor();
    const facts = page.getByRole('complementary', { name: 'About this machine' });
    await facts.getByText('linux').waitFor();
    await facts.getByRole('button', { name: 'Verify' }).click();
    await facts.getByText(/entries, chain whole/).waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('lists the ledger and the documents it holds', async () => {
    const { page, context } = await app.open({ path: '/fleet/shop-1?tab=ledger' });
    await page
      .getByRole('row', { name: /ran shop\/works/ })
      .first()
      .waitFor();
    await page.getByRole('tab', { name: /Documents/ }).click();
    await page.getByRole('row', { name: /applied schedule shop r1 r1/ }).waitFor();
    await page.getByText('It refused nothing').waitFor();
    expect(page.url()).toContain('tab=documents');
    await context.close();
  });

  it('pauses by a proposal: nothing happens until `muster sign`, then the screen says paused', async () => {
    const { page, context } = await app.open({ path: PATH });
    await page.getByRole('button', { name: 'Pause machine' }).click();
    await page.getByRole('button', { name: 'Propose' }).click();
    const line = await page.getByText(/^muster sign P-\d+$/).textContent();
    await page.getByText(/Nothing happens until a person signs it/).waitFor();
    expect((await app.ui.fleet.call('agents.show', { agent: 'shop-1' })).paused).toEqual([]);
    const signed = await app.ui.fleet.muster('sign', line?.split(' ')[2] ?? '', '--yes');
    expect(signed.stderr + signed.stdout).toContain('P-');
    await page.getByText(/is signed and sent/).waitFor();
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('button', { name: 'Resume machine' }).waitFor();
    await context.close();
  });

  it('says so when no machine has that name', async () => {
    const { page, context } = await app.open({ path: '/fleet/nobody' });
    await page.getByText('No machine is called nobody').waitFor();
    await context.close();
  });

  it.each(['dark', 'light'] as const)('axe finds nothing serious in %s', async (theme) => {
    const { page, context } = await app.open({ theme, path: PATH });
    await page.locator('.mark-run').first().waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByRole('button', { name: /^(Pause|Resume) machine$/ }).click();
    await page.getByRole('dialog').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await context.close();
  });
});
