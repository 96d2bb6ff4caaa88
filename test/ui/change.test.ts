// A change from its first letter to the last machine and beyond, in a real Chromium: what the acceptance of the console walks.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { marksOf, NO_TIMES } from '#console/renderer/screens/change/marks.ts';
import { goTo, requireChromium } from '#test/support/browser.ts';
import { type App, seriousFaults, startApp } from './app.ts';

const BASE = `stream: base
audience: all
schedules:
  idle:
    cron: "0 3 1 1 *"
    exec: ["true"]
`;
const WRITTEN = `# written in the browser
stream: till
audience: all
schedules:
  slow:
    every: 12s
    timeout: 30s
    shell: |
      for i in 1 2 3 4 5 6 7 8; do echo "line $i"; sleep 1; done
  broken:
    every: 3s
    shell: |
      echo "no paper" >&2
      exit 7
`;

describe('marks of a change', () => {
  it('says nothing of single instants beyond what both lists know', () => {
    const before = { instants: [1, 2, 3], goesOn: true };
    const after = { instants: [2, 4, 6], goesOn: true };
    expect(marksOf(before, after)).toEqual({ starts: [], stops: [1, 3], unknownAfter: 3 });
    expect(marksOf(NO_TIMES, { instants: [5], goesOn: false })).toEqual({
      starts: [5],
      stops: [],
      unknownAfter: undefined,
    });
  });
});

/** Replaces the whole text of the YAML side, as a paste does. */
async function writeYaml(page: Page, text: string): Promise<void> {
  await page.getByRole('textbox', { name: 'YAML' }).click();
  await page.keyboard.press('ControlOrMeta+a');
  // Emptied first: text typed over a selection makes Chromium carry its style along, which the policy refuses aloud.
  await page.keyboard.press('Delete');
  await page.keyboard.insertText(text);
}

const proposalOf = (page: Page): string => /P-\d+/.exec(page.url())?.[0] ?? '';

describe.skipIf(!requireChromium())('a change', () => {
  let app: App;
  beforeAll(async () => {
    app = await startApp({ 'till-1': ['site=berlin'], 'till-2': ['site=berlin'] }, BASE);
  });
  afterAll(() => app?.close());

  const sign = async (proposal: string): Promise<void> => {
    const signed = await app.ui.fleet.muster('sign', proposal, '--yes');
    expect(signed.code, signed.stderr).toBe(0);
  };

  it('goes from YAML over diff, proposal, signature and coverage to runs, why, run now and pause', async () => {
    const { page, context, complaints } = await app.open({ path: '/schedules' });
    await page.getByRole('button', { name: 'New stream' }).click();
    await writeYaml(page, WRITTEN);
    await page.getByText('Valid.', { exact: true }).waitFor();

    // Diff before signing.
    await page.getByRole('button', { name: 'Review change' }).click();
    await page.getByRole('heading', { name: 'till becomes r1' }).waitFor();
    const broken = page.getByRole('article', { name: 'broken: added' });
    await broken.getByText('+403,200 start').waitFor();
    await page.getByText('2 join').waitFor();
    await page.getByLabel('Note for those who sign').fill('the till at last');
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Propose', exact: true }).click();

    // Proposed, signed elsewhere, followed to the last machine.
    await page.getByText('waiting for a signature').waitFor();
    const proposal = proposalOf(page);
    await page.getByText(`muster sign ${proposal}`, { exact: true }).waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await sign(proposal);
    await page.getByText('1 of 1 signature: olga').waitFor();
    await page.getByText('All 2 machines have till r1').waitFor();

    // Output while it is written.
    await goTo(page, '/runs?schedule=till%2Fslow&status=running');
    await page
      .getByRole('row', { name: /running/ })
      .first()
      .click();
    const output = page.getByRole('log', { name: 'Output' });
    await output.getByText('line 2').waitFor();
    await page.getByText('live from the machine').waitFor();
    await output.getByText('line 4').waitFor();

    // A failed run, and why.
    await goTo(page, '/runs?status=failed');
    await page
      .getByRole('row', { name: /failed till\/broken/ })
      .first()
      .click();
    await page.getByRole('log', { name: 'Output' }).getByText('no paper').waitFor();
    await page.getByText(/till\/broken on till-\d at .* failed/).waitFor();

    // Run now: one click proposes, one signature sends, and the run arrives.
    await page.getByRole('button', { name: 'Run now' }).click();
    await page.getByText('waiting for a signature').waitFor();
    const line = await page.getByText(/^muster sign P-\d+$/).textContent();
    await sign(line?.split(' ').at(-1) ?? '');
    await page.getByRole('button', { name: 'Open the run' }).click();
    await page.getByText('Started by a signed command, not by the clock.').waitFor();

    // Pause on every machine is a change like any other.
    await goTo(page, '/schedules/~edit/till?schedule=broken');
    await page.getByLabel('Paused on every machine').check();
    await page.getByText('Valid.', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Review change' }).click();
    await page
      .getByRole('article', { name: 'broken: changed' })
      .getByText(/−.* stop/)
      .waitFor();
    await page.getByRole('button', { name: 'Propose', exact: true }).click();
    await page.getByText('waiting for a signature').waitFor();
    await sign(proposalOf(page));
    await page.getByText('All 2 machines have till r2').waitFor();
    await goTo(page, '/schedules?q=broken');
    await page.getByRole('row', { name: /till\/broken.*paused/ }).waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('lists what is open, takes it back, and offers nothing for what is as published', async () => {
    const { page, context } = await app.open({ path: '/schedules/~edit/base', theme: 'light' });
    await page.getByText('Valid, and as published.').waitFor();
    expect(await page.getByRole('button', { name: 'Review change' }).isDisabled()).toBe(true);
    await page.getByLabel('Cron', { exact: true }).fill('0 4 1 1 *');
    await page.getByText('Valid.', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Review change' }).click();
    await page.getByText('trigger.expression').waitFor();
    await page.getByRole('button', { name: 'Propose', exact: true }).click();
    await page.getByText('waiting for a signature').waitFor();
    const proposal = proposalOf(page);
    await goTo(page, '/change');
    await page.getByRole('row', { name: new RegExp(proposal) }).waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await goTo(page, `/change/${proposal}`);
    await page.getByRole('button', { name: 'Withdraw' }).click();
    await page.getByText('withdrawn').waitFor();
    await goTo(page, '/change');
    await page.getByText('Nothing waits for a signature').waitFor();
    await page.getByRole('button', { name: 'All' }).click();
    await page.getByRole('row', { name: new RegExp(`${proposal}.*withdrawn`) }).waitFor();
    await context.close();
  });
});
