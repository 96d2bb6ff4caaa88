// A fleet, a browser and the console in it, for the tests of its face.

import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import {
  type ConsolePage,
  type OpenOptions,
  openConsole,
  startBrowser,
} from '#test/support/browser.ts';
import { eventually } from '#test/support/test-fleet.ts';
import { startUiFleet, type UiFleet } from '#test/support/ui-fleet.ts';
import { builtRenderer } from './build.ts';

export interface App {
  readonly ui: UiFleet;
  readonly browser: Browser;
  readonly open: (options?: Partial<OpenOptions>) => Promise<ConsolePage>;
  readonly close: () => Promise<void>;
}

/** Builds the renderer, starts fleet and browser. `machines`: name → labels; each runs as a process of its own. */
export async function startApp(
  machines: Readonly<Record<string, readonly string[]>>,
  yaml: string,
): Promise<App> {
  await builtRenderer();
  const [ui, browser] = await Promise.all([startUiFleet(), startBrowser()]);
  for (const [name, labels] of Object.entries(machines)) {
    await ui.fleet.start(await ui.fleet.enrol(name, labels));
  }
  const applied = await ui.fleet.apply(yaml);
  if (applied.code !== 0) throw new Error(`apply: ${applied.stdout}${applied.stderr}`);
  return {
    ui,
    browser,
    open: (options = {}) =>
      openConsole(browser, { address: ui.address, token: ui.token, ...options }),
    close: async () => {
      await browser.close();
      await ui.close();
    },
  };
}

/** Waits until the fleet has a finished run of every schedule named. */
export async function untilRan(
  ui: UiFleet,
  schedules: readonly string[],
  seconds = 30,
): Promise<void> {
  const ran = async (): Promise<boolean> => {
    const runs = await ui.fleet.call('runs.list', { limit: 500 });
    return schedules.every((name) =>
      runs.some((run) => run.schedule === name && run.finishedAt !== null),
    );
  };
  await eventually('the schedules ran', ran, seconds);
}

interface Violation {
  readonly impact: string | null;
  readonly id: string;
  readonly nodes: readonly { readonly target: readonly string[]; readonly html: string }[];
}

/** What axe calls serious or critical, as lines; empty is good. */
export async function seriousFaults(page: Page): Promise<readonly string[]> {
  // Through the debugger, not as a script of the page: the policy stays as it is.
  await page.evaluate(axe.source);
  const violations = (await page.evaluate(
    'axe.run(document, { resultTypes: ["violations"] }).then((it) => it.violations)',
  )) as readonly Violation[];
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`);
}

export const countNodes = (page: Page): Promise<number> =>
  page.evaluate('document.querySelectorAll("*").length') as Promise<number>;
