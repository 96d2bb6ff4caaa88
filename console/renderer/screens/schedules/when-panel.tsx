// When it will run: in words, the next occurrences with what the clocks do on those days, and the load over the day.
import { useQueries } from '@tanstack/react-query';
import { useMemo } from 'react';
import { apiKey, ask, useApi, useTransport } from '#console/renderer/transport/use-api.ts';
import { useCoarseNow } from '#console/renderer/ui/clock.ts';
import { ageText } from '#console/renderer/ui/time-text.ts';
import type { PreviewOccurrence } from '#console/views/planning.ts';
import { formatInstant } from '#shared/ids.ts';
import { LoadChart } from './load-chart.tsx';
import { DAY_MS, type LoadSource } from './load-model.ts';
import { roughMs } from './rough-duration.ts';
import { type TimeFields, timeFields } from './time-fields.ts';
import { useDebounced } from './use-debounced.ts';
import { wordsOfCron, wordsOfPeriod } from './words.ts';
import { isRecord } from './yaml-edit.ts';

const WAIT_MS = 300;
const COUNT = 8;
const LOAD_COUNT = 200;
/** Files of more schedules show the load of these only, and say so. */
const LOAD_SCHEDULES = 40;

export interface WhenPanelProps {
  readonly file: Readonly<Record<string, unknown>>;
  readonly selected: string | undefined;
  readonly machines: number;
}

export function WhenPanel({ file, selected, machines }: WhenPanelProps) {
  const settled = useDebounced(file, WAIT_MS);
  const schedules = isRecord(settled.schedules) ? settled.schedules : {};
  const zone = textOf(isRecord(settled.defaults) ? settled.defaults.zone : undefined) ?? 'UTC';
  const own = selected === undefined ? undefined : schedules[selected];
  const fields = isRecord(own) ? timeFields(own) : undefined;
  return (
    <section className="when" aria-label="When it runs">
      <Next fields={fields} zone={zone} paused={isRecord(own) && own.paused === true} />
      <Load schedules={schedules} zone={zone} selected={selected} machines={machines} />
    </section>
  );
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

function Next({
  fields,
  zone,
  paused,
}: {
  readonly fields: TimeFields | undefined;
  readonly zone: string;
  readonly paused: boolean;
}) {
  const preview = useApi(
    'preview.next',
    { schedule: fields ?? {}, zone, count: COUNT },
    { enabled: fields !== undefined },
  );
  if (!fields) {
    return <div className="next muted">Say when it runs, and the next times stand here.</div>;
  }
  const words =
    fields.cron !== undefined
      ? wordsOfCron(fields.cron)
      : fields.every !== undefined
        ? wordsOfPeriod(fields.every)
        : 'Once';
  return (
    <div className="next">
      <h3>
        {words ?? 'Not a time'}
        {fields.every === undefined && <span className="muted"> · {fields.zone ?? zone}</span>}
        {paused && <span className="chip">paused: none of these will run</span>}
      </h3>
      {preview.error ? (
        <p className="field-fault" role="status">
          {preview.error.fault.message}
          {preview.error.fault.hint ? `. ${preview.error.fault.hint}` : ''}
        </p>
      ) : (
        <OccurrenceList occurrences={preview.data?.occurrences ?? []} />
      )}
      {preview.data?.occurrences.length === 0 && <p className="muted">It will never run again.</p>}
    </div>
  );
}

export function OccurrenceList({
  occurrences,
}: {
  readonly occurrences: readonly PreviewOccurrence[];
}) {
  const now = useCoarseNow(10_000);
  return (
    <ol className="occurrences">
      {occurrences.map(({ at, local, note, shift }) => (
        <li key={at} title={at}>
          <span className="occurrence-at">{localText(local, now)}</span>
          <span className="muted mono">{/([+-]\d\d:\d\d|Z)$/.exec(local)?.[0]}</span>
          {note || shift ? (
            <span className="dst">{note ?? 'moved'}</span>
          ) : (
            <span className="muted">{ageText(Date.parse(at), now)}</span>
          )}
        </li>
      ))}
    </ol>
  );
}

/** `2026-03-29T03:00:00+02:00` → `Sun 29 Mar 03:00:00`: the wall clock there, whatever zone the browser is in. */
function localText(local: string, now: number): string {
  const wall = Date.parse(`${local.slice(0, 19)}Z`);
  if (Number.isNaN(wall)) return local;
  const day = new Intl.DateTimeFormat('en-GB', {
    weekday: 'short',
    day: '2-digit',
    month: 'short',
    timeZone: 'UTC',
  }).format(wall);
  // The year only where it is another one.
  const year = new Date(wall).getUTCFullYear();
  const shown = year === new Date(now).getFullYear() ? '' : ` ${year}`;
  return `${day.replace(',', '')}${shown} ${local.slice(11, 19)}`;
}

function Load({
  schedules,
  zone,
  selected,
  machines,
}: {
  readonly schedules: Readonly<Record<string, unknown>>;
  readonly zone: string;
  readonly selected: string | undefined;
  readonly machines: number;
}) {
  const transport = useTransport();
  const fromAt = useCoarseNow(15 * 60_000);
  const asked = useMemo(
    () =>
      Object.entries(schedules)
        .flatMap(([id, schedule]) => {
          const fields =
            isRecord(schedule) && schedule.paused !== true ? timeFields(schedule) : undefined;
          const splayMs = isRecord(schedule) ? roughMs(schedule.splay) : 0;
          return fields ? [{ id, fields, splayMs }] : [];
        })
        .sort((a, b) => Number(b.id === selected) - Number(a.id === selected))
        .slice(0, LOAD_SCHEDULES),
    [schedules, selected],
  );
  const sources = useQueries({
    queries: asked.map(({ id, fields, splayMs }) => {
      const params = { schedule: fields, zone, count: LOAD_COUNT, after: formatInstant(fromAt) };
      return {
        queryKey: apiKey('preview.next', params),
        queryFn: () => ask(transport, 'preview.next', params),
        staleTime: Number.POSITIVE_INFINITY,
        select: ({
          occurrences,
        }: {
          readonly occurrences: readonly PreviewOccurrence[];
        }): LoadSource => ({
          id,
          instants: occurrences
            .map(({ at }) => Date.parse(at))
            .filter((at) => at < fromAt + DAY_MS),
          goesOn: occurrences.length === LOAD_COUNT,
          machines: Math.max(1, machines),
          splayMs,
        }),
      };
    }),
    combine: (results) => results.flatMap(({ data }) => (data ? [data] : [])),
  });
  const left = Object.keys(schedules).length - asked.length;
  return (
    <div className="load-box">
      <h3>
        Load of this file{' '}
        <span className="muted">
          on {Math.max(1, machines)} {machines <= 1 ? 'machine' : 'machines'}
          {left > 0 && asked.length === LOAD_SCHEDULES ? `, without ${left} more schedules` : ''}
        </span>
      </h3>
      <LoadChart sources={sources} selected={selected} fromAt={fromAt} zone={zone} />
    </div>
  );
}
