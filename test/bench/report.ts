// How results are told: lines and a table for people, JSON for programs, docs/benchmarks.md for later readers.
import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import Database from 'better-sqlite3';
import type { Goal } from './figure.ts';
import type { Spread, Verdict } from './measure.ts';
import { MARGIN } from './measure.ts';

export interface RunFacts {
  readonly date: string;
  readonly quick: boolean;
  readonly repeats: number;
  readonly seconds: number;
  readonly machine: readonly string[];
  /** Figures that could not be measured, and why. */
  readonly failed: readonly { readonly id: string; readonly why: string }[];
}

/** What the machine is, without what it is called. */
export function machineFacts(fileSystem: string): readonly string[] {
  const [cpu] = cpus();
  const sqlite = new Database(':memory:');
  const version = sqlite.prepare('SELECT sqlite_version()').pluck().get();
  sqlite.close();
  return [
    `${cpus().length} × ${cpu?.model.trim() ?? 'unknown processor'}, ${Math.round(totalmem() / 1e9)} GB`,
    `${osName()}, ${fileSystem}`,
    `Node ${process.versions.node}, SQLite ${version}`,
  ];
}

function osName(): string {
  try {
    const release = readFileSync('/etc/os-release', 'utf8');
    return /^PRETTY_NAME="?([^"\n]+)/m.exec(release)?.[1] ?? process.platform;
  } catch {
    return process.platform;
  }
}

export function describeGoal(goal: Goal, unit: string): string {
  if ('atLeast' in goal) return `≥ ${goal.atLeast} ×`;
  return goal.kind === 'ratio' ? `≤ ${goal.atMost} ×` : `≤ ${goal.atMost} ${unit}`;
}

/** Three significant digits, whole numbers beyond. */
export const number = (value: number): string =>
  Math.abs(value) >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));

const spreadText = (spread: Spread, unit: string): string =>
  `${number(spread.median)} ${unit} (${number(spread.min)} to ${number(spread.max)})`;

/** A few lines for the terminal, once a figure is measured. */
export function verdictText(verdict: Verdict): string {
  const { figure, ours, reference, ratio, measured } = verdict;
  const { id, name, unit, goal } = figure;
  const lines = [
    `${id.padEnd(4)} ${name}`,
    `     ours       ${spreadText(ours, unit)}`,
    `     reference  ${spreadText(reference, unit)}: ${figure.reference}`,
    `     ratio      ${ratioText(ratio)}; goal ${describeGoal(goal, unit)}: ${stateText(verdict)}`,
  ];
  if (measured.notes.length > 0) lines.push(`     also       ${measured.notes.join('; ')}`);
  return lines.join('\n');
}

/** A reference that reads nothing at all gives no ratio. */
const ratioText = (ratio: number): string => (Number.isFinite(ratio) ? `${number(ratio)} ×` : '–');
const stateText = ({ state, reason }: Verdict): string =>
  reason === null ? state : `${state}: ${reason}`;

/** The whole of docs/benchmarks.md. */
export function markdown(verdicts: readonly Verdict[], facts: RunFacts): string {
  const rows = verdicts.map(({ figure, ours, reference, ratio, state }) =>
    [
      figure.id,
      figure.name,
      spreadText(ours, figure.unit),
      `${spreadText(reference, figure.unit)}: ${figure.reference}`,
      ratioText(ratio),
      describeGoal(figure.goal, figure.unit),
      state,
    ].join(' | '),
  );
  const short = verdicts.filter(({ reason }) => reason !== null);
  return `# Benchmarks

Written by \`npm run bench\` on ${facts.date}; do not edit. ${facts.quick ? '**A quick run with fewer repeats.** ' : ''}It took ${Math.round(facts.seconds)} s.

${facts.machine.map((line) => `- ${line}`).join('\n')}

Each figure stands beside a reference measured in the same run, in turn with it, ${facts.repeats} times; the numbers are medians with minimum and maximum.
Only the ratio counts: the same machine is twice as fast or slow at another hour. A goal missed by less than ${MARGIN * 100} % counts as met within the margin.

| | figure | ours | reference | ratio | goal | |
|---|---|---|---|---|---|---|
${rows.map((row) => `| ${row} |`).join('\n')}
${short.length > 0 ? `\n## Short, and why\n\n${short.map(({ figure, reason }) => `- **${figure.id} ${figure.name}**: ${reason}.`).join('\n')}\n` : ''}${failedText(facts)}
## How each is measured

${verdicts.map(({ figure, measured }) => `- **${figure.id}** ${figure.how}${measured.notes.length > 0 ? ` Seen in this run: ${measured.notes.join('; ')}.` : ''}`).join('\n')}
`;
}

const failedText = ({ failed }: RunFacts): string =>
  failed.length === 0
    ? ''
    : `\n## Not measured\n\n${failed.map(({ id, why }) => `- **${id}**: ${why.split('\n')[0]}`).join('\n')}\n`;

/** One JSON value for programs. */
export const json = (verdicts: readonly Verdict[], facts: RunFacts): string =>
  JSON.stringify(
    {
      ...facts,
      figures: verdicts.map(({ figure, measured, ours, reference, ratio, state, reason }) => ({
        ...{ id: figure.id, name: figure.name, unit: figure.unit, goal: figure.goal },
        ...{ ours, reference, ratio, state, reason },
        ...{ samples: measured.samples, notes: measured.notes },
      })),
    },
    null,
    2,
  );
