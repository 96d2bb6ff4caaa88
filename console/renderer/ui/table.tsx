// A table of any length: only rows on screen exist, keyboard moves through all of them, pages are asked for as they come near.
import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown, ArrowUp } from 'lucide-react';
// A virtual grid cannot be a <table>: its rows are placed one by one, and focus stays on the grid.
import { type ReactNode, useEffect, useId, useMemo, useRef } from 'react';
import { type Lines, layoutLines } from './sections.ts';
import { useRowKeys } from './use-row-keys.ts';
import { useVisibleColumns } from './use-visible-columns.ts';
import { useWidth } from './use-width.ts';

export interface Column<T> {
  readonly id: string;
  readonly header: string;
  /** CSS grid track: `72px`, `minmax(140px, 2fr)`. */
  readonly width: string;
  readonly cell: (row: T) => ReactNode;
  readonly align?: 'end';
  /** Gives the header a sort button; the owner sorts. */
  readonly sortable?: boolean;
  /** Hidden below this width of the table, pixels: the least important columns go first. */
  readonly from?: number;
}
export interface Sort {
  readonly by: string;
  readonly descending: boolean;
}
export interface Section {
  readonly id: string;
  /** Rows below this title. */
  readonly size: number;
  readonly title: ReactNode;
}
export interface DataTableProps<T> {
  /** What this is a table of, for screen readers. */
  readonly label: string;
  readonly columns: readonly Column<T>[];
  readonly count: number;
  /** Undefined: not loaded yet; the row is drawn as a placeholder. */
  readonly rowAt: (index: number) => T | undefined;
  readonly rowKey: (row: T) => string;
  /** Enter or click. */
  readonly onOpen?: (row: T) => void;
  /** Rows now on screen, both inclusive; for loading pages. */
  readonly onRange?: (from: number, to: number) => void;
  readonly sort?: Sort;
  readonly onSort?: (sort: Sort) => void;
  /** A row that should stand out: `bad` and `warn` draw an edge. */
  readonly tone?: (row: T) => 'bad' | 'warn' | undefined;
  /** Shown instead of rows when count is 0. */
  readonly empty?: ReactNode;
  /** Titles between rows; sizes add up to count. */
  readonly sections?: readonly Section[];
  /** When this changes the table shows other things, and begins at its top again. */
  readonly resetKey?: string;
  /** Grows with its rows instead of scrolling by itself; for short tables inside a page. */
  readonly inline?: boolean;
}

const ROW_PX = 28;
/** Height of the head, which scrolls with nothing and stays on top. */
const HEAD_PX = 29;

export function DataTable<T>(props: DataTableProps<T>) {
  const { label, columns, count, sections = NO_SECTIONS, rowAt, onOpen, onRange } = props;
  const { inline = false, resetKey = '' } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const width = useWidth(scroller);
  const id = useId();
  const lines = useMemo(() => layoutLines(sections, count), [sections, count]);
  const virtual = useVirtualizer({
    count: lines.count,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 8,
    scrollMargin: HEAD_PX,
    scrollPaddingStart: HEAD_PX,
    enabled: !inline,
  });
  const keys = useRowKeys({
    count: lines.count,
    pageRows: Math.max(1, Math.floor((virtual.scrollRect?.height ?? 600) / ROW_PX) - 2),
    show: (index) => {
      if (!inline) virtual.scrollToIndex(index);
    },
    open: (index) => {
      const line = lines.at(index);
      const row = 'row' in line ? rowAt(line.row) : undefined;
      if (row !== undefined) onOpen?.(row);
    },
  });
  const { setActive } = keys;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key alone says when.
  useEffect(() => {
    scroller.current?.scrollTo({ top: 0 });
    setActive(-1);
  }, [resetKey]);
  const items = inline
    ? Array.from({ length: lines.count }, (_, index) => ({ index, start: index * ROW_PX }))
    : virtual.getVirtualItems();
  const from = items[0]?.index ?? 0;
  const to = items.at(-1)?.index ?? -1;
  useEffect(() => {
    if (to >= from) onRange?.(lines.rowFrom(from), lines.rowFrom(to));
  }, [from, to, onRange, lines]);

  const visible = useVisibleColumns(columns, width);
  const template = visible.map((column) => column.width).join(' ');
  const start = (at: number): number => at - (inline ? 0 : HEAD_PX);
  return (
    <div
      className={inline ? 'table table-inline' : 'table table-scroll'}
      role="grid"
      aria-label={label}
      aria-rowcount={lines.count + 1}
      aria-colcount={visible.length}
      aria-activedescendant={
        keys.active >= from && keys.active <= to ? `${id}-${keys.active}` : undefined
      }
      tabIndex={0}
      data-list
      ref={scroller}
      onKeyDown={keys.onKeyDown}
      onFocus={keys.onFocus}
    >
      <div role="rowgroup" className="table-head">
        <div role="row" className="tr" aria-rowindex={1} style={{ gridTemplateColumns: template }}>
          {visible.map((column) => (
            <HeaderCell key={column.id} column={column} sort={props.sort} onSort={props.onSort} />
          ))}
        </div>
      </div>
      {count === 0 ? (
        <div role="rowgroup" className="table-empty">
          <div role="row">
            <div role="gridcell">{props.empty}</div>
          </div>
        </div>
      ) : (
        <div
          role="rowgroup"
          className="table-body"
          style={{ height: inline ? lines.count * ROW_PX : virtual.getTotalSize() }}
        >
          {items.map((item) => (
            <TableLine
              key={lineKey(lines, item.index, props)}
              id={`${id}-${item.index}`}
              index={item.index}
              start={start(item.start)}
              lines={lines}
              columns={visible}
              template={template}
              active={keys.active === item.index}
              props={props}
              onPick={(row) => {
                keys.setActive(item.index);
                onOpen?.(row);
              }}
            />
          ))}
        </div>
      )}
    </div>
  );
}

const NO_SECTIONS: readonly Section[] = [];

function lineKey<T>(lines: Lines, index: number, props: DataTableProps<T>): string {
  const line = lines.at(index);
  if ('section' in line) return `section ${props.sections?.[line.section]?.id}`;
  const row = props.rowAt(line.row);
  return row === undefined ? `#${index}` : props.rowKey(row);
}

interface TableLineProps<T> {
  readonly id: string;
  readonly index: number;
  readonly start: number;
  readonly lines: Lines;
  readonly columns: readonly Column<T>[];
  readonly template: string;
  readonly active: boolean;
  readonly props: DataTableProps<T>;
  readonly onPick: (row: T) => void;
}

function TableLine<T>({ id, index, start, lines, props, ...rest }: TableLineProps<T>) {
  const line = lines.at(index);
  if ('section' in line) {
    return (
      <div
        id={id}
        role="row"
        aria-rowindex={index + 2}
        className="tr tr-section"
        style={{ transform: `translateY(${start}px)` }}
      >
        <div role="gridcell" aria-colspan={rest.columns.length} className="section-title">
          {props.sections?.[line.section]?.title}
        </div>
      </div>
    );
  }
  const row = props.rowAt(line.row);
  return (
    <Row
      id={id}
      row={row}
      index={index}
      start={start}
      columns={rest.columns}
      template={rest.template}
      active={rest.active}
      tone={row === undefined ? undefined : props.tone?.(row)}
      opens={props.onOpen !== undefined}
      onPick={() => {
        if (row !== undefined) rest.onPick(row);
      }}
    />
  );
}

interface RowProps<T> {
  readonly id: string;
  readonly row: T | undefined;
  readonly index: number;
  readonly start: number;
  readonly columns: readonly Column<T>[];
  readonly template: string;
  readonly active: boolean;
  readonly tone: 'bad' | 'warn' | undefined;
  readonly opens: boolean;
  readonly onPick: () => void;
}

function Row<T>({
  id,
  row,
  index,
  start,
  columns,
  template,
  active,
  tone,
  opens,
  onPick,
}: RowProps<T>) {
  return (
    <div
      id={id}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={active}
      className={`tr${opens ? ' tr-opens' : ''}${tone ? ` tr-${tone}` : ''}`}
      style={{ gridTemplateColumns: template, transform: `translateY(${start}px)` }}
      onClick={(event) => {
        // Links and buttons inside a cell do their own thing; so does selecting text.
        if ((event.target as HTMLElement).closest('a, button')) return;
        if (getSelection()?.type !== 'Range') onPick();
      }}
    >
      {columns.map((column) => (
        <div key={column.id} role="gridcell" className={column.align ? 'td td-end' : 'td'}>
          {row === undefined ? <span className="td-wait" /> : column.cell(row)}
        </div>
      ))}
    </div>
  );
}

interface HeaderCellProps<T> {
  readonly column: Column<T>;
  readonly sort: Sort | undefined;
  readonly onSort: ((sort: Sort) => void) | undefined;
}

function HeaderCell<T>({ column, sort, onSort }: HeaderCellProps<T>) {
  const sorted = sort?.by === column.id ? (sort.descending ? 'descending' : 'ascending') : 'none';
  const className = column.align ? 'th td-end' : 'th';
  if (!column.sortable || !onSort) {
    return (
      <div role="columnheader" className={className}>
        {column.header}
      </div>
    );
  }
  const Arrow = sorted === 'descending' ? ArrowDown : ArrowUp;
  return (
    <div role="columnheader" className={className} aria-sort={sorted}>
      <button
        type="button"
        className="th-sort"
        onClick={() => onSort({ by: column.id, descending: sorted === 'ascending' })}
      >
        {column.header}
        <Arrow size={12} className={sorted === 'none' ? 'th-arrow th-arrow-idle' : 'th-arrow'} />
      </button>
    </div>
  );
}
