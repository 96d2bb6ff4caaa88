// The timeline with its time window: an hour to a week back, and a little ahead.
import { useMemo } from 'react';
import { useApi } from '#console/renderer/transport/use-api.ts';
import { useCoarseNow } from '#console/renderer/ui/clock.ts';
import { Segments } from '#console/renderer/ui/segments.tsx';
import { FaultLine } from '#console/renderer/ui/states.tsx';
import { StatusMark } from '#console/renderer/ui/status-mark.tsx';
import { useUrlState } from '#console/renderer/ui/use-url-state.ts';
import { Timeline } from './timeline.tsx';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const WINDOWS = {
  '15m': { label: '15 min', back: 15 * MINUTE, ahead: 3 * MINUTE, renew: 5_000 },
  '2h': { label: '2 h', back: 2 * HOUR, ahead: 20 * MINUTE, renew: 20_000 },
  '1d': { label: '1 day', back: 24 * HOUR, ahead: 4 * HOUR, renew: 2 * MINUTE },
  '7d': { label: '7 days', back: 7 * 24 * HOUR, ahead: 24 * HOUR, renew: 15 * MINUTE },
} as const;
type WindowName = keyof typeof WINDOWS;
const NAMES = Object.keys(WINDOWS) as readonly WindowName[];

export function TimelineSection({ agent }: { readonly agent: string }) {
  const url = useUrlState();
  const name = NAMES.find((it) => it === url.get('window')) ?? '2h';
  const { back, ahead, renew } = WINDOWS[name];
  const now = useCoarseNow(1_000);
  const edge = Math.ceil(now / renew) * renew;
  const range = useMemo(
    () => ({
      since: new Date(edge - back).toISOString(),
      until: new Date(edge + ahead).toISOString(),
    }),
    [edge, back, ahead],
  );
  const timeline = useApi('agents.timeline', { agent, ...range, limit: 2_000 });
  const schedules = useApi('schedules.list', { agent });
  const names = useMemo(() => (schedules.data ?? []).map((it) => it.schedule), [schedules.data]);
  const height = 24 + Math.max(1, names.length) * 28;
  return (
    <section className="panel">
      <header className="panel-head">
        <h2>Timeline</h2>
        <span className="legend">
          <StatusMark status="succeeded" />
          <StatusMark status="failed" />
          <StatusMark status="expired">missed</StatusMark>
          <StatusMark status="skipped" />
          <StatusMark status="coalesced">made up for</StatusMark>
          <StatusMark status="planned" />
          <span className="legend-unknown">unknown yet</span>
        </span>
        <Segments
          label="Window"
          value={name}
          onChange={(next) => url.set({ window: next === '2h' ? '' : next })}
          options={NAMES.map((value) => ({ value, label: WINDOWS[value].label }))}
        />
      </header>
      {timeline.error && <FaultLine fault={timeline.error.fault} />}
      <div className="timeline-frame" style={{ minHeight: height }}>
        {timeline.data && (
          <Timeline
            data={timeline.data}
            schedules={names}
            from={Date.parse(timeline.data.since)}
            to={Date.parse(timeline.data.until)}
            now={now}
          />
        )}
      </div>
      {timeline.data?.truncated && (
        <p className="muted panel-note">
          More happened than is drawn here. A shorter window shows all of it; the ledger has every
          row.
        </p>
      )}
    </section>
  );
}
