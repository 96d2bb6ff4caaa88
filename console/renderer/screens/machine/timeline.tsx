// Ledger timeline of one machine: a lane per schedule; planned, due, started, finished; gaps with their reasons; what is unknown.
import { useMemo, useRef, useState } from 'react';
import { useNavigate } from 'react-router';
import { useWidth } from '#console/renderer/ui/use-width.ts';
import type { Timeline as Data } from '#console/views.ts';
import { type LaneMark, lanesOf } from './lanes.ts';
import { TimelineCard } from './timeline-card.tsx';
import { LaneMarks } from './timeline-marks.tsx';
import { gather, type Scale, ticks, xOf } from './timeline-scale.ts';

const LANE_PX = 28;
const AXIS_PX = 24;
const NAMES_PX = 168;
const MARK_PX = 11;
const RIGHT_PX = 12;

export interface TimelineProps {
  readonly data: Data;
  /** Schedules to show even when nothing of theirs is in the window. */
  readonly schedules: readonly string[];
  readonly from: number;
  readonly to: number;
  readonly now: number;
}

export function Timeline({ data, schedules, from, to, now }: TimelineProps) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const go = useNavigate();
  const [picked, setPicked] = useState<LaneMark | undefined>();
  const scale: Scale = useMemo(
    () => ({ from, to, left: NAMES_PX, right: Math.max(NAMES_PX + 1, width - RIGHT_PX) }),
    [from, to, width],
  );
  const lanes = useMemo(() => lanesOf(data, schedules, now), [data, schedules, now]);
  const height = AXIS_PX + lanes.length * LANE_PX;
  const known = data.cursor === null ? from : Math.min(now, Date.parse(data.cursor));
  const nowX = xOf(scale, now);
  const knownX = Math.max(scale.left, xOf(scale, known));
  const offsetMs = -new Date(now).getTimezoneOffset() * 60_000;
  return (
    <div
      className="timeline"
      ref={box}
      role="group"
      aria-label="Timeline"
      onMouseLeave={() => setPicked(undefined)}
    >
      {width > 0 && (
        <svg width={width} height={height} role="img" aria-label={describe(lanes)}>
          <defs>
            <pattern id="unknown" width="6" height="6" patternUnits="userSpaceOnUse">
              <path d="M0 6 6 0" className="hatch" />
            </pattern>
          </defs>
          {lanes.map((lane, at) => (
            <g key={lane.schedule} transform={`translate(0 ${AXIS_PX + at * LANE_PX})`}>
              <line x1="0" x2={width} y1="0.5" y2="0.5" className="lane-line" />
              <text x="0" y="18" className="lane-name">
                {shorten(lane.schedule)}
                <title>{lane.schedule}</title>
              </text>
            </g>
          ))}
          {nowX - knownX > 1 && (
            <rect
              x={knownX}
              y={AXIS_PX}
              width={nowX - knownX}
              height={height - AXIS_PX}
              fill="url(#unknown)"
            >
              <title>Not reported yet: unknown, not missed</title>
            </rect>
          )}
          {ticks(scale, 84, offsetMs).map((at) => (
            <g key={at}>
              <line
                x1={xOf(scale, at)}
                x2={xOf(scale, at)}
                y1={AXIS_PX}
                y2={height}
                className="tick-line"
              />
              <text x={xOf(scale, at)} y="15" className="tick-text">
                {tickText(at, to - from)}
              </text>
            </g>
          ))}
          {lanes.map((lane, at) => (
            <g key={lane.schedule} transform={`translate(0 ${AXIS_PX + at * LANE_PX})`}>
              <LaneMarks
                marks={gather(
                  lane.marks.map((mark) => ({
                    ...mark,
                    x: xOf(scale, Math.max(from, mark.beginAt)),
                    end: xOf(scale, Math.min(to, mark.endAt)),
                  })),
                  MARK_PX,
                )}
                xOf={(instant) => xOf(scale, instant)}
                onPick={setPicked}
                onOpen={(run) => void go(`/runs/${run}`)}
              />
            </g>
          ))}
          {now <= to && (
            <g>
              <line x1={nowX} x2={nowX} y1={AXIS_PX - 4} y2={height} className="now-line" />
              <circle cx={nowX} cy={AXIS_PX - 4} r="2.5" className="now-dot" />
            </g>
          )}
        </svg>
      )}
      {picked && (
        <TimelineCard mark={picked} left={Math.min(xOf(scale, picked.beginAt), width - 300)} />
      )}
    </div>
  );
}

const shorten = (name: string): string => (name.length > 24 ? `…${name.slice(-23)}` : name);

function tickText(at: number, span: number): string {
  const date = new Date(at);
  const time = date.toTimeString().slice(0, 5);
  if (span <= 36 * 3_600_000 && time !== '00:00') return time;
  const day = date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' });
  return time === '00:00' ? day : `${day} ${time}`;
}

function describe(
  lanes: readonly { readonly schedule: string; readonly marks: readonly unknown[] }[],
): string {
  const parts = lanes.map((lane) => `${lane.schedule}: ${lane.marks.length}`);
  return `Runs and gaps by schedule. ${parts.join(', ')}`;
}
