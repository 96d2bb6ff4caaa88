// The frame of the console in a real Chromium: token, keyboard, palette, themes, and what it says when core or broker go.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requireChromium } from '#test/support/browser.ts';
import { type App, seriousFaults, startApp } from './app.ts';

const YAML = `stream: shop
audience: all
schedules:
  works:
    every: 2s
    exec: ["true"]
`;

describe.skipIf(!requireChromium())('shell', () => {
  let app: App;
  beforeAll(async () => {
    app = await startApp({ 'shop-1': ['site=berlin'] }, YAML);
  });
  afterAll(() => app?.close());

  it('takes the token out of the address, and asks for one where there is none or a wrong one', async () => {
    const { page, context } = await app.open();
    expect(page.url()).not.toContain(app.ui.token);
    await context.close();

    const bare = await app.browser.newPage();
    await bare.goto(app.ui.address);
    await bare.getByLabel('Token').fill('wrong-token');
    await bare.getByRole('button', { name: 'Open' }).click();
    await bare.getByText('This console has another token').waitFor();
    await bare.getByLabel('Token').fill(app.ui.token);
    await bare.getByRole('button', { name: 'Open' }).click();
    await bare.getByRole('heading', { name: 'Fleet' }).waitFor();
    expect(await bare.title()).toBe('Fleet · Muster');
    await bare.close();
  });

  it('always says which console and which fleet', async () => {
    const { page, context } = await app.open();
    const bar = page.getByRole('banner');
    await bar.getByText(new URL(app.ui.address).host).waitFor();
    await bar.getByText('testfleet').waitFor();
    await context.close();
  });

  it('goes anywhere from the palette, closes it by Esc, and tells its keys', async () => {
    const { page, context } = await app.open();
    await page.getByRole('row', { name: /shop-1/ }).waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').fill('shop-1');
    await page.getByRole('option', { name: /shop-1/ }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: /shop-1/ }).waitFor();
    await page.keyboard.press('Control+k');
    await page.keyboard.press('Escape');
    await page.getByRole('combobox').waitFor({ state: 'detached' });
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).getByText('Fleet').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await context.close();
  });

  it('keeps what it has when the core goes, says so, and recovers by itself', async () => {
    const { page, context } = await app.open();
    await page.getByRole('row', { name: /shop-1/ }).waitFor();
    await app.ui.stopCore();
    await page.getByText('No answer from the console core').waitFor();
    await page.getByRole('row', { name: /shop-1/ }).waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await app.ui.startCore();
    await page.getByText('No answer from the console core').waitFor({ state: 'detached' });
    await page.getByRole('row', { name: /shop-1.*online/ }).waitFor();
    await context.close();
  });

  it('says when the broker is gone: unknown is not missed', async () => {
    const { page, context } = await app.open();
    await page.getByRole('row', { name: /shop-1/ }).waitFor();
    await app.ui.fleet.broker.stop();
    await page.getByText('The core cannot reach the broker').waitFor();
    await page.getByRole('row', { name: /shop-1/ }).waitFor();
    await context.close();
  });

  it('keeps a chosen theme', async () => {
    const { page, context } = await app.open({ theme: 'light' });
    await page.getByRole('button', { name: /Theme: system/ }).click();
    await page.reload();
    await page.getByRole('button', { name: /Theme: dark/ }).waitFor();
    expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');
    await context.close();
  });
});
