// The fleet screen in a real Chromium over a real core: live, filtered, grouped, bounded by what is on screen.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { goTo, requireChromium } from '#test/support/browser.ts';
import { type App, countNodes, seriousFaults, startApp, untilRan } from './app.ts';
import { addMachines } from './many-machines.ts';

const YAML = `stream: shop
audience: all
schedules:
  fails:
    every: 2s
    exec: [sh, -c, "exit 3"]
  works:
    every: 2s
    exec: ["true"]
`;
const MANY = 10_000;

describe.skipIf(!requireChromium())('fleet screen', () => {
  let app: App;
  beforeAll(async () => {
    app = await startApp({ 'shop-1': ['site=berlin'], 'shop-2': ['site=hamburg'] }, YAML);
    await untilRan(app.ui, ['shop/fails', 'shop/works']);
  });
  afterAll(() => app?.close());

  it('shows every machine with its state in words, and what needs a look', async () => {
    const { page, context, complaints } = await app.open();
    await page.getByRole('row', { name: /shop-1.*failed.*online/ }).waitFor();
    await page.getByRole('row', { name: /shop-2/ }).waitFor();
    await page.getByRole('button', { name: /2 failed/ }).waitFor();
    await page.getByText('testfleet').waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('keeps filter, group, status and view in the address, and reads them back', async () => {
    const { page, context } = await app.open();
    await page.getByRole('row', { name: /shop-2/ }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('site=berlin');
    await page.getByRole('row', { name: /shop-2/ }).waitFor({ state: 'detached' });
    expect(page.url()).toContain('q=site%3Dberlin');
    await page.reload();
    await page.getByRole('row', { name: /shop-1/ }).waitFor();
    expect(await page.getByLabel('Filter machines by name or label').inputValue()).toBe(
      'site=berlin',
    );
    await goTo(page, '/fleet?group=site&view=grid&status=failed');
    await page.getByText('site=hamburg').waitFor();
    await page.getByRole('gridcell', { name: /^shop-1,? ?failed/ }).waitFor();
    await goTo(page, '/fleet?q=nowhere');
    await page.getByText('No machine fits this filter').waitFor();
    await page.getByRole('button', { name: 'Show all machines' }).click();
    await page.getByRole('row', { name: /shop-2/ }).waitFor();
    await context.close();
  });

  it('opens a machine by keys alone', async () => {
    const { page, context } = await app.open();
    await page.getByRole('row', { name: /shop-2/ }).waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: /shop-2/ }).waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('f');
    await page.getByRole('heading', { name: 'Fleet' }).waitFor();
    await context.close();
  });

  it('changes by itself when a machine joins', async () => {
    const { page, context } = await app.open();
    await page.getByRole('row', { name: /shop-1/ }).waitFor();
    await app.ui.fleet.enrol('shop-9', ['site=berlin']);
    await page.getByRole('row', { name: /shop-9/ }).waitFor();
    await context.close();
  });

  it('draws no more than fits the screen of 10,000 machines, in grid and table', async () => {
    await app.ui.stopCore();
    addMachines(app.ui.fleet.home, MANY);
    await app.ui.startCore();
    const { page, context, complaints } = await app.open();
    await page.getByText('10,003 machines').waitFor();
    await page.getByRole('gridcell', { name: /^many-00001/ }).waitFor();
    const grid = await countNodes(page);
    expect(grid).toBeLessThan(4_500);
    await page.getByRole('grid', { name: 'Machines' }).focus();
    await page.keyboard.press('End');
    await page.getByRole('gridcell', { name: /^shop-9/ }).waitFor();
    expect(await countNodes(page)).toBeLessThan(4_500);

    await goTo(page, '/fleet?view=table');
    await page.getByRole('row', { name: /many-00001/ }).waitFor();
    expect(await countNodes(page)).toBeLessThan(2_500);
    await page.getByRole('grid', { name: 'Machines' }).focus();
    await page.keyboard.press('End');
    await page.getByRole('row', { name: /shop-9/ }).waitFor();
    expect(await countNodes(page)).toBeLessThan(2_500);
    await goTo(page, '/fleet?view=table&group=site');
    await page.getByText('site=berlin', { exact: true }).first().waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });

  it.each(['dark', 'light'] as const)('axe finds nothing serious in %s', async (theme) => {
    const { page, context } = await app.open({ theme });
    for (const view of ['grid', 'table']) {
      await goTo(page, `/fleet?view=${view}&group=site`);
      await page.getByText('site=berlin', { exact: true }).first().waitFor();
      expect(await seriousFaults(page)).toEqual([]);
    }
    await context.close();
  });
});
