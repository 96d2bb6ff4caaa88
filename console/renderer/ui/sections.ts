// Lines of a table with sections: which line is a section's title and which is a row. Pure.
export interface SectionSize {
  readonly size: number;
}
/** `row`: index among all rows; `section`: index of the section whose title this line is. */
export type Line = { readonly row: number } | { readonly section: number };

export interface Lines {
  readonly count: number;
  readonly at: (line: number) => Line;
  /** The first row at or after a line. */
  readonly rowFrom: (line: number) => number;
}

export function layoutLines(sections: readonly SectionSize[], rows: number): Lines {
  if (sections.length === 0)
    return { count: rows, at: (line) => ({ row: line }), rowFrom: (it) => it };
  const starts: number[] = [];
  let line = 0;
  for (const { size } of sections) {
    starts.push(line);
    line += size + 1;
  }
  const sectionOf = (at: number): number => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= at) low = middle;
      else high = middle - 1;
    }
    return low;
  };
  return {
    count: line,
    at: (at) => {
      const section = sectionOf(at);
      return starts[section] === at ? { section } : { row: at - section - 1 };
    },
    rowFrom: (at) => {
      const section = sectionOf(at);
      return starts[section] === at ? at - section : at - section - 1;
    },
  };
}
