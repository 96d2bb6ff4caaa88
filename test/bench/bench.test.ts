// The bench itself works: shape and manners are checked, never speed.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { FIGURES } from './figures.ts';

const script = fileURLToPath(new URL('./bench.ts', import.meta.url));
const bench = (...args: readonly string[]) =>
  spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });

const spread = z.strictObject({ median: z.number(), min: z.number(), max: z.number() });
const outputSchema = z.object({
  date: z.string(),
  quick: z.literal(true),
  repeats: z.int().min(1),
  machine: z.array(z.string()).min(1),
  failed: z.array(z.never()),
  figures: z.array(
    z.strictObject({
      ...{ id: z.string(), name: z.string(), unit: z.string(), goal: z.object({}) },
      ...{ ours: spread, reference: spread, ratio: z.number().positive() },
      state: z.enum(['met', 'met within the margin', 'short']),
      reason: z.string().nullable(),
      samples: z.array(z.strictObject({ ours: z.number(), reference: z.number() })).min(1),
      notes: z.array(z.string()),
    }),
  ),
});

describe('npm run bench', () => {
  it.runIf(process.platform === 'linux')('answers one figure as JSON beside its reference', () => {
    const run = bench('--quick', '--only', 'p9', '--json');
    expect(run.status, run.stderr).toBe(0);
    const told = outputSchema.parse(JSON.parse(run.stdout));
    expect(told.figures.map(({ id }) => id)).toEqual(['P9']);
    expect(told.figures[0]?.samples).toHaveLength(told.repeats);
    for (const { state, reason } of told.figures) expect(reason === null).toBe(state !== 'short');
    expect(run.stderr).toContain('durable changes');
  });

  it('names the figures there are when asked for another', () => {
    const run = bench('--only', 'P99');
    expect(run.status).toBe(2);
    expect(run.stderr).toContain('P99');
    expect(run.stderr).toContain('P2');
  });

  it('shows examples in its help', () => {
    const run = bench('--help');
    expect(run.status).toBe(0);
    expect(run.stdout).toContain('--only P2,P9');
  });

  it('lists every figure once', () => {
    const ids = FIGURES.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ['P1', 'P2', 'P3', 'P6', 'P7', 'P8', 'P9']) expect(ids).toContain(id);
  });
});
