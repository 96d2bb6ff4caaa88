// The fleet as a grid: every machine one cell with a shape and a colour; only cells on screen exist.
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useId, useMemo, useRef, useState } from 'react';
import { useNavigate } from 'react-router';
import { statusOf } from '#console/renderer/ui/status.ts';
import { StatusGlyph } from '#console/renderer/ui/status-mark.tsx';
import { useWidth } from '#console/renderer/ui/use-width.ts';
import type { FleetGrid as Grid } from '#console/views.ts';
import { type GridRow, layoutGrid, rowOfCell, stepRow } from './grid-layout.ts';

type Cell = Grid['cells'][number];

/** A small fleet has room for names. */
const CARDS_UP_TO = 240;
const SIZES = {
  card: { width: 168, height: 36 },
  dot: { width: 20, height: 20 },
} as const;
const TITLE_PX = 32;
const PAD_PX = 20;

export interface FleetGridProps {
  readonly grid: Grid;
  readonly groupBy: string | undefined;
}

export function FleetGrid({ grid, groupBy }: FleetGridProps) {
  const { cells } = grid;
  const go = useNavigate();
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const width = useWidth(scroller);
  const [active, setActive] = useState(-1);
  const kind = cells.length <= CARDS_UP_TO ? 'card' : 'dot';
  const size = SIZES[kind];
  const columns = Math.max(1, Math.floor((width - 2 * PAD_PX) / size.width));
  const rows = useMemo(
    () => layoutGrid(cells.length, columns, groupBy ? (at) => cells[at]?.group ?? null : undefined),
    [cells, columns, groupBy],
  );
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (at) => (rows[at]?.title ? TITLE_PX : size.height),
    getItemKey: (at) => `${kind} ${rows[at]?.title ? 'title' : 'cells'} ${rows[at]?.from}`,
    overscan: 4,
    paddingStart: groupBy ? 0 : 12,
    paddingEnd: 12,
  });
  const open = (cell: Cell | undefined): void => {
    if (cell) void go(`/fleet/${cell.agent}`);
  };
  const goTo = (index: number): void => {
    const next = Math.max(0, Math.min(cells.length - 1, index));
    setActive(next);
    virtual.scrollToIndex(rowOfCell(rows, next));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || cells.length === 0) return;
    const next = target(event.key, active, rows, cells.length);
    if (next === undefined && event.key !== 'Enter') return;
    event.preventDefault();
    if (next === undefined) open(cells[active]);
    else goTo(next);
  };
  const items = virtual.getVirtualItems();
  const shown = (index: number): boolean => {
    const from = rows[items[0]?.index ?? 0]?.from ?? 0;
    return index >= from && index < (rows[items.at(-1)?.index ?? 0]?.to ?? 0);
  };
  return (
    <div
      className={`fleet-grid fleet-grid-${kind}`}
      role="grid"
      aria-label="Machines"
      aria-rowcount={rows.length}
      aria-activedescendant={active >= 0 && shown(active) ? `${id}-${active}` : undefined}
      tabIndex={0}
      data-list
      ref={scroller}
      onKeyDown={onKeyDown}
      onFocus={() => {
        if (active < 0 && cells.length > 0) setActive(0);
      }}
    >
      <div role="presentation" className="grid-space" style={{ height: virtual.getTotalSize() }}>
        {width > 0 &&
          items.map(({ index, start, key }) => (
            <div
              key={key}
              role="row"
              aria-rowindex={index + 1}
              className={rows[index]?.title ? 'grid-row grid-title' : 'grid-row'}
              style={{ transform: `translateY(${start}px)` }}
            >
              <RowContent
                row={rows[index]}
                cells={cells}
                groupBy={groupBy}
                named={kind === 'card'}
                active={active}
                id={id}
                onOpen={(cell, at) => {
                  setActive(at);
                  open(cell);
                }}
              />
            </div>
          ))}
      </div>
    </div>
  );
}

function target(
  key: string,
  active: number,
  rows: readonly GridRow[],
  count: number,
): number | undefined {
  if (key === 'ArrowRight') return active + 1;
  if (key === 'ArrowLeft') return active - 1;
  if (key === 'j' || key === 'ArrowDown') return stepRow(rows, active, 1);
  if (key === 'k' || key === 'ArrowUp') return stepRow(rows, active, -1);
  if (key === 'Home') return 0;
  return key === 'End' ? count - 1 : undefined;
}

interface RowContentProps {
  readonly row: GridRow | undefined;
  readonly cells: readonly Cell[];
  readonly groupBy: string | undefined;
  readonly named: boolean;
  readonly active: number;
  readonly id: string;
  readonly onOpen: (cell: Cell, index: number) => void;
}

function RowContent({ row, cells, groupBy, named, active, id, onOpen }: RowContentProps) {
  if (!row) return null;
  if (row.title) {
    const { value, size } = row.title;
    return (
      <div role="gridcell" className="section-title">
        <span className="mono">{value === null ? `no ${groupBy}` : `${groupBy}=${value}`}</span>
        <span className="count">{size.toLocaleString('en')}</span>
      </div>
    );
  }
  return cells.slice(row.from, row.to).map((cell, at) => {
    const index = row.from + at;
    const { word } = statusOf(cell.status);
    return (
      <div
        key={cell.agent}
        id={`${id}-${index}`}
        role="gridcell"
        aria-selected={index === active}
        aria-label={named ? undefined : `${cell.agent}, ${word}`}
        title={named ? undefined : `${cell.agent}: ${word}`}
        className="cell"
        data-status={cell.status}
        onClick={() => onOpen(cell, index)}
      >
        {named && (
          <>
            <StatusGlyph status={cell.status} />
            <span className="cell-name truncate">{cell.agent}</span>
            <span className="cell-word">{word}</span>
          </>
        )}
      </div>
    );
  });
}
