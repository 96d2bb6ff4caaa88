// Tables for terminals: they fit its width there, and are never cut when piped.
import { inert } from './inert.ts';
import { paint } from './output.ts';

const GAP = '  ';
const MIN_WIDTH = 8;

/** Lines of a table; `width` is the terminal's, undefined when piped. Cells must be plain text (no colours). */
export function tableLines(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  width: number | undefined = process.stdout.isTTY ? process.stdout.columns : undefined,
): readonly string[] {
  const clean = rows.map((row) => row.map(inert));
  const widths = head.map((title, column) =>
    Math.max(title.length, ...clean.map((row) => row[column]?.length ?? 0)),
  );
  if (width !== undefined) shrink(widths, width - GAP.length * (head.length - 1));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => toWidth(cell, widths[column] ?? 0))
      .join(GAP)
      .trimEnd();
  return [paint('bold', line(head)), ...clean.map(line)];
}

/** Takes from the widest column until all fit, but leaves each something to read. */
function shrink(widths: number[], available: number): void {
  let over = widths.reduce((sum, width) => sum + width, 0) - available;
  while (over > 0) {
    const widest = widths.indexOf(Math.max(...widths));
    if ((widths[widest] ?? 0) <= MIN_WIDTH) return;
    widths[widest] = (widths[widest] ?? 0) - 1;
    over--;
  }
}

const toWidth = (cell: string, width: number): string =>
  cell.length > width ? `${cell.slice(0, width - 1)}…` : cell.padEnd(width);
