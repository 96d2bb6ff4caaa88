// Machine, schedule, status and time: what the list of runs looks for.
import { useDeferredValue, useState } from 'react';
import { useApi } from '#console/renderer/transport/use-api.ts';
import { Button } from '#console/renderer/ui/button.tsx';
import { Select } from '#console/renderer/ui/select.tsx';
import { statusOf } from '#console/renderer/ui/status.ts';
import { RUN_STATES, type RunState } from '#shared/run/ledger.ts';
import { PickField } from './pick-field.tsx';
import { isFiltered, RANGE_NAMES, RANGES, type RunFilter } from './run-filter.ts';

export interface FilterBarProps {
  readonly filter: RunFilter;
  readonly onChange: (change: Partial<RunFilter>) => void;
  readonly onClear: () => void;
}

const STATES = [
  { value: '' as const, label: 'any' },
  ...RUN_STATES.map((state) => ({ value: state, label: statusOf(state).word })),
];
const TIMES = RANGE_NAMES.map((name) => ({ value: name, label: RANGES[name].label }));

export function FilterBar({ filter, onChange, onClear }: FilterBarProps) {
  const [typed, setTyped] = useState('');
  const wanted = useDeferredValue(typed.trim().slice(0, 200));
  const machines = useApi('fleet.page', {
    ...(wanted === '' ? {} : { filter: wanted }),
    limit: 50,
  });
  const schedules = useApi('schedules.list', {});
  return (
    <div className="toolbar runs-toolbar">
      <PickField
        label="Machine"
        placeholder="Machine"
        value={filter.agent}
        names={machines.data?.rows.map(({ agent }) => agent) ?? []}
        onType={setTyped}
        onPick={(agent) => onChange({ agent })}
        filter
      />
      <PickField
        label="Schedule"
        placeholder="Schedule"
        value={filter.schedule}
        names={schedules.data?.map(({ schedule }) => schedule) ?? []}
        onPick={(schedule) => onChange({ schedule })}
      />
      <Select<RunState | ''>
        label="Status"
        inline
        value={filter.state}
        options={STATES}
        onChange={(state) => onChange({ state })}
      />
      <Select
        label="When"
        inline
        value={filter.range}
        options={TIMES}
        onChange={(range) => onChange({ range })}
      />
      {filter.range === 'custom' && (
        <>
          <LocalTime label="From" value={filter.from} onChange={(from) => onChange({ from })} />
          <LocalTime label="To" value={filter.to} onChange={(to) => onChange({ to })} />
        </>
      )}
      {isFiltered(filter) && (
        <Button kind="quiet" onClick={onClear}>
          Show all
        </Button>
      )}
    </div>
  );
}

function LocalTime({
  label,
  value,
  onChange,
}: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}) {
  return (
    <input
      type="datetime-local"
      className="input local-time"
      aria-label={label}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}
