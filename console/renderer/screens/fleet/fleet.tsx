// Fleet: every machine at a glance, as a grid or a table; what is filtered and grouped stands in the address.
import { Grid3x3, Plus, Rows3 } from 'lucide-react';
import { useDeferredValue } from 'react';
import { useNavigate } from 'react-router';
import { useCommands } from '#console/renderer/shell/commands.ts';
import { useApi } from '#console/renderer/transport/use-api.ts';
import { Button } from '#console/renderer/ui/button.tsx';
import { SearchField } from '#console/renderer/ui/field.tsx';
import { Segments } from '#console/renderer/ui/segments.tsx';
import { Select } from '#console/renderer/ui/select.tsx';
import { EmptyState, ErrorState, FaultLine, SkeletonRows } from '#console/renderer/ui/states.tsx';
import { statusOf } from '#console/renderer/ui/status.ts';
import { StatusGlyph } from '#console/renderer/ui/status-mark.tsx';
import { type UrlState, useUrlState } from '#console/renderer/ui/use-url-state.ts';
import type { FleetPage } from '#console/views.ts';
import { Attention } from './attention.tsx';
import './fleet.css';
import { FleetGrid } from './fleet-grid.tsx';
import { FleetTable } from './fleet-table.tsx';
import {
  type FleetFilter,
  readFilter,
  readSort,
  STATUSES_SHOWN,
  sortWord,
  VIEWS,
  type View,
} from './query.ts';
import { type FleetRows, useFleetRows } from './use-fleet-rows.ts';

/** Up to here a table says more on the same room. */
const TABLE_UP_TO = 40;

export function FleetScreen() {
  const url = useUrlState();
  const go = useNavigate();
  const filter = useDeferredValue(readFilter(url.get));
  const { by, descending } = readSort(url.get('sort'));
  const rows = useFleetRows(filter, sortWord(by, descending));
  const attention = useApi('fleet.attention', {});
  const head = rows.head;
  const view: View =
    VIEWS.find((it) => it === url.get('view')) ??
    ((head?.total ?? 0) > TABLE_UP_TO ? 'grid' : 'table');
  useCommands([
    {
      id: 'fleet-view',
      title: view === 'grid' ? 'Show the table' : 'Show the grid',
      group: 'Fleet',
      keys: 'v',
      run: () => url.set({ view: view === 'grid' ? 'table' : 'grid' }),
    },
    {
      id: 'fleet-clear',
      title: 'Show all machines',
      group: 'Fleet',
      keys: 'x',
      run: () => url.set({ q: '', status: '', trouble: '' }),
    },
  ]);
  const unfiltered = !filter.filter && !filter.status && !filter.trouble;
  if (!head && rows.fault) {
    return <ErrorState fault={rows.fault.fault} onRetry={rows.retry} />;
  }
  return (
    <section className="screen">
      <header className="screen-head">
        <h1>Fleet</h1>
        <span className="muted">{head && `${head.total.toLocaleString('en')} machines`}</span>
        <SearchField
          label="Filter machines by name or label"
          placeholder="Name, or site=berlin"
          value={url.get('q')}
          onChange={(q) => url.set({ q })}
        />
        <GroupBy url={url} filter={filter} head={head} />
        <span className="spacer" />
        <Segments
          label="View"
          value={view}
          onChange={(next) => url.set({ view: next })}
          options={[
            { value: 'grid', label: 'Grid', icon: Grid3x3 },
            { value: 'table', label: 'Table', icon: Rows3 },
          ]}
        />
        <Button icon={Plus} onClick={() => void go('/start')}>
          Add a machine
        </Button>
      </header>
      {attention.data && (
        <Attention
          items={attention.data}
          chosen={filter.trouble ?? ''}
          onChoose={(trouble) => url.set({ trouble })}
        />
      )}
      <FleetToolbar url={url} filter={filter} head={head} />
      {rows.fault && <FaultLine fault={rows.fault.fault} />}
      <div className="screen-fill">
        {!head ? (
          <SkeletonRows rows={14} />
        ) : head.matched === 0 ? (
          <NoMachines unfiltered={unfiltered} url={url} />
        ) : view === 'grid' ? (
          <GridView filter={filter} />
        ) : (
          <TableView rows={rows} filter={filter} url={url} />
        )}
      </div>
    </section>
  );
}

function GridView({ filter }: { readonly filter: FleetFilter }) {
  const grid = useApi('fleet.grid', filter);
  if (grid.data) {
    return (
      <>
        {grid.data.truncated && (
          <p className="grid-cut muted">Not every machine fits here: filter, or use the table.</p>
        )}
        <FleetGrid grid={grid.data} groupBy={filter.groupBy} />
      </>
    );
  }
  return grid.error ? <ErrorState fault={grid.error.fault} /> : <SkeletonRows rows={14} />;
}

interface TableViewProps {
  readonly rows: FleetRows;
  readonly filter: FleetFilter;
  readonly url: UrlState;
}

function TableView({ rows, filter, url }: TableViewProps) {
  const { by, descending } = readSort(url.get('sort'));
  return (
    <FleetTable
      rows={rows}
      filter={filter}
      sort={sortWord(by, descending)}
      onSort={(sort) => url.set({ sort: sort === 'name' ? '' : sort })}
    />
  );
}

interface NoMachinesProps {
  readonly unfiltered: boolean;
  readonly url: UrlState;
}

function NoMachines({ unfiltered, url }: NoMachinesProps) {
  const go = useNavigate();
  if (unfiltered) {
    return (
      <EmptyState
        title="No machine has joined this fleet yet"
        actions={
          <Button kind="primary" icon={Plus} onClick={() => void go('/start')}>
            Add the first machine
          </Button>
        }
      >
        A machine joins with one line that carries a join token. It keeps running its schedules
        whether or not this console is up.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      title="No machine fits this filter"
      actions={
        <Button onClick={() => url.set({ q: '', status: '', trouble: '' })}>
          Show all machines
        </Button>
      }
    >
      Words are looked for in names and labels; <code>site=berlin</code> asks for that very label.
    </EmptyState>
  );
}

interface ToolbarProps {
  readonly url: UrlState;
  readonly filter: FleetFilter;
  readonly head: FleetPage | undefined;
}

function FleetToolbar({ url, filter, head }: ToolbarProps) {
  const chosen: readonly string[] = filter.status ?? [];
  const toggle = (status: string): void => {
    const next = chosen.includes(status)
      ? chosen.filter((it) => it !== status)
      : [...chosen, status];
    url.set({ status: next.join(',') });
  };
  const shown = STATUSES_SHOWN.filter(
    (status) => (head?.counts[status] ?? 0) > 0 || chosen.includes(status),
  );
  return (
    <div className="toolbar toolbar-slim">
      <fieldset className="status-toggles" aria-label="Filter by status">
        {shown.map((status) => (
          <button
            key={status}
            type="button"
            className="toggle"
            aria-pressed={chosen.includes(status)}
            onClick={() => toggle(status)}
          >
            <StatusGlyph status={status} />
            {statusOf(status).word}
            <span className="muted">{(head?.counts[status] ?? 0).toLocaleString('en')}</span>
          </button>
        ))}
      </fieldset>
    </div>
  );
}

/** Groups by any label seen on the machines at hand. */
function GroupBy({ url, filter, head }: ToolbarProps) {
  const keys = new Set((head?.rows ?? []).flatMap((row) => Object.keys(row.labels)));
  if (filter.groupBy) keys.add(filter.groupBy);
  return (
    <Select
      inline
      label="Group by"
      value={filter.groupBy ?? ''}
      onChange={(group) => url.set({ group })}
      options={[
        { value: '', label: 'nothing' },
        ...[...keys].sort().map((key) => ({ value: key, label: key })),
      ]}
    />
  );
}
