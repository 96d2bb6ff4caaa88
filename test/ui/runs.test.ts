// The runs screen: found by machine, schedule, status and time; output and names of machines are text and nothing else.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inertLine, inertPieces } from '#console/renderer/screens/runs/inert-text.ts';
import {
  appendPage,
  EMPTY_LIST,
  mergeHead,
  updateInPlace,
} from '#console/renderer/screens/runs/run-list.ts';
import type { RunSummary } from '#console/views.ts';
import { goTo, requireChromium } from '#test/support/browser.ts';
import { type App, countNodes, seriousFaults, startApp, untilRan } from './app.ts';

const run = (n: number, state: RunSummary['state'] = 'succeeded'): RunSummary => ({
  run: `r${n}`,
  agent: 'a',
  schedule: 's/x',
  nominal: null,
  due: null,
  cause: 'schedule',
  state,
  attempts: 1,
  startedAt: null,
  finishedAt: null,
  exitCode: 0,
  latenessMs: 0,
});
/** Newest first. */
const runs = (from: number, to: number) =>
  Array.from({ length: from - to + 1 }, (_, n) => run(from - n));
const names = (rows: readonly RunSummary[]) => rows.map((it) => it.run).join(' ');

describe('a long list of runs', () => {
  it('joins a live head and older pages without gap or double', () => {
    const first = mergeHead(EMPTY_LIST, runs(10, 8), 3);
    const more = appendPage(first, runs(8, 6), 3);
    expect(names(more.rows)).toBe('r10 r9 r8 r7 r6');
    expect(names(mergeHead(more, runs(11, 9), 3).rows)).toBe('r11 r10 r9 r8 r7 r6');
    expect(appendPage(more, runs(5, 5), 3).whole).toBe(true);
  });

  it('drops old rows rather than hide a gap', () => {
    const list = mergeHead(EMPTY_LIST, runs(10, 8), 3);
    expect(mergeHead(list, runs(30, 28), 3)).toEqual({ rows: runs(30, 28), whole: false });
  });

  it('only moves states on while somebody reads further down', () => {
    const list = { rows: [run(2, 'running'), run(1)], whole: true };
    const updated = updateInPlace(list, [run(4), run(3), run(2, 'failed')]);
    expect(updated.waiting).toBe(2);
    expect(updated.list.rows.map(({ state }) => state)).toEqual(['failed', 'succeeded']);
  });
});

describe('inert text', () => {
  it('drops colours and shows every other character that would act (U1)', () => {
    const pieces = inertPieces('\u001b[31mred\u001b[0m \u001b]0;title\u0007 a\u202eb\r\nnext');
    expect(pieces.filter(({ marked }) => marked).map(({ text }) => text)).toEqual([
      'ESC',
      'U+0007',
      'U+202E',
    ]);
    expect(pieces.map(({ text }) => text).join('')).toContain('b\nnext');
    expect(inertLine('a\u200bb')).toBe('a‹U+200B›b');
  });
});

const HOSTILE = `stream: shop
audience: all
schedules:
  hostile:
    description: "<img src=x onerror='window.owned=1'><script>window.owned=1</script>"
    every: 3s
    shell: |
      printf '<img src=x onerror="window.owned=1"><script>window.owned=1</script>\\n'
      printf '\\033[31mred\\033[0m \\033]0;owned\\007 a\\342\\200\\256b =cmd()\\n'
      exit 4
  retried:
    every: 5s
    retry: { attempts: 2, initial: 100ms }
    shell: |
      echo "attempt $MUSTER_ATTEMPT"
      [ "$MUSTER_ATTEMPT" -ge 2 ]
`;

describe.skipIf(!requireChromium())('runs screen', () => {
  let app: App;
  beforeAll(async () => {
    app = await startApp({ 'shop-1': [], 'shop-2': [] }, HOSTILE);
    await untilRan(app.ui, ['shop/hostile', 'shop/retried']);
  });
  afterAll(() => app?.close());

  it('shows output and names as inert text, whatever is in them (U1)', async () => {
    const { page, context, complaints } = await app.open({ path: '/runs?status=failed' });
    await page
      .getByRole('row', { name: /failed shop\/hostile/ })
      .first()
      .click();
    const output = page.getByRole('log', { name: 'Output' });
    await output.getByText('<img src=x onerror="window.owned=1"><script>').waitFor();
    await output.getByText('U+202E', { exact: true }).waitFor();
    expect(await output.locator('img, script').count()).toBe(0);
    for (const acting of ['\u001b', '\u0007', '\u202e'])
      expect(await output.textContent()).not.toContain(acting);
    await goTo(page, '/schedules/shop/hostile');
    await page.getByText("<img src=x onerror='window.owned=1'>").waitFor();
    await goTo(page, '/schedules/~edit/shop?schedule=hostile');
    await page.getByText('Valid, and as published.').waitFor();
    expect(await page.evaluate('window.owned')).toBeUndefined();
    expect(complaints).toEqual([]);
    await context.close();
  });

  it.each(['dark', 'light'] as const)(
    'shows attempts, times and why; clean for axe (%s)',
    async (theme) => {
      const { page, context } = await app.open({
        path: '/runs?schedule=shop%2Fretried&status=succeeded',
        theme,
        width: 1_024,
        height: 700,
      });
      await page
        .getByRole('row', { name: /succeeded shop\/retried/ })
        .first()
        .click();
      await page.getByRole('heading', { name: '2 attempts' }).waitFor();
      await page.getByText(/succeeded in 2 attempts/).waitFor();
      await page.getByRole('log', { name: 'Output' }).getByText('attempt 2').waitFor();
      await page.getByRole('button', { name: /#1 failed/ }).click();
      await page.getByRole('log', { name: 'Output' }).getByText('attempt 1').waitFor();
      expect(await seriousFaults(page)).toEqual([]);
      await page.keyboard.press('Escape');
      await page.getByRole('complementary', { name: 'Run' }).waitFor({ state: 'detached' });
      expect(page.url()).not.toContain('run=');
      await context.close();
    },
  );

  it('keeps what it looks for in the address, and says what to do with an unknown name', async () => {
    const { page, context } = await app.open({ path: '/runs' });
    await page
      .getByRole('row', { name: /shop\/hostile/ })
      .first()
      .waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('shop-2');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.url()).toContain('agent=shop-2');
    await page
      .getByRole('row', { name: /shop-1/ })
      .first()
      .waitFor({ state: 'detached' });
    await page.reload();
    await page
      .getByRole('row', { name: /shop-2/ })
      .first()
      .waitFor();
    await goTo(page, '/runs?status=lost');
    await page.getByText('No run matches').waitFor();
    await goTo(page, '/runs?agent=nobody');
    await page.getByRole('alert').getByText('AGENT_UNKNOWN').waitFor();
    await goTo(page, '/runs/ffffffffffffffffffffffffffffffff');
    await page.getByRole('alert').getByText('RUN_UNKNOWN').waitFor();
    await context.close();
  });

  it('draws only the rows on screen, and reads a page at a time', async () => {
    const { page, context } = await app.open({ path: '/runs' });
    await page
      .getByRole('row', { name: /shop\/hostile/ })
      .first()
      .waitFor();
    expect(await page.locator('.runs .table-body .tr').count()).toBeLessThan(60);
    expect(await countNodes(page)).toBeLessThan(2_500);
    await context.close();
  });
});
