// Runs: every run that was reported, found by machine, schedule, status and time; one opened beside the list.
import { ArrowUp } from 'lucide-react';
import { useMemo } from 'react';
import { Navigate, useNavigate, useParams, useSearchParams } from 'react-router';
import { useCommands } from '#console/renderer/shell/commands.ts';
import { Button } from '#console/renderer/ui/button.tsx';
import { EmptyState, ErrorState, FaultLine, SkeletonRows } from '#console/renderer/ui/states.tsx';
import { StatusMark } from '#console/renderer/ui/status-mark.tsx';
import { type Column, DataTable } from '#console/renderer/ui/table.tsx';
import { Duration, Time } from '#console/renderer/ui/time.tsx';
import type { RunSummary } from '#console/views.ts';
import { FilterBar } from './filter-bar.tsx';
import { RunPanel } from './run-detail.tsx';
import { isFiltered, queryOf, type RangeName, readFilter } from './run-filter.ts';
import { useRuns } from './use-runs.ts';
import './runs.css';

const MINUTE_MS = 60_000;

/** Now, in whole minutes; a range was just chosen. */
const wholeMinute = (_chosen: RangeName): number => Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;

const COLUMNS: readonly Column<RunSummary>[] = [
  {
    id: 'state',
    header: 'Status',
    width: '112px',
    cell: (run) => <StatusMark status={run.state} />,
  },
  {
    id: 'schedule',
    header: 'Schedule',
    width: 'minmax(130px, 2fr)',
    cell: (run) => <span title={run.schedule}>{run.schedule}</span>,
  },
  { id: 'agent', header: 'Machine', width: 'minmax(84px, 1fr)', cell: (run) => run.agent },
  {
    id: 'planned',
    header: 'Planned',
    width: '146px',
    from: 620,
    cell: (run) =>
      run.nominal === null ? (
        <span className="chip">{run.cause}</span>
      ) : (
        <Time at={run.nominal} as="clock" />
      ),
  },
  {
    id: 'started',
    header: 'Started',
    width: '96px',
    cell: (run) => <Time at={run.startedAt} as="age" />,
  },
  {
    id: 'late',
    header: 'Late by',
    width: '92px',
    align: 'end',
    from: 760,
    cell: (run) => <Duration ms={run.latenessMs} />,
  },
  {
    id: 'took',
    header: 'Took',
    width: '92px',
    align: 'end',
    from: 700,
    cell: (run) => <Duration ms={tookMs(run)} />,
  },
  {
    id: 'attempts',
    header: 'Tries',
    width: '52px',
    align: 'end',
    from: 820,
    cell: (run) => run.attempts,
  },
  {
    id: 'exit',
    header: 'Exit',
    width: '52px',
    align: 'end',
    from: 480,
    cell: (run) => <span className="mono">{run.exitCode ?? '–'}</span>,
  },
];

/** Rows move as new runs come, so the opened one is marked by itself and not by its place. */
const columnsFor = (opened: string | null): readonly Column<RunSummary>[] =>
  opened === null
    ? COLUMNS
    : COLUMNS.map((column) =>
        column.id === 'state'
          ? {
              ...column,
              cell: (run) => (
                <span className={run.run === opened ? 'run-state run-opened' : 'run-state'}>
                  <StatusMark status={run.state} />
                </span>
              ),
            }
          : column,
      );

const tookMs = ({ startedAt, finishedAt }: RunSummary): number | null =>
  startedAt === null || finishedAt === null ? null : Date.parse(finishedAt) - Date.parse(startedAt);

const BAD = new Set(['failed', 'timed-out', 'lost']);
const toneOf = ({ state }: RunSummary): 'bad' | undefined => (BAD.has(state) ? 'bad' : undefined);

export function RunsScreen() {
  const [params, setParams] = useSearchParams();
  const filter = readFilter(params);
  // Once for each choice of range: a list that began anew each minute could not be read.
  const nowAt = useMemo(() => wholeMinute(filter.range), [filter.range]);
  const runs = useRuns(queryOf(filter, nowAt));
  const opened = params.get('run');
  const change = (changes: Readonly<Record<string, string | undefined>>): void => {
    setParams(
      (old) => {
        const next = new URLSearchParams(old);
        for (const [name, value] of Object.entries(changes)) {
          if (value === undefined || value === '' || value === 'any') next.delete(name);
          else next.set(name, value);
        }
        return next;
      },
      { replace: changes.run === undefined },
    );
  };
  const close = (): void => change({ run: undefined });
  useCommands(
    opened === null
      ? []
      : [
          {
            id: 'run-close',
            title: 'Close the run',
            group: 'This run',
            keys: 'Escape',
            run: close,
          },
        ],
  );
  const { list, fault } = runs;
  const showFault = fault !== undefined && list.rows.length === 0;
  return (
    <div className="screen">
      <Head waiting={runs.waiting} />
      <FilterBar
        filter={filter}
        onChange={({ state, ...rest }) =>
          change({ ...rest, ...(state === undefined ? {} : { status: state }) })
        }
        onClear={() => setParams(opened === null ? {} : { run: opened })}
      />
      {fault && !showFault && <FaultLine fault={fault} />}
      <div className={opened === null ? 'runs' : 'runs runs-open'}>
        {showFault ? (
          <ErrorState fault={fault} onRetry={runs.retry} />
        ) : runs.loading && list.rows.length === 0 ? (
          <SkeletonRows rows={14} />
        ) : (
          <DataTable
            label="Runs"
            columns={columnsFor(opened)}
            count={list.rows.length + (list.whole ? 0 : 1)}
            rowAt={(index) => list.rows[index]}
            rowKey={(run) => run.run}
            onOpen={(run) => change({ run: run.run })}
            onRange={runs.onRange}
            tone={toneOf}
            empty={<NoRuns filtered={isFiltered(filter)} onClear={() => setParams({})} />}
          />
        )}
        {opened !== null && (
          <RunPanel run={opened} onClose={close} onOpen={(run) => change({ run })} />
        )}
      </div>
    </div>
  );
}

function Head({ waiting }: { readonly waiting: number }) {
  return (
    <header className="screen-head">
      <h1>Runs</h1>
      <span className="muted">newest first</span>
      <span className="spacer" />
      {waiting > 0 && (
        <Button
          kind="quiet"
          icon={ArrowUp}
          onClick={() => document.querySelector('.runs .table-scroll')?.scrollTo({ top: 0 })}
        >
          {waiting >= 100 ? '100 or more' : waiting} new
        </Button>
      )}
    </header>
  );
}

function NoRuns({
  filtered,
  onClear,
}: {
  readonly filtered: boolean;
  readonly onClear: () => void;
}) {
  const go = useNavigate();
  return filtered ? (
    <EmptyState title="No run matches" actions={<Button onClick={onClear}>Show all runs</Button>}>
      Runs that were planned but never began are in the machine’s ledger, each with its reason.
    </EmptyState>
  ) : (
    <EmptyState
      title="No machine has reported a run yet"
      actions={
        <Button kind="primary" onClick={() => void go('/start')}>
          Make a first run
        </Button>
      }
    >
      A run appears here seconds after a machine begins it.
    </EmptyState>
  );
}

/** `#/runs/8f3c…`: the address that links and notifications carry. */
export function RunLink() {
  const { run = '' } = useParams();
  return <Navigate to={`/runs?run=${encodeURIComponent(run)}`} replace />;
}
