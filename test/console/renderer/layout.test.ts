// Pure layouts of the face: table lines with sections, the grid of cells, the timeline's axis.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { layoutGrid, rowOfCell, stepRow } from '#console/renderer/screens/fleet/grid-layout.ts';
import { gather, ticks, xOf } from '#console/renderer/screens/machine/timeline-scale.ts';
import { layoutLines } from '#console/renderer/ui/sections.ts';

describe('table lines', () => {
  it('names every row once, in order, below the title of its section', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5), { minLength: 1, maxLength: 8 }), (sizes) => {
        const rows = sizes.reduce((sum, size) => sum + size, 0);
        const lines = layoutLines(
          sizes.map((size) => ({ size })),
          rows,
        );
        const all = Array.from({ length: lines.count }, (_, at) => lines.at(at));
        expect(all.flatMap((line) => ('row' in line ? [line.row] : []))).toEqual(
          Array.from({ length: rows }, (_, at) => at),
        );
        expect(all.flatMap((line) => ('section' in line ? [line.section] : []))).toEqual(
          sizes.map((_, at) => at),
        );
      }),
    );
  });

  it('is the row itself without sections', () => {
    expect(layoutLines([], 3)).toMatchObject({ count: 3 });
    expect(layoutLines([], 3).at(2)).toEqual({ row: 2 });
  });
});

describe('grid of cells', () => {
  const groups = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 6 });

  it('finds the row of every cell, whatever the groups', () => {
    fc.assert(
      fc.property(groups, fc.integer({ min: 1, max: 9 }), (sizes, columns) => {
        const names = sizes.flatMap((size, at) => Array.from({ length: size }, () => `g${at}`));
        const rows = layoutGrid(names.length, columns, (at) => names[at] ?? null);
        for (const cell of names.keys()) {
          const row = rows[rowOfCell(rows, cell)];
          expect(row?.title).toBeUndefined();
          expect(row && row.from <= cell && cell < row.to).toBe(true);
        }
      }),
    );
  });

  it('steps down and up over the title of a group', () => {
    const names = ['a', 'a', 'a', 'b', 'b'];
    const rows = layoutGrid(5, 2, (at) => names[at] ?? null);
    expect(stepRow(rows, 1, 1)).toBe(2);
    expect(stepRow(rows, 2, 1)).toBe(3);
    expect(stepRow(rows, 3, -1)).toBe(2);
    expect(stepRow(rows, 4, 1)).toBe(4);
  });
});

describe('timeline axis', () => {
  const HOUR = 3_600_000;
  const scale = { from: 0, to: 24 * HOUR, left: 100, right: 1_060 };

  it('puts ticks on round local times, far enough apart to be read', () => {
    const found = ticks(scale, 84, HOUR);
    expect(found.length).toBeGreaterThan(3);
    for (const at of found) expect((at + HOUR) % HOUR).toBe(0);
    const gaps = found.slice(1).map((at, n) => xOf(scale, at) - xOf(scale, found[n] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(84);
  });

  it('draws the worst of what falls on the same pixels, and counts the rest', () => {
    const mark = (x: number, status: string) => ({ x, end: x + 1, status });
    const drawn = gather(
      [mark(10, 'succeeded'), mark(12, 'failed'), mark(14, 'succeeded'), mark(40, 'skipped')],
      20,
    );
    expect(drawn.map(({ status, more }) => [status, more])).toEqual([
      ['failed', 2],
      ['skipped', 0],
    ]);
  });
});
