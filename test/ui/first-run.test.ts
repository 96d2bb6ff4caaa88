// From nothing to a first run: the steps of the screen, walked with the real command line where it says so.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXAMPLES } from '#console/renderer/screens/first-run/examples.ts';
import { runAgentCli } from '#test/support/agent-process.ts';
import { openConsole, requireChromium, startBrowser } from '#test/support/browser.ts';
import { startUiFleet, type UiFleet } from '#test/support/ui-fleet.ts';
import { seriousFaults } from './app.ts';
import { builtRenderer } from './build.ts';

describe.skipIf(!requireChromium())('first run screen', () => {
  let ui: UiFleet;
  let browser: Browser;
  beforeAll(async () => {
    await builtRenderer();
    [ui, browser] = await Promise.all([startUiFleet(), startBrowser()]);
  });
  afterAll(async () => {
    await browser?.close();
    await ui?.close();
  });

  it('offers examples that the planner takes as they are', async () => {
    const files = EXAMPLES.map((example) => ({
      name: `${example.id}.yaml`,
      text: example.yaml('Europe/Berlin'),
    }));
    expect((await ui.fleet.call('plan.prepare', { files })).faults).toEqual([]);
  });

  it('leads from an empty fleet to a run that arrived', async () => {
    const { page, context, complaints } = await openConsole(browser, {
      address: ui.address,
      token: ui.token,
      path: '/start',
    });
    await page.getByText('broker reached').waitFor();
    await page.getByLabel('Name of the machine').fill('till-1');
    await page.getByLabel('Labels').fill('site=berlin');
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Make the line' }).click();
    await page.getByText('Waiting for till-1 to appear').waitFor();

    // The very line that is copied, in a terminal.
    await page.getByText('Only for a try, without a service').click();
    const line = await page.getByText(/^muster-agent enrol /).textContent();
    const words = (line ?? '').split(' ').slice(1);
    const data = `${ui.fleet.root}/till-1`;
    const enrolled = await runAgentCli([...words, '--data', data]);
    expect(enrolled.code, enrolled.stderr).toBe(0);
    await ui.fleet.start(data);
    await page.getByRole('listitem').getByText('site=berlin').waitFor();

    await page.getByText('A pulse', { exact: true }).click();
    await page.getByRole('button', { name: 'Propose it' }).click();
    const sign = await page.getByText(/^muster sign P-\d+$/).textContent();
    const signed = await ui.fleet.muster('sign', sign?.split(' ').at(-1) ?? '', '--yes');
    expect(signed.code, signed.stderr).toBe(0);
    await page.getByText('The machine has pulse r1').waitFor();

    // Within the minute by the clock, or at once by command.
    await page.getByRole('button', { name: 'Run it now' }).click();
    const now = page.getByRole('dialog').getByText(/^muster sign P-\d+$/);
    await ui.fleet.muster('sign', (await now.textContent())?.split(' ').at(-1) ?? '', '--yes');
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('log', { name: 'Output' }).getByText('load average').waitFor();
    await page.getByRole('listitem', { name: 'The run, done' }).waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await context.close();
  });
});
