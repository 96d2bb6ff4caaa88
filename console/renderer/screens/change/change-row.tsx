// One schedule in a review: what becomes of its occurrences, on how many machines, and which fields are others.

import { inertLine } from '#console/renderer/screens/runs/inert-text.ts';
import { StatusGlyph } from '#console/renderer/ui/status-mark.tsx';
import { fullText } from '#console/renderer/ui/time-text.ts';
import type { OccurrenceChange } from '#console/views/planning.ts';
import type { ScheduleChange } from '#console/views.ts';
import { OccurrenceStrip, type StripProps } from './occurrence-strip.tsx';
import { useMarks } from './use-marks.ts';

const MARK: Readonly<Record<ScheduleChange['change'], string>> = {
  added: 'applied',
  changed: 'pending',
  removed: 'cancelled',
  unchanged: 'planned',
};

export interface ChangeRowProps {
  readonly change: ScheduleChange;
  readonly occurrences: OccurrenceChange | undefined;
  readonly fromAt: number;
  readonly toAt: number;
  /** The file to come; undefined when its stream is removed. */
  readonly text: string | undefined;
}

export function ChangeRow({ change, occurrences, fromAt, toAt, text }: ChangeRowProps) {
  return (
    <article className="change-row" aria-label={`${change.schedule}: ${change.change}`}>
      <header className="change-row-head">
        <StatusGlyph status={MARK[change.change]} />
        <h3>{change.schedule}</h3>
        <span className={`change-word change-${change.change}`}>{change.change}</span>
        {occurrences && <Machines machines={occurrences.machines} />}
        <span className="spacer" />
        {occurrences && <Counts occurrences={occurrences} />}
      </header>
      {occurrences && hasMoves(occurrences) && (
        <>
          <Strip change={occurrences} text={text} fromAt={fromAt} toAt={toAt} />
          <Examples occurrences={occurrences} />
        </>
      )}
      {change.fields.length > 0 && <Fields change={change} />}
    </article>
  );
}

function Strip(props: Omit<StripProps, 'marks'> & { readonly text: string | undefined }) {
  const { change, text, fromAt, toAt } = props;
  const marks = useMarks({
    schedule: `${change.stream}/${change.schedule}`,
    wasThere: change.change !== 'added',
    text: change.change === 'removed' ? undefined : text,
    fromAt,
    toAt,
  });
  return <OccurrenceStrip change={change} marks={marks} fromAt={fromAt} toAt={toAt} />;
}

const hasMoves = ({ starts, stops, moves }: OccurrenceChange): boolean =>
  starts.count + stops.count + moves.count > 0;

function Machines({ machines }: { readonly machines: OccurrenceChange['machines'] }) {
  const { before, after } = machines;
  const text = before === after ? `${after}` : `${before} → ${after}`;
  return (
    <span className="muted">
      {text} {after === 1 && before === after ? 'machine' : 'machines'}
    </span>
  );
}

function Counts({ occurrences }: { readonly occurrences: OccurrenceChange }) {
  const { starts, stops, moves, before, after, exact } = occurrences;
  const most = exact ? '' : 'at most ';
  return (
    <span className="change-counts">
      {starts.count > 0 && (
        <span className="count-start">
          +{most}
          {number(starts.count)} start
        </span>
      )}
      {stops.count > 0 && (
        <span className="count-stop">
          −{most}
          {number(stops.count)} stop
        </span>
      )}
      {moves.count > 0 && <span className="count-move">⇄ {number(moves.count)} move</span>}
      {starts.count + stops.count + moves.count === 0 && <span className="muted">same times</span>}
      <span className="muted">
        {before === after ? number(after) : `${number(before)} → ${number(after)}`} per machine
      </span>
    </span>
  );
}

const EXAMPLES = 3;

function Examples({ occurrences }: { readonly occurrences: OccurrenceChange }) {
  const { starts, stops, moves } = occurrences;
  const text = (at: string): string => fullText(Date.parse(at));
  return (
    <dl className="examples">
      {starts.first.length > 0 && (
        <Example
          word="starts"
          items={starts.first.slice(0, EXAMPLES).map(text)}
          count={starts.count}
        />
      )}
      {stops.first.length > 0 && (
        <Example
          word="stops"
          items={stops.first.slice(0, EXAMPLES).map(text)}
          count={stops.count}
        />
      )}
      {moves.first.length > 0 && (
        <Example
          word="moves"
          items={moves.first
            .slice(0, EXAMPLES)
            .map(({ from, to }) => `${text(from)} → ${text(to)}`)}
          count={moves.count}
        />
      )}
    </dl>
  );
}

function Example({
  word,
  items,
  count,
}: {
  readonly word: string;
  readonly items: readonly string[];
  readonly count: number;
}) {
  return (
    <div className="example">
      <dt className="muted">{word}</dt>
      <dd>
        {items.map((item) => (
          <span key={item} className="example-time">
            {item}
          </span>
        ))}
        {count > items.length && (
          <span className="muted">and {number(count - items.length)} more</span>
        )}
      </dd>
    </div>
  );
}

function Fields({ change }: { readonly change: ScheduleChange }) {
  return (
    <table className="fields">
      <caption className="visually-hidden">Changed fields of {change.schedule}</caption>
      <tbody>
        {change.fields.map(({ path, from, to }) => (
          <tr key={path}>
            <th scope="row">{path}</th>
            <td className="field-from">{from === null ? <i>nothing</i> : inertLine(from)}</td>
            <td aria-hidden="true">→</td>
            <td className="field-to">{to === null ? <i>nothing</i> : inertLine(to)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const number = (n: number): string => new Intl.NumberFormat('en').format(n);
