// What one mark of the timeline says in words.
import { StatusMark } from '#console/renderer/ui/status-mark.tsx';
import { clockText, durationText } from '#console/renderer/ui/time-text.ts';
import type { LaneMark } from './lanes.ts';
import { reasonWords } from './reasons.ts';

export interface TimelineCardProps {
  readonly mark: LaneMark & { readonly more?: number };
  readonly left: number;
}

export function TimelineCard({ mark, left }: TimelineCardProps) {
  const times: readonly (readonly [string, string | null])[] = [
    ['planned', mark.planned],
    ['until', mark.until],
    ['due', mark.due === mark.planned ? null : mark.due],
    ['started', mark.started],
    ['finished', mark.finished],
  ];
  const took =
    mark.started && mark.finished
      ? Date.parse(mark.finished) - Date.parse(mark.started)
      : undefined;
  return (
    <div className="timeline-card" style={{ left: Math.max(0, left) }} role="status">
      <p className="card-head">
        <StatusMark status={mark.status} />
        <span className="mono truncate">{mark.schedule}</span>
      </p>
      <dl>
        {times.map(
          ([name, at]) =>
            at !== null && (
              <div key={name}>
                <dt>{name}</dt>
                <dd className="mono">{clockText(Date.parse(at), Date.now())}</dd>
              </div>
            ),
        )}
        {took !== undefined && (
          <div>
            <dt>took</dt>
            <dd className="mono">{durationText(took)}</dd>
          </div>
        )}
        {mark.exitCode !== null && (
          <div>
            <dt>exit code</dt>
            <dd className="mono">{mark.exitCode}</dd>
          </div>
        )}
      </dl>
      {mark.count > 1 && <p className="soft">{mark.count} occurrences in a row</p>}
      {mark.reason && <p className="soft">{reasonWords(mark.status, mark.reason, mark.detail)}</p>}
      {mark.more ? <p className="muted">and {mark.more} more too near to draw</p> : null}
    </div>
  );
}
