// Why did it run, or not? One or two plain sentences for every way an occurrence can stand or end.
import type { LedgerEntry, RunDetail } from '#console/views.ts';
import { formatInstant } from '#shared/ids.ts';
import type { RunState, SkipReason } from '#shared/run/ledger.ts';
import { compileTrigger, describeTrigger } from '#shared/time/occurrences.ts';
import { isLost, type Situation } from './why-situation.ts';

/** The sentence for one nominal instant of one schedule on one machine. Every branch says what is so, then why. */
export function explain(situation: Situation): string {
  const { schedule, agent, at, segment, entry, run } = situation;
  const it = `${schedule} on ${agent} at ${formatInstant(at)}`;
  if (!segment) return `${it} was not planned: ${absence(situation)}`;
  const compiled = compileTrigger(segment.spec.trigger);
  const planned = compiled.ok && compiled.value.next(at - 1)?.at === at;
  if (compiled.ok && !planned) {
    const before = compiled.value.previous(at)?.at;
    const after = compiled.value.next(at)?.at;
    const near = [before, after].flatMap((near) =>
      near === undefined ? [] : [formatInstant(near)],
    );
    const where = near.length === 0 ? '' : ` The nearest occurrences are ${near.join(' and ')}.`;
    return `${it} was not planned: ${describeTrigger(segment.spec.trigger)} does not fire then.${where}`;
  }
  return entry ? `${it} ${ended(entry, run)}` : `${it} ${silent(situation)}`;
}

function absence({ schedule, agent, at, firstAt, removed }: Situation): string {
  if (firstAt === null) return `${agent} never had the schedule ${schedule}.`;
  if (at <= firstAt) {
    return `the schedule came into force on this machine after ${formatInstant(firstAt)}.`;
  }
  return removed
    ? 'the schedule was no longer on this machine then.'
    : 'the schedule was not on this machine then.';
}

/** No row: still to come, not yet told, lost by a record, or missing. */
function silent(situation: Situation): string {
  const { at, nowAt, cursorAt, agent, online } = situation;
  if (at > nowAt) return 'is still to come.';
  if (cursorAt === null || at > cursorAt) {
    const told = cursorAt === null ? 'nothing yet' : `only up to ${formatInstant(cursorAt)}`;
    const link = online
      ? 'It is connected, so its report should come soon.'
      : 'It is not connected now; it may have run.';
    return `is unknown, which is not missed: ${agent} has reported ${told}. ${link}`;
  }
  if (isLost(situation)) {
    return 'has no account any more: that part of the log is lost, and recorded as lost. The machine had to drop it, or this console was restored from an older backup.';
  }
  return 'has no account although the machine reported that time. That should not be: run `muster ledger --check` and `muster verify`.';
}

function ended(entry: LedgerEntry, run: RunDetail | null): string {
  switch (entry.disposition) {
    case 'pending':
      return `is pending: it is planned and waits to start; it is due at ${entry.due}.`;
    case 'starting':
    case 'ran':
      return run ? ran(run) : 'was started; how it went is not yet reported.';
    case 'coalesced':
      return `did not run by itself: several occurrences were late together, and under catch-up \`latest\` one stands for all, ${entry.reason ?? 'a later one'}.`;
    case 'expired':
      return `expired: it could not start before its deadline; it was due at ${entry.due}.`;
    case 'superseded':
      return 'was superseded: a new revision of the schedule came while it waited to start.';
    case 'skipped':
      return `was skipped: ${skipped(entry)}`;
  }
}

function skipped({ reason, detail }: LedgerEntry): string {
  const known = reason !== null && reason in SKIPPED ? SKIPPED[reason as SkipReason] : undefined;
  return known
    ? known(detail)
    : `${reason ?? 'no reason was given'}${detail === null ? '' : ` (${detail})`}.`;
}

const SKIPPED: Readonly<Record<SkipReason, (detail: string | null) => string>> = {
  overlap: (run) =>
    `the run before was still going${run === null ? '' : ` (${run})`}, and overlap is \`skip\`.`,
  paused: (by) =>
    by === 'document'
      ? 'the schedule is paused in its document.'
      : `the schedule was paused by a command${by === null ? '' : ` (${by})`}.`,
  calendar: (name) => `the calendar${name === null ? '' : ` ${name}`} was closed then.`,
  'catch-up': () => 'the machine was late for it, and catch-up is `none`.',
  limit: () => 'more occurrences were late than the catch-up limit allows; the newest were run.',
  condition: (what) => `a condition was not met in time${what === null ? '' : `: ${what}`}.`,
  held: (why) =>
    `the machine was on hold${why === null ? '' : ` (${why})`} and started nothing until released.`,
  vetoed: (code) =>
    `the machine's own policy forbids the job${code === null ? '' : ` (${code})`}. \`muster-agent explain\` there says which rule.`,
  lease: () => 'the machine had not heard from its console for longer than its lease.',
  suspended: () =>
    'its document was suspended because a key that signed it was revoked as compromised.',
  clock: () => 'the machine could not trust its clock then.',
  lock: (name) => `the lock${name === null ? '' : ` ${name}`} was held by another job.`,
  'not-owner': () => 'another machine of its group was to run it.',
};

function ran(run: RunDetail): string {
  const tries = run.attempts > 1 ? ` in ${run.attempts} attempts` : '';
  return `${started(run)}${OUTCOME[run.state](run, tries)}`;
}

function started({ startedAt, latenessMs, cause }: RunDetail): string {
  if (startedAt === null) return 'was started';
  const late = latenessMs === null ? '' : `, ${duration(Math.max(0, latenessMs))} after it was due`;
  const caught = cause === 'catch-up' ? ' to catch up' : '';
  return `ran${caught}: it started at ${startedAt}${late}`;
}

const exit = ({ exitCode }: RunDetail): string =>
  exitCode === null ? '' : ` with exit code ${exitCode}`;
const ending = ({ finishedAt }: RunDetail): string =>
  finishedAt === null ? '' : ` at ${finishedAt}`;

const OUTCOME: Readonly<Record<RunState, (run: RunDetail, tries: string) => string>> = {
  starting: () => '; its process is being started.',
  running: () => ' and is running, as far as the machine has reported.',
  retrying: (run) => `; attempt ${run.attempts} did not succeed${exit(run)}, and another follows.`,
  succeeded: (run, tries) => ` and succeeded${tries}${ending(run)}.`,
  failed: (run, tries) => ` and failed${tries}${exit(run)}${ending(run)}.`,
  'timed-out': (run, tries) =>
    ` and was stopped${tries}${ending(run)} because it ran past its timeout.`,
  cancelled: (run) => ` and was cancelled by a command${ending(run)}.`,
  lost: () =>
    '; how it ended is lost: the machine or its launcher died, and no exit was recorded. It was neither called a success nor run again.',
};

/** `340 ms`, `12 s`, `3 min`, `2.5 h`. */
function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 120_000) return `${Math.round(ms / 1_000)} s`;
  if (ms < 7_200_000) return `${Math.round(ms / 60_000)} min`;
  return `${Math.round(ms / 360_000) / 10} h`;
}
