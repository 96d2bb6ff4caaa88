// Where every machine of the grid stands: rows of cells, sections with titles, steps by arrow keys. Pure.
export interface GridRow {
  /** A section's title, or the cells from `from` up to before `to`. */
  readonly title?: { readonly value: string | null; readonly size: number };
  readonly from: number;
  readonly to: number;
}

/** `groups`: the group of each cell in order, or undefined when there are none. */
export function layoutGrid(
  count: number,
  columns: number,
  groupOf: ((index: number) => string | null) | undefined,
): readonly GridRow[] {
  const rows: GridRow[] = [];
  let from = 0;
  while (from < count) {
    let to = count;
    if (groupOf) {
      const value = groupOf(from);
      to = from + 1;
      while (to < count && groupOf(to) === value) to++;
      rows.push({ title: { value, size: to - from }, from, to: from });
    }
    for (let at = from; at < to; at += columns) {
      rows.push({ from: at, to: Math.min(at + columns, to) });
    }
    from = to;
  }
  return rows;
}

/** Index of the row that holds a cell. */
export function rowOfCell(rows: readonly GridRow[], cell: number): number {
  let low = 0;
  let high = rows.length - 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const row = rows[middle];
    if (row && (row.to <= cell || row.title)) {
      // A title stands before its cells: it is never the row looked for.
      if (row.from > cell) high = middle;
      else low = middle + 1;
    } else high = middle;
  }
  return low;
}

/** The cell a vertical step leads to; stays within the fleet. */
export function stepRow(rows: readonly GridRow[], cell: number, step: 1 | -1): number {
  const at = rowOfCell(rows, cell);
  const column = cell - (rows[at]?.from ?? 0);
  let next = at + step;
  while (rows[next]?.title) next += step;
  const row = rows[next];
  return row ? Math.min(row.from + column, row.to - 1) : cell;
}
