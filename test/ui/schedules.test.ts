// The schedules screens: form and YAML in step over one text, faults at their place, times with what the clocks do.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { POLICY_GROUPS } from '#console/renderer/screens/schedules/form-fields.ts';
import { BINS, DAY_MS, loadOf } from '#console/renderer/screens/schedules/load-model.ts';
import { readPolicy, writePolicy } from '#console/renderer/screens/schedules/policy-value.ts';
import { wordsOfPeriod, wordsOfTrigger } from '#console/renderer/screens/schedules/words.ts';
import {
  addSchedule,
  openFile,
  removeSchedule,
  renameSchedule,
  setAt,
} from '#console/renderer/screens/schedules/yaml-edit.ts';
import { goTo, requireChromium } from '#test/support/browser.ts';
import { type App, seriousFaults, startApp } from './app.ts';

const FILE = `# top
stream: shop   # a name
audience: all

schedules:
  # the first
  till:
    cron: "*/5 * * * *" # quoted on purpose
    catchUp: { policy: all, limit: 20 }
    shell: |
      echo one
      echo two
  night:
    cron: 30 2 * * *
    exec: [/bin/true]
`;

describe('a file edited by fields', () => {
  it('changes one scalar and no other byte', () => {
    expect(setAt(FILE, ['schedules', 'till', 'cron'], '0 * * * *')).toBe(
      FILE.replace('"*/5 * * * *"', '"0 * * * *"'),
    );
    expect(setAt(FILE, ['schedules', 'till', 'catchUp', 'limit'], 7)).toBe(
      FILE.replace('limit: 20', 'limit: 7'),
    );
    expect(setAt(FILE, ['schedules', 'night', 'cron'], '*/2 * * * *')).toBe(
      FILE.replace('30 2 * * *', '"*/2 * * * *"'),
    );
  });

  it('keeps comments and order when keys come and go', () => {
    const added = setAt(FILE, ['schedules', 'till', 'timeout'], '30s');
    const gone = setAt(added, ['schedules', 'till', 'catchUp'], undefined);
    for (const comment of ['# top', '# a name', '# the first', '# quoted on purpose'])
      expect(gone).toContain(comment);
    expect(openFile(gone).schedules).toEqual(['till', 'night']);
    expect(gone).toContain('timeout: 30s');
    expect(gone).not.toContain('catchUp');
    expect(gone).toContain('      echo one\n      echo two\n');
  });

  it('renames a schedule in its place, adds one at the end and removes one', () => {
    expect(renameSchedule(FILE, 'till', 'counter')).toBe(FILE.replace('till:', 'counter:'));
    expect(renameSchedule(FILE, 'till', 'night')).toBe(FILE);
    const more = addSchedule(FILE, 'new', { every: '5m', exec: ['/bin/true'] });
    expect(openFile(more).schedules).toEqual(['till', 'night', 'new']);
    expect(more).toMatch(/exec: \[ ?\/bin\/true ?\]\n$/);
    const none = removeSchedule(removeSchedule(FILE, 'till'), 'night');
    expect(openFile(none).value).toMatchObject({ stream: 'shop', schedules: {} });
  });

  it('leaves a text alone that cannot be read, and names the line', () => {
    const broken = FILE.replace('catchUp: {', 'catchUp: {{');
    expect(setAt(broken, ['stream'], 'other')).toBe(broken);
    expect(openFile(broken)).toMatchObject({ value: undefined, brokenLine: expect.any(Number) });
  });

  it('finds the field that a fault lies in', () => {
    expect(openFile(FILE).pathAt(8, 11)).toEqual(['schedules', 'till', 'cron']);
    expect(openFile(FILE).lineOf('night')).toBe(13);
  });

  it('reads short policies, and says again what a new map would hide', () => {
    const fields = POLICY_GROUPS.flatMap((group) => group.fields);
    const limit = fields.find(({ inner }) => inner === 'limit');
    const policy = fields.find(({ inner }) => inner === 'policy');
    if (!limit || !policy) throw new Error('the form has no catch-up');
    expect(readPolicy(policy, 'none')).toBe('none');
    expect(writePolicy(limit, 'all', '5', {})?.value).toEqual({ policy: 'all', limit: 5 });
    expect(writePolicy(limit, undefined, '5', { catchUp: 'all' })?.value).toEqual({
      policy: 'all',
      limit: 5,
    });
  });
});

describe('words and load', () => {
  it('says a trigger in words with its zone', () => {
    expect(wordsOfTrigger('cron 30 2 * * MON in Europe/Berlin')).toEqual({
      when: 'At 02:30, only on Monday',
      zone: 'Europe/Berlin',
    });
    expect(wordsOfTrigger('every PT90S from 1970-01-01T00:00:00Z').when).toBe('Every 90 seconds');
    expect(wordsOfPeriod('1h30m')).toBe('Every 1 hour 30 minutes');
    expect(wordsOfPeriod('1d')).toBe('Every day');
  });

  it('counts occurrences over machines, spread by splay and continued at their rate', () => {
    const sum = (bins: readonly number[]) => bins.reduce((all, n) => all + n, 0);
    const source = { id: 'a', instants: [0], goesOn: false, machines: 4, splayMs: DAY_MS / BINS };
    const rounded = (bins: readonly number[]) => bins.map((n) => Math.round(n * 1_000) / 1_000);
    expect(rounded(loadOf(source, 0)).slice(0, 2)).toEqual([4, 0]);
    const wide = loadOf({ ...source, splayMs: 2 * (DAY_MS / BINS) }, 0);
    expect(rounded(wide).slice(0, 3)).toEqual([2, 2, 0]);
    const minutely = Array.from({ length: 200 }, (_, n) => n * 60_000);
    const all = loadOf({ ...source, instants: minutely, goesOn: true, splayMs: 0 }, 0);
    expect(sum(all)).toBeCloseTo(4 * 1_440, -1);
  });
});

describe.skipIf(!requireChromium())('schedules screens', () => {
  let app: App;
  beforeAll(async () => {
    app = await startApp({ 'shop-1': ['site=berlin'] }, FILE);
  });
  afterAll(() => app?.close());

  it.each(['dark', 'light'] as const)(
    'list, schedule and editor are clean for axe (%s)',
    async (theme) => {
      const { page, context, complaints } = await app.open({ path: '/schedules', theme });
      await page.getByRole('row', { name: /shop\/night.*At 02:30/ }).waitFor();
      expect(await seriousFaults(page)).toEqual([]);
      await page.getByRole('row', { name: /shop\/till/ }).click();
      await page.getByText('Every 5 minutes').waitFor();
      await page
        .getByRole('cell', { name: 'shop-1' })
        .or(page.getByRole('gridcell', { name: 'shop-1' }))
        .first()
        .waitFor();
      expect(await seriousFaults(page)).toEqual([]);
      await page.getByRole('button', { name: 'Edit', exact: true }).click();
      await page.getByText('Valid, and as published.').waitFor();
      expect(await seriousFaults(page)).toEqual([]);
      expect(complaints).toEqual([]);
      await context.close();
    },
  );

  it('keeps form and YAML in step, whichever is edited, and comments with them', async () => {
    const { page, context } = await app.open({ path: '/schedules/~edit/shop?schedule=till' });
    const yaml = page.getByRole('textbox', { name: 'YAML' });
    await page.getByLabel('Cron', { exact: true }).fill('7 * * * *');
    await yaml.getByText('"7 * * * *"').waitFor();
    await yaml.getByText('# quoted on purpose').waitFor();
    await yaml.getByText('7 * * * *').dblclick();
    await page.keyboard.press('Home');
    await page.keyboard.press('Shift+End');
    await page.keyboard.insertText('cron: "9 * * * *"');
    await expect
      .poll(() => page.getByLabel('Cron', { exact: true }).inputValue())
      .toBe('9 * * * *');
    await page.getByText('At 9 minutes past the hour').waitFor();
    // Keys of the console stay keys of the text while somebody writes.
    await yaml.click();
    await page.keyboard.type('?');
    expect(await page.getByRole('dialog').count()).toBe(0);
    await page.getByRole('button', { name: 'Discard' }).click();
    await page.getByText('as published', { exact: true }).waitFor();
    await context.close();
  });

  it('keeps the draft over a reload, and shows each fault at its line and in its field', async () => {
    const { page, context } = await app.open({ path: '/schedules/~edit/shop?schedule=till' });
    await page.getByLabel('Cron', { exact: true }).fill('99 * * * *');
    await page.reload();
    await page.getByRole('list', { name: '1 mistake' }).getByText('8:11').waitFor();
    await page.locator('.cm-lint-marker-error').waitFor();
    await page
      .getByLabel('Cron', { exact: true })
      .and(page.locator('[aria-invalid="true"]'))
      .waitFor();
    expect(await page.getByRole('button', { name: 'Review change' }).isDisabled()).toBe(true);
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Discard' }).click();
    await context.close();
  });

  it('marks occurrences on days when clocks change', async () => {
    const { page, context } = await app.open({ path: '/schedules/~edit/shop?schedule=night' });
    await page.getByLabel('Cron', { exact: true }).fill('30 2 28 3 * 2027');
    await page.getByLabel('Cron', { exact: true }).fill('0 30 2 28 3 * 2027');
    await page.getByRole('combobox', { name: 'Zone' }).fill('Europe/Berlin');
    await page.keyboard.press('Enter');
    await page.getByText('moved: its time is skipped today').waitFor();
    await context.close();
  });

  it('keeps what it has when the core goes, and goes on by itself when it is back', async () => {
    const { page, context } = await app.open({ path: '/schedules' });
    await page.getByRole('row', { name: /shop\/till.*Every 5 minutes/ }).waitFor();
    await app.ui.stopCore();
    await page
      .getByText(/No answer from the console core/)
      .first()
      .waitFor();
    expect(await page.getByRole('row', { name: /shop\/till/ }).count()).toBe(1);
    await app.ui.startCore();
    await page
      .getByText(/No answer from the console core/)
      .first()
      .waitFor({ state: 'detached' });
    await goTo(page, '/schedules/shop/night');
    await page.getByText('At 02:30').waitFor();
    await context.close();
  });
});
