// The attempts of a run: each with its own times and outcome, one opened with its output.
import { useState } from 'react';
import { FaultLine } from '#console/renderer/ui/states.tsx';
import { StatusMark } from '#console/renderer/ui/status-mark.tsx';
import { Duration, Time } from '#console/renderer/ui/time.tsx';
import type { RunDetail } from '#console/views.ts';
import { OutputView } from './output-view.tsx';
import { useTail } from './use-tail.ts';

type Attempt = RunDetail['attemptList'][number];

export function Attempts({ detail, live }: { readonly detail: RunDetail; readonly live: boolean }) {
  const [picked, setPicked] = useState<number>();
  const { attemptList } = detail;
  const newest = attemptList.at(-1);
  const shown = attemptList.find(({ attempt }) => attempt === picked) ?? newest;
  if (!shown) {
    return (
      <p className="muted run-none">
        {live ? 'The machine has not reported an attempt yet.' : 'No attempt was reported.'}
      </p>
    );
  }
  return (
    <section className="attempts" aria-label="Attempts">
      <h3>{attemptList.length === 1 ? '1 attempt' : `${attemptList.length} attempts`}</h3>
      <ul className="attempt-list">
        {attemptList.map((attempt) => (
          <li key={attempt.attempt}>
            <button
              type="button"
              className="attempt"
              aria-pressed={attempt.attempt === shown.attempt}
              onClick={() => setPicked(attempt.attempt)}
            >
              <span className="mono attempt-n">#{attempt.attempt}</span>
              <StatusMark status={attempt.outcome ?? 'running'} />
              <span className="muted">{attempt.cause}</span>
              <span className="attempt-end">
                {attempt.signal ?? (attempt.exitCode === null ? '' : `exit ${attempt.exitCode}`)}
              </span>
              <span className="attempt-took">
                <Duration ms={tookMs(attempt)} />
              </span>
            </button>
          </li>
        ))}
      </ul>
      <AttemptOutput
        key={shown.attempt}
        run={detail.run}
        attempt={shown}
        live={live && shown === newest && shown.outcome === null}
      />
    </section>
  );
}

const tookMs = ({ startedAt, finishedAt }: Attempt): number | null =>
  finishedAt === null ? null : Date.parse(finishedAt) - Date.parse(startedAt);

function AttemptOutput({
  run,
  attempt,
  live,
}: {
  readonly run: string;
  readonly attempt: Attempt;
  readonly live: boolean;
}) {
  const tail = useTail(run, attempt.attempt, live);
  // The signed log is the last word; the live text stands until it is here, or when it holds more.
  const text = attempt.output.length >= tail.text.length && !live ? attempt.output : tail.text;
  const cut = text === attempt.output ? attempt.truncated : tail.cut > 0;
  return (
    <div className="attempt-output">
      <p className="output-head">
        <span>Output</span>
        <span className="muted">{bytesText(live ? tail.total : attempt.outputBytes)}</span>
        {cut && <span className="chip">beginning cut off</span>}
        {live && (
          <StatusMark status="running">
            {tail.source === 'live' ? 'live from the machine' : 'waiting for the machine'}
          </StatusMark>
        )}
        <span className="muted output-isolation">{attempt.isolation}</span>
      </p>
      {live && tail.fault && <FaultLine fault={tail.fault} />}
      <OutputView
        text={text}
        none={live ? 'Nothing written so far.' : 'It wrote nothing.'}
        follow={live}
      />
      <p className="muted output-foot">
        Started <Time at={attempt.startedAt} as="clock" />
        {attempt.finishedAt && (
          <>
            , over <Time at={attempt.finishedAt} as="clock" />
          </>
        )}
      </p>
    </div>
  );
}

function bytesText(bytes: number): string {
  if (bytes < 1_024) return `${bytes} B`;
  return bytes < 1_048_576
    ? `${(bytes / 1_024).toFixed(1)} KB`
    : `${(bytes / 1_048_576).toFixed(1)} MB`;
}
