// The built main process and preloads, unmodified, on a double of Electron whose windows are pages of a real Chromium.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requireTool } from '#test/support/require-tool.ts';
import type { Check, Fault } from './support/check.ts';
import { mainChecks } from './support/checks-main.ts';
import { pageChecks } from './support/checks-page.ts';
import { chromiumPath } from './support/chromium.ts';
import { openStage, type Play, type Stage } from './support/scene.ts';
import { patience } from './support/shell.ts';

const checks = [...pageChecks, ...mainChecks];
const has = requireTool(chromiumPath() ?? 'chromium', 'apt-get install chromium');
/** Shells under way at once: as many as a small machine bears. */
const AT_ONCE = 3;
/** Much of what a fault breaks shows as something that never comes. */
const FAULT_PATIENCE_MS = 4_000;
const FAULT_CHECK_MS = 10_000;

describe.runIf(has)('the desktop shell', () => {
  let stage: Stage;
  let play: Play;
  beforeAll(async () => {
    stage = await openStage();
    play = await stage.play(stage.built.app);
  });
  afterAll(async () => {
    await play?.end();
    await stage?.close();
  });

  it.for(checks)('$name', (check) => check.run(play));

  it('notices every planted fault', { timeout: 300_000 }, async () => {
    const planted = checks.flatMap((check) => check.faults.map((fault) => ({ check, fault })));
    patience.ms = FAULT_PATIENCE_MS;
    const table = await inTurns(planted, AT_ONCE, async ({ check, fault }, index) => ({
      check: check.name,
      fault: fault.name,
      result: await tryFault(stage, check, fault, `fault-${index}`),
    }));
    const rows = table.map(({ check, fault, result }) => `| ${check} | ${fault} | ${result} |`);
    if (process.env.MUSTER_PRINT_FAULTS === '1') console.log(rows.join('\n'));
    expect(table.filter(({ result }) => result !== 'noticed')).toEqual([]);
    // The table people read is the one that was run.
    const told = readFileSync(new URL('../../docs/security.md', import.meta.url), 'utf8');
    expect(rows.filter((row) => !told.includes(row))).toEqual([]);
  });
});

/** Runs the one check against bundles with the one fault. */
async function tryFault(stage: Stage, check: Check, fault: Fault, name: string): Promise<string> {
  const play = await stage.play(stage.built.mutant(name, fault.edits));
  let timer: NodeJS.Timeout | undefined;
  const never = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('the check never ended')), FAULT_CHECK_MS);
  });
  try {
    await Promise.race([check.run(play), never]);
    return 'not noticed';
  } catch (error) {
    return (error as Error).message.startsWith('the shell ended') ? String(error) : 'noticed';
  } finally {
    clearTimeout(timer);
    await play.end();
  }
}

async function inTurns<T, R>(
  all: readonly T[],
  atOnce: number,
  work: (one: T, index: number) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < all.length; index = next++) {
      results[index] = await work(all[index] as T, index);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}
