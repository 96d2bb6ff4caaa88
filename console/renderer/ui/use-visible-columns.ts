// Which columns fit: the least important ones leave first as a table gets narrow.
import { columnVisibilityFeature, tableFeatures, useTable } from '@tanstack/react-table';
import { useMemo } from 'react';

const features = tableFeatures({ columnVisibilityFeature });
const NONE: readonly never[] = [];

export interface FittingColumn {
  readonly id: string;
  readonly header: string;
  readonly from?: number;
}

/** Those of `columns` whose `from` is at most `width`; all before the first measure (0). */
export function useVisibleColumns<C extends FittingColumn>(
  columns: readonly C[],
  width: number,
): readonly C[] {
  const columnVisibility = useMemo(
    () => Object.fromEntries(columns.map((it) => [it.id, width === 0 || width >= (it.from ?? 0)])),
    [columns, width],
  );
  const definitions = useMemo(() => columns.map(({ id, header }) => ({ id, header })), [columns]);
  const table = useTable({
    features,
    columns: definitions,
    data: NONE,
    state: { columnVisibility },
  });
  const shown = new Set(table.getVisibleLeafColumns().map((column) => column.id));
  return columns.filter((column) => shown.has(column.id));
}
